import type { Kernel } from '../base/kernel';
import type { Hypervisor } from '../hypervisor';
import { EvidenceLine, lineOfAccess, lineOfEntry, lineOfTrace, type LineKind } from './evidence-line';

/** What was done and what happened, in order: the operations, the core's steps, the events, the host's call log. */
export class Evidence {
  readonly #lines: EvidenceLine[] = [];
  readonly #isKept: boolean;
  #leaveHost: readonly (() => void)[] = [];

  /** @param isKept false: nothing is written down */
  constructor(isKept = true) {
    this.#isKept = isKept;
  }

  /** Writes down from now on what this host is asked for, in place of an earlier one. */
  watchHost(hypervisor: Hypervisor): void {
    if (!this.#isKept) return;
    for (const leave of this.#leaveHost) leave();
    const { log } = hypervisor;
    this.#leaveHost = [
      log.onEntry((entry) => this.#put(lineOfEntry(entry))),
      log.onExit((event) => this.#put(lineOfAccess(event))),
    ];
  }

  /** Everything until now. */
  get lines(): readonly EvidenceLine[] {
    return this.since(0);
  }

  /** Writes down from now on what this kernel does. */
  watch(kernel: Kernel): void {
    if (!this.#isKept) return;
    const who = kernel.name;
    kernel.trace.subscribe((event) => {
      const line = lineOfTrace(who, event);
      if (line !== null) this.#put(line);
    });
    kernel.uevents.subscribe(({ action, devpath }) => {
      this.#put(new EvidenceLine('uevent', who, () => `${who}: uevent ${action}@${devpath}`));
    });
  }

  /** An operation of the experiment. */
  act(who: string, what: string): void {
    this.add(who, `$ ${what}`, 'operation');
  }

  /** A remark: what the experiment saw or counted. */
  add(who: string, text: string, kind: LineKind = 'remark'): void {
    this.#put(new EvidenceLine(kind, who, () => `${who}: ${text}`));
  }

  /** A place in the record, for {@link since}. */
  mark(): number {
    return this.#lines.length;
  }

  /** What was written down after a mark. */
  since(mark: number): readonly EvidenceLine[] {
    return this.#lines.slice(mark);
  }

  #put(line: EvidenceLine): void {
    if (this.#isKept) this.#lines.push(line);
  }
}
