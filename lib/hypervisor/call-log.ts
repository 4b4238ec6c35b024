import type { World } from '../world/index';
import type { Crossing, Width } from './port';

/** One line of the hypervisor's log. */
export interface LogEntry {
  readonly kind: 'hypercall' | 'claim' | 'refusal' | 'error';
  /** World time in ns at which it began. */
  readonly time: number;
  /** Name of the guest; null where no guest is concerned. */
  readonly guest: string | null;
  /** Number and name of the hypercall. */
  readonly nr?: number;
  readonly name?: string;
  readonly args?: readonly Crossing[];
  /** 0 or negative. */
  readonly status?: number;
  readonly values?: readonly Crossing[];
  /** Claims that began or ended, e.g. `claims disk0`; where a hypercall did it, in its line. */
  readonly claims?: readonly string[];
  /** Why the host refused, in a sentence that names guest and thing. */
  readonly refused?: string;
  /** What went wrong inside the host: a device model or a hypercall threw `error`. */
  readonly message?: string;
  readonly error?: unknown;
}

/** One MMIO access, for those who listen. */
export interface ExitEvent {
  readonly time: number;
  readonly guest: string;
  readonly kind: 'read' | 'write';
  readonly address: number;
  readonly width: Width;
  readonly value: number;
  /** False where nothing answered. */
  readonly claimed: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A hypercall that is being served: its line stands in the log, its result comes with {@link CallLog.endCall}. */
export type OpenCall = Writable<LogEntry>;

/** What the hypervisor remembers: each hypercall, each refusal, each error of the host's own parts, in order. */
export class CallLog {
  readonly #world: World;
  readonly #entries: LogEntry[] = [];
  readonly #listeners = new Set<(event: ExitEvent) => void>();
  #open: OpenCall | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** The hypercalls, of all guests or of one. */
  calls(guest?: string): readonly LogEntry[] {
    return this.#entries.filter((e) => e.kind === 'hypercall' && (guest === undefined || e.guest === guest));
  }

  /** Everything that was refused, be it a hypercall or another access. */
  get refusals(): readonly LogEntry[] {
    return this.#entries.filter((entry) => entry.refused !== undefined);
  }

  /** What the host's own parts threw. */
  get errors(): readonly LogEntry[] {
    return this.#entries.filter((entry) => entry.error !== undefined);
  }

  /** Keeps a refusal: in the line of the guest's hypercall if one is being served, else in a line of its own. */
  refuse(guest: string | null, what: string, status: number): void {
    const open = this.#open;
    if (open !== null && open.guest === guest && open.refused === undefined) open.refused = what;
    else this.#add({ kind: 'refusal', guest, status, refused: what });
  }

  /**
   * Keeps that a guest's claim began or ended: in the line of its hypercall if one is being served, else in one of its
   * own.
   */
  claim(guest: string, what: string): void {
    const open = this.#open;
    if (open !== null && open.guest === guest) open.claims = [...(open.claims ?? []), what];
    else this.#add({ kind: 'claim', guest, claims: [what] });
  }

  /** Keeps what a part of the host threw. */
  fail(guest: string | null, message: string, error: unknown): void {
    this.#add({ kind: 'error', guest, message, error });
  }

  /** Opens the line of a hypercall; byte arguments are copied. */
  beginCall(guest: string, nr: number, name: string, args: readonly Crossing[]): OpenCall {
    this.#open = this.#add({ kind: 'hypercall', guest, nr, name, args: args.map(copied) });
    return this.#open;
  }

  endCall(call: OpenCall, status: number, values: readonly Crossing[]): void {
    call.status = status;
    call.values = values.map(copied);
    this.#open = null;
  }

  /** Has `listener` called for each MMIO access; gives what ends that. */
  onExit(listener: (event: ExitEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells the listeners; the event is only made when there are any. */
  exit(make: () => ExitEvent): void {
    if (this.#listeners.size === 0) return;
    const event = make();
    for (const listener of this.#listeners) listener(event);
  }

  /** Forgets all lines. */
  clear(): void {
    this.#entries.length = 0;
  }

  #add(line: Omit<LogEntry, 'time'>): OpenCall {
    const entry: OpenCall = { time: this.#world.now, ...line };
    this.#entries.push(entry);
    return entry;
  }
}

/** A line of the log as people read it. */
export function formatEntry(entry: LogEntry): string {
  const head = `[${String(entry.time)} ns] ${entry.guest ?? 'host'}: `;
  if (entry.kind === 'error') return `${head}${entry.message ?? ''}: ${String(entry.error)}`;
  const refused = entry.refused === undefined ? '' : `refused: ${entry.refused}`;
  if (entry.kind === 'refusal') return head + refused;
  const claims = entry.claims?.join(', ') ?? '';
  if (entry.kind === 'claim') return head + claims;
  const call = `${entry.name ?? ''}(${formatCrossings(entry.args)}) = ${String(entry.status)}`;
  const values = entry.values?.length ? ` [${formatCrossings(entry.values)}]` : '';
  return [head + call + values, claims, refused].filter((part) => part !== '').join(', ');
}

function formatCrossings(values: readonly Crossing[] = []): string {
  return values.map(formatCrossing).join(', ');
}

function formatCrossing(value: Crossing): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const shown = [...value.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `<${shown}${value.length > 16 ? ` ... ${String(value.length)} bytes` : ''}>`;
}

function copied(value: Crossing): Crossing {
  return value instanceof Uint8Array ? value.slice() : value;
}
