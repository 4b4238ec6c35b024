import { INSTRUCTION } from '../../buses/ccw';
import { MACHINE } from '../../buses/vpci/layout';
import type { Guest } from '../../lib/hypervisor';
import type { MaySleep } from '../../lib/may-sleep';
import { Mutex } from '../../lib/world/mutex';
import type { Task } from '../../lib/world/task';

/**
 * Operations of a guest between which a host can act:
 *
 * - `config`: an access to PCI configuration space
 * - `register`: any other access to device memory
 * - `hypercall`: a call of the host; on ccw each instruction is one
 * - `program`: START SUBCHANNEL, which starts a channel program
 * - `ring`: a number that is read or written in guest memory, as in the rings of a queue
 * - `lock`: a sleeping lock is taken
 * - `switch`: a task starts to run
 */
export type StepKind = 'config' | 'register' | 'hypercall' | 'program' | 'ring' | 'lock' | 'switch';

/** One operation of a guest, as far as its kind has these. */
export interface GuestStep {
  readonly kind: StepKind;
  /** `read` or `write`; the lock's or the task's name. */
  readonly what: string;
  /** Device memory: the address. Ring: the address in guest memory. Hypercall: its number. */
  readonly at: number;
  readonly width?: number;
  readonly value?: number | bigint;
  readonly args?: readonly unknown[];
}

/** Which operation is waited for. */
export interface Moment {
  readonly kind: StepKind;
  /** Only operations for which this is true count. */
  readonly matches?: (step: GuestStep) => boolean;
  /** The how-manieth of them, from 1; default 1. */
  readonly nth?: number;
  /** At the operation itself rather than when it is done, so that it already sees what `act` did. */
  readonly before?: boolean;
}

/** A wait for a {@link Moment}. */
export interface Between {
  /** Operations that have counted so far. */
  readonly seen: number;
  /** Has the moment come? */
  readonly fired: boolean;
  /** Ends the wait, if the moment has not come. */
  stop(): void;
}

type Listener = (step: GuestStep, before: boolean) => void;

/**
 * Lets the host act exactly between two steps of a guest: `act` is called once, within the guest's n-th operation of a
 * kind, and the guest continues when it returns. `act` may call anything of the host; it may not sleep. An exception of
 * it is thrown by the guest's operation.
 *
 * Operations of the host do not count: a device's accesses to the rings are distinguished by the context (a task or an
 * interrupt handler of the guest, and no access to the host in progress).
 */
export function between(guest: Guest, moment: Moment, act: () => void): Between {
  const { kind, matches = () => true, nth = 1, before: wantsBefore = false } = moment;
  const state = { seen: 0, fired: false };
  const stop = listen(guest, (step, before) => {
    if (step.kind !== kind || before !== wantsBefore || state.fired || !matches(step)) return;
    state.seen += 1;
    if (state.seen !== nth) return;
    state.fired = true;
    stop();
    act();
  });
  return {
    get seen() {
      return state.seen;
    },
    get fired() {
      return state.fired;
    },
    stop,
  };
}

/**
 * Tries every moment of a kind: calls `body` with 1, 2, 3, ... for {@link Moment.nth} until the wait that it returns
 * has not fired. The body makes a world of its own each time.
 *
 * @returns at how many moments something was done; at least one, or it throws
 */
export async function eachMoment(body: (nth: number) => MaySleep<Between>, limit = 1000): Promise<number> {
  for (let nth = 1; nth <= limit; nth++) {
    const wait = await body(nth);
    if (wait.fired) continue;
    wait.stop();
    if (nth === 1) throw new Error('the guest never did what was waited for');
    return nth - 1;
  }
  throw new Error(`more than ${String(limit)} moments`);
}

/** The listeners of a guest; without any the guest is not instrumented. */
const watches = new Map<Guest, Watch>();

function listen(guest: Guest, listener: Listener): () => void {
  const watch = watches.get(guest) ?? new Watch(guest);
  watches.set(guest, watch);
  watch.listeners.add(listener);
  return () => {
    watch.listeners.delete(listener);
    if (watch.listeners.size > 0 || watches.get(guest) !== watch) return;
    watches.delete(guest);
    watch.restore();
  };
}

const RING_READS = ['getU8', 'getU16', 'getU32', 'getU64'] as const;
const RING_WRITES = ['setU8', 'setU16', 'setU32', 'setU64'] as const;

