import type { Kernel } from '../base/kernel';
import { formatEntry, type Hypervisor } from '../hypervisor';
import type { TraceEvent } from '../trace';

/** What was done and what happened, in order: the operations, the core's steps, the events, the host's call log. */
export class Evidence {
  readonly lines: string[] = [];
  readonly #isKept: boolean;
  #hypervisor: Hypervisor | null = null;
  #seen = 0;

  /** @param isKept false: nothing is written down */
  constructor(isKept = true) {
    this.#isKept = isKept;
  }

  /** Writes down from now on what this host is asked for, in place of an earlier one. */
  watchHost(hypervisor: Hypervisor): void {
    if (!this.#isKept) return;
    this.#takeCalls();
    this.#hypervisor = hypervisor;
    this.#seen = 0;
  }

  /** Writes down from now on what this kernel does. */
  watch(kernel: Kernel): void {
    if (!this.#isKept) return;
    kernel.trace.subscribe((event) => {
      const text = describe(event);
      if (text !== null) this.add(kernel.name, text);
    });
    kernel.uevents.subscribe((event) => this.add(kernel.name, `uevent ${event.action}@${event.devpath}`));
  }

  /** An operation of the experiment. */
  act(who: string, what: string): void {
    this.add(who, `$ ${what}`);
  }

  add(who: string, text: string): void {
    if (!this.#isKept) return;
    this.#takeCalls();
    this.lines.push(`${who}: ${text}`);
  }

  /** A place in the record, for {@link since}. */
  mark(): number {
    this.#takeCalls();
    return this.lines.length;
  }

  /** What was written down after a mark. */
  since(mark: number): string[] {
    this.#takeCalls();
    return this.lines.slice(mark);
  }

  #takeCalls(): void {
    const entries = this.#hypervisor?.log.entries ?? [];
    for (; this.#seen < entries.length; this.#seen++) {
      const entry = entries[this.#seen];
      if (entry !== undefined) this.lines.push(`host: ${formatEntry(entry)}`);
    }
  }
}

/** Only what an argument about binding needs: steps of the ladders are left out. */
function describe(event: TraceEvent): string | null {
  switch (event.kind) {
    case 'match':
      return event.ret === 0 ? null : `match ${event.drv} ${event.dev} = ${String(event.ret)} (${event.fn})`;
    case 'probe':
    case 'remove':
      return `${event.kind} ${event.drv} ${event.dev} = ${String(event.ret)} (${event.fn})`;
    case 'defer':
    case 'retry':
      return `${event.kind} ${event.dev} (${event.fn})`;
    default:
      return null;
  }
}
