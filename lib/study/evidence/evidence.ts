import type { Kernel } from '../../base/kernel';
import { formatEntry, type ExitEvent, type Hypervisor, type LogEntry } from '../../hypervisor';
import type { TraceEvent } from '../../trace';

/** The kinds of lines of evidence, the most important first. */
export type LineKind = 'remark' | 'operation' | 'error' | 'claim' | 'driver' | 'match' | 'uevent' | 'call' | 'access';

/** One line of evidence. Its text is made when it is read: most are never shown. */
export class EvidenceLine {
  constructor(
    readonly kind: LineKind,
    /** Guest, user or host; in a line of the host's log the guest that it concerns. */
    readonly who: string,
    readonly say: () => string,
    /** Name of the hypercall, in the line of one. */
    readonly call?: string,
  ) {}

  toString(): string {
    return this.say();
  }
}

/** A line of the host's log: a claim or a refusal proves something, most other calls only that there was one. */
function lineOfEntry(entry: LogEntry): EvidenceLine {
  const { kind, claims, refused, guest, name } = entry;
  const telling = kind !== 'hypercall' || claims !== undefined || refused !== undefined;
  return new EvidenceLine(telling ? 'claim' : 'call', guest ?? 'host', () => `host: ${formatEntry(entry)}`, name);
}

function lineOfAccess({ time, guest, kind, width, address, value }: ExitEvent): EvidenceLine {
  const [where, what] = [address, value].map((n) => `0x${n.toString(16)}`);
  const text = (): string =>
    `host: [${String(time)} ns] ${guest}: ${kind} ${String(width)} at ${where ?? ''}: ${what ?? ''}`;
  return new EvidenceLine('access', guest, text);
}

/** Only what an argument about binding needs: steps of the ladders are left out. */
function lineOfTrace(who: string, event: TraceEvent): EvidenceLine | null {
  switch (event.kind) {
    case 'match':
      if (event.ret === 0) return null;
      return new EvidenceLine(
        'match',
        who,
        () => `${who}: match ${event.drv} ${event.dev} = ${String(event.ret)} (${event.fn})`,
      );
    case 'probe':
    case 'remove':
      return new EvidenceLine(
        'driver',
        who,
        () => `${who}: ${event.kind} ${event.drv} ${event.dev} = ${String(event.ret)} (${event.fn})`,
      );
    case 'defer':
    case 'retry':
      return new EvidenceLine('driver', who, () => `${who}: ${event.kind} ${event.dev} (${event.fn})`);
    default:
      return null;
  }
}

/** What was done and what happened, in order: the operations, the core's steps, the events, the host's call log. */
export class Evidence {
  readonly #lines: EvidenceLine[] = [];
  readonly #isKept: boolean;
  #leaveHost: readonly (() => void)[] = [];

  /** @param isKept false: nothing is written down */
  constructor(isKept = true) {
    this.#isKept = isKept;
  }

  /** Records from now on the calls of this host, in place of an earlier one. */
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