/** Puts itself before a guest's doors: port, numbers in memory, interrupt entry, locks, and the task in motion. */
class Watch {
  readonly listeners = new Set<Listener>();
  readonly #guest: Guest;
  readonly #undo: (() => void)[] = [];
  /** Is the guest's interrupt handler at work? */
  #inEntry = 0;
  /** Is the host at work for the guest? */
  #inHost = 0;

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#watchPort();
    this.#watchMemory();
    this.#watchEntry();
    this.#watchLocks();
    this.#watchTasks();
  }

  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  /** An operation with the listeners called before and after it. */
  #step<T>(step: GuestStep, operation: () => T): T {
    if (this.#inHost > 0 || (this.#inEntry === 0 && this.#guest.world.current === null)) return operation();
    this.#tell(step, true);
    const result = operation();
    this.#tell(step, false);
    return result;
  }

  #tell(step: GuestStep, before: boolean): void {
    this.#asHost(() => {
      for (const listener of [...this.listeners]) listener(step, before);
    });
  }

  #asHost<T>(work: () => T): T {
    this.#inHost += 1;
    try {
      return work();
    } finally {
      this.#inHost -= 1;
    }
  }

  #watchPort(): void {
    const { port } = this.#guest;
    const kindOf = (at: number): StepKind => (isConfigSpace(at) ? 'config' : 'register');
    this.#shadow(
      port,
      'read',
      (read) => (at, width) =>
        this.#step({ kind: kindOf(at), what: 'read', at, width }, () => this.#asHost(() => read(at, width))),
    );
    this.#shadow(
      port,
      'write',
      (write) => (at, width, value) =>
        this.#step({ kind: kindOf(at), what: 'write', at, width, value }, () =>
          this.#asHost(() => write(at, width, value)),
        ),
    );
    this.#shadow(port, 'hypercall', (call) => (nr, args) => {
      const step: GuestStep = { kind: 'hypercall', what: 'call', at: nr, args };
      const serve = (): ReturnType<typeof call> => this.#step(step, () => this.#asHost(() => call(nr, args)));
      return nr === INSTRUCTION.SSCH ? this.#step({ ...step, kind: 'program' }, serve) : serve();
    });
  }

  #watchMemory(): void {
    const { memory } = this.#guest;
    for (const name of RING_READS) {
      this.#shadow<Record<string, (at: number) => number | bigint>, string>(
        memory as never,
        name,
        (get) => (at) => this.#step({ kind: 'ring', what: 'read', at }, () => get(at)),
      );
    }
    for (const name of RING_WRITES) {
      this.#shadow<Record<string, (at: number, value: never) => void>, string>(
        memory as never,
        name,
        (set) => (at, value) => this.#step({ kind: 'ring', what: 'write', at, value }, () => set(at, value)),
      );
    }
  }

  /** The entry that is set, or will be. */
  #watchEntry(): void {
    const guest = this.#guest;
    let entry = guest.entry;
    const called: NonNullable<typeof entry> = (vector, value) => {
      this.#inEntry += 1;
      try {
        entry?.(vector, value);
      } finally {
        this.#inEntry -= 1;
      }
    };
    const get = (): typeof entry => (entry === null ? null : called);
    Object.defineProperty(guest, 'entry', { configurable: true, get, set: (value: typeof entry) => (entry = value) });
    this.#undo.push(() => void Object.defineProperty(guest, 'entry', { ...PLAIN, value: entry }));
  }

  #watchLocks(): void {
    const { world } = this.#guest;
    const step = this.#step.bind(this);
    this.#shadow(
      Mutex.prototype,
      'lock',
      (lock) =>
        function (this: Mutex, inWorld, what, of) {
          const take = (): MaySleep<void> => lock.call(this, inWorld, what, of);
          return inWorld === world ? step({ kind: 'lock', what, at: 0 }, take) : take();
        },
    );
  }

  #watchTasks(): void {
    const { world } = this.#guest;
    let { current } = world;
    const set = (task: Task | null): void => {
      current = task;
      if (task !== null) this.#step({ kind: 'switch', what: task.name, at: 0 }, () => undefined);
    };
    Object.defineProperty(world, 'current', { configurable: true, get: () => current, set });
    this.#undo.push(() => void Object.defineProperty(world, 'current', { ...PLAIN, value: current }));
  }

  /**
   * Replaces a method until {@link restore}; `wrap` gets the one before, bound to `target` unless it is called on
   * another.
   */
  #shadow<T extends object, K extends keyof T>(target: T, name: K, wrap: (method: T[K]) => T[K]): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    const before = target[name] as T[K] & ((...args: never[]) => unknown);
    const method = target === (Mutex.prototype as object) ? before : (before.bind(target) as T[K]);
    Object.defineProperty(target, name, { ...PLAIN, value: wrap(method) });
    this.#undo.push(() => {
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, own);
    });
  }
}

const PLAIN = { configurable: true, enumerable: true, writable: true } as const;

function isConfigSpace(address: number): boolean {
  return address >= MACHINE.ECAM && address < MACHINE.ECAM + 256 * MACHINE.ECAM_BUS;
}
