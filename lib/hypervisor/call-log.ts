import { LogRing } from '../log-ring';
import type { World } from '../world/index';
import type { Crossing, Width } from './port';

/** One line of the hypervisor's log. */
export interface LogEntry {
  readonly kind: 'hypercall' | 'claim' | 'refusal' | 'warning' | 'error';
  /** World time in ns at which it began. */
  readonly time: number;
  /** Name of the guest; null where no guest is concerned. */
  readonly guest: string | null;
  /** Number and name of the hypercall. */
  readonly nr?: number;
  readonly name?: string;
  /** The first 64 of each, and of bytes the first 4096. */
  readonly args?: readonly Crossing[];
  /** 0 or negative. */
  readonly status?: number;
  readonly values?: readonly Crossing[];
  /** How many arguments and values were left out. */
  readonly omitted?: number;
  /** Claims that began or ended, e.g. `claims disk0`; where a hypercall did it, in its line. */
  readonly claims?: readonly string[];
  /** Why the host refused, in a sentence that names guest and thing. */
  readonly refused?: string;
  /** What is wrong inside the host; in an error, where a device model or a hypercall threw `error`. */
  readonly message?: string;
  readonly error?: unknown;
}

/** One MMIO access, for listeners. */
export interface ExitEvent {
  readonly time: number;
  readonly guest: string;
  readonly kind: 'read' | 'write';
  readonly address: number;
  readonly width: Width;
  readonly value: number;
  /** False if the address is not mapped. */
  readonly claimed: boolean;
}

const KEPT_VALUES = 64;
const KEPT_BYTES = 4096;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A hypercall that is being served: its line stands in the log, its result comes with {@link CallLog.endCall}. */
export type OpenCall = Writable<LogEntry>;

/**
 * The log of the hypervisor: each hypercall, each refusal, each error of the host's own parts, in order. The oldest
 * lines are dropped when there are too many; a listener gets all of them.
 */
export class CallLog {
  readonly #world: World;
  readonly #ring: LogRing<LogEntry>;
  readonly #listeners = new Set<(event: ExitEvent) => void>();
  readonly #readers = new Set<(entry: LogEntry) => void>();
  /** Lines that the readers have not had: behind a hypercall that is being served. */
  #unread: LogEntry[] = [];
  /** How often each guest was refused something. */
  readonly #refusals = new Map<string | null, number>();
  #open: OpenCall | null = null;

  /**
   * @param limit how many lines are kept
   * @throws RangeError unless that is a whole number from 1 on
   */
  constructor(world: World, limit: number) {
    this.#world = world;
    this.#ring = new LogRing(limit);
  }

  /** The lines that are kept. */
  get entries(): readonly LogEntry[] {
    return this.#ring.entries;
  }

  /** How many lines were dropped: entries before the first that is kept. */
  get dropped(): number {
    return this.#ring.dropped;
  }

  /** The hypercalls, of all guests or of one. */
  calls(guest?: string): readonly LogEntry[] {
    return this.entries.filter((e) => e.kind === 'hypercall' && (guest === undefined || e.guest === guest));
  }

  /** Everything that was refused, be it a hypercall or another access. */
  get refusals(): readonly LogEntry[] {
    return this.entries.filter((entry) => entry.refused !== undefined);
  }

  /** How much was ever refused, to all guests or to one: lines that were dropped count. */
  countRefusals(guest?: string): number {
    if (guest !== undefined) return this.#refusals.get(guest) ?? 0;
    return [...this.#refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  /** What the host's own parts threw. */
  get errors(): readonly LogEntry[] {
    return this.entries.filter((entry) => entry.error !== undefined);
  }

  /** Keeps a refusal: in the line of the guest's hypercall if one is being served, else in a line of its own. */
  refuse(guest: string | null, what: string, status: number): void {
    const open = this.#open;
    this.#refusals.set(guest, (this.#refusals.get(guest) ?? 0) + 1);
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

  /** Keeps that a part of the host does not behave, and what is done about it. */
  warn(guest: string | null, message: string): void {
    this.#add({ kind: 'warning', guest, message });
  }

  /** Logs an exception of a part of the host. */
  fail(guest: string | null, message: string, error: unknown): void {
    this.#add({ kind: 'error', guest, message, error });
  }

  /** Opens the line of a hypercall; what is kept of the arguments is a copy. */
  beginCall(guest: string, nr: number, name: string, args: readonly Crossing[]): OpenCall {
    const call: OpenCall = this.#lineOf({ kind: 'hypercall', guest, nr, name, args: kept(args), ...omitting(args) });
    this.#open = call;
    this.#keep(call);
    return call;
  }

  endCall(call: OpenCall, status: number, values: readonly Crossing[]): void {
    call.status = status;
    call.values = kept(values);
    if (values.length > KEPT_VALUES) call.omitted = (call.omitted ?? 0) + values.length - KEPT_VALUES;
    this.#open = null;
    this.#notifyReaders();
  }

  /** Has `listener` called for each MMIO access; gives what ends that. */
  onExit(listener: (event: ExitEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Has `reader` called with each line from now on, in order, when it is complete; gives what ends that. */
  onEntry(reader: (entry: LogEntry) => void): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }

  /** Calls the listeners; the event is only made if there are any. */
  exit(make: () => ExitEvent): void {
    if (this.#listeners.size === 0) return;
    const event = make();
    for (const listener of this.#listeners) listener(event);
  }

  /** Forgets all lines. */
  clear(): void {
    this.#ring.clear();
  }

  #lineOf(line: Omit<LogEntry, 'time'>): LogEntry {
    return { time: this.#world.now, ...line };
  }

  #add(line: Omit<LogEntry, 'time'>): void {
    this.#keep(this.#lineOf(line));
    if (this.#open === null) this.#notifyReaders();
  }

  #keep(entry: LogEntry): void {
    this.#ring.push(entry);
    if (this.#readers.size > 0) this.#unread.push(entry);
  }

  #notifyReaders(): void {
    const unread = this.#unread;
    if (unread.length === 0) return;
    this.#unread = [];
    for (const entry of unread) for (const reader of this.#readers) reader(entry);
  }
}

/** A line of the log as people read it. */
export function formatEntry(entry: LogEntry): string {
  const head = `[${String(entry.time)} ns] ${entry.guest ?? 'host'}: `;
  if (entry.kind === 'error') return `${head}${entry.message ?? ''}: ${String(entry.error)}`;
  if (entry.kind === 'warning') return head + (entry.message ?? '');
  const refused = entry.refused === undefined ? '' : `refused: ${entry.refused}`;
  if (entry.kind === 'refusal') return head + refused;
  const claims = entry.claims?.join(', ') ?? '';
  if (entry.kind === 'claim') return head + claims;
  const call = `${entry.name ?? ''}(${formatCrossings(entry.args)}) = ${String(entry.status)}`;
  const more = entry.omitted === undefined ? '' : ` and ${String(entry.omitted)} more`;
  const values = (entry.values?.length ? ` [${formatCrossings(entry.values)}]` : '') + more;
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

/** The part of a list that a line keeps: its length is the guest's choice. */
function kept(values: readonly Crossing[]): readonly Crossing[] {
  return values
    .slice(0, KEPT_VALUES)
    .map((value) => (value instanceof Uint8Array ? value.slice(0, KEPT_BYTES) : value));
}

function omitting({ length }: readonly Crossing[]): Pick<LogEntry, 'omitted'> {
  return length > KEPT_VALUES ? { omitted: length - KEPT_VALUES } : {};
}
