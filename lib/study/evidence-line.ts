import { formatEntry, type ExitEvent, type LogEntry } from '../hypervisor';
import type { TraceEvent } from '../trace';

/** What a line of evidence tells of, the most telling first. */
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
export function lineOfEntry(entry: LogEntry): EvidenceLine {
  const { kind, claims, refused, guest, name } = entry;
  const telling = kind !== 'hypercall' || claims !== undefined || refused !== undefined;
  return new EvidenceLine(telling ? 'claim' : 'call', guest ?? 'host', () => `host: ${formatEntry(entry)}`, name);
}

export function lineOfAccess({ time, guest, kind, width, address, value }: ExitEvent): EvidenceLine {
  const [where, what] = [address, value].map((n) => `0x${n.toString(16)}`);
  const text = (): string =>
    `host: [${String(time)} ns] ${guest}: ${kind} ${String(width)} at ${where ?? ''}: ${what ?? ''}`;
  return new EvidenceLine('access', guest, text);
}

/** Only what an argument about binding needs: steps of the ladders are left out. */
export function lineOfTrace(who: string, event: TraceEvent): EvidenceLine | null {
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
