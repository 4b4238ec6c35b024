import { EBUSY } from '../errno';
import type { MayNotSleep } from '../may-sleep';
import type { Tracer } from '../trace';
import { atomicVoid, type BugLog } from '../world/atomic';
import type { World } from '../world/world';

/** What is called for an interrupt; it may not sleep. */
export type IrqHandler = (value: bigint) => MayNotSleep;

/** One vector in use. */
export interface IrqAction {
  readonly vector: number;
  readonly name: string;
  /** How often it was delivered, as in /proc/interrupts. */
  readonly count: number;
}

/** Interrupts that are kept while they are suspended, before those that are kept already are dropped. */
const MAX_PENDING = 1000;

/** What a table needs of its kernel. */
interface IrqKernel {
  readonly world: World;
  readonly log: BugLog;
  readonly trace: Tracer;
  readonly softirqs: { interrupt(handler: () => void): void };
}

interface Action {
  readonly vector: number;
  /** Null: whatever the value is. */
  readonly value: bigint | null;
  readonly name: string;
  count: number;
  readonly handler: IrqHandler;
}

/**
 * The interrupts of one kernel: one handler per vector, and one for each value of a vector that devices share. On a
 * vector with both, the value's handler is called.
 *
 * @see kernel/irq/manage.c request_irq, free_irq
 */
export class InterruptTable {
  readonly #kernel: IrqKernel;
  readonly #actions = new Map<number, Action>();
  /** Handlers of values, by vector. */
  readonly #byValue = new Map<number, Map<bigint, Action>>();
  #spurious = 0;
  #suspended = false;
  /** Came while suspended, in order. */
  readonly #pending: { readonly vector: number; readonly value: bigint }[] = [];

  /** @param kernel the kernel that gets the interrupts */
  constructor(kernel: IrqKernel) {
    this.#kernel = kernel;
  }

  /** Interrupts that had no handler. */
  get spurious(): number {
    return this.#spurious;
  }

  /** The vectors in use, in order of number. */
  list(): readonly IrqAction[] {
    const shared = [...this.#byValue.values()].flatMap((actions) => [...actions.values()]);
    const actions = [...this.#actions.values(), ...shared].sort((a, b) => a.vector - b.vector);
    return actions.map(({ vector, name, count }) => ({ vector, name, count }));
  }

  /** Has the vector a handler? */
  isRequested(vector: number): boolean {
    return this.#actions.has(vector) || (this.#byValue.get(vector)?.size ?? 0) > 0;
  }

  /**
   * @param name the requester, for listings
   * @param value only interrupts with this value; null: all that have no handler of their value
   * @returns 0, or -EBUSY when there is a handler
   */
  request(vector: number, handler: IrqHandler, name: string, value: number | null = null): number {
    if (this.#exact(vector, value) !== undefined) return -EBUSY;
    const action = { vector, value: value === null ? null : BigInt(value), name, count: 0, handler };
    if (action.value === null) this.#actions.set(vector, action);
    else this.#valuesOf(vector).set(action.value, action);
    return 0;
  }

  /** Gives a vector back, or a value of it; one that is free stays so. The handler is not called any more. */
  free(vector: number, value: number | null = null): void {
    if (value === null) this.#actions.delete(vector);
    else this.#valuesOf(vector).delete(BigInt(value));
  }

  #exact(vector: number, value: number | null): Action | undefined {
    return value === null ? this.#actions.get(vector) : this.#byValue.get(vector)?.get(BigInt(value));
  }

  #valuesOf(vector: number): Map<bigint, Action> {
    const known = this.#byValue.get(vector) ?? new Map<bigint, Action>();
    this.#byValue.set(vector, known);
    return known;
  }

  /** From now on handlers are not called; what comes is kept. @see kernel/irq/pm.c suspend_device_irqs */
  suspend(): void {
    this.#suspended = true;
  }

  /** Handlers are called again, also for what came meanwhile. @see kernel/irq/pm.c resume_device_irqs */
  resume(): void {
    this.#suspended = false;
    for (const { vector, value } of this.#pending.splice(0)) this.deliver(vector, value);
  }

  /**
   * Calls the vector's handler; what that throws passes through.
   *
   * @throws SleepInAtomic when the handler has slept
   * @see kernel/irq/handle.c __handle_irq_event_percpu
   */
  deliver(vector: number, value: bigint): void {
    if (this.#suspended) {
      this.#keep(vector, value);
      return;
    }
    const action = this.#byValue.get(vector)?.get(value) ?? this.#actions.get(vector);
    this.#trace(vector, value, action);
    if (action === undefined) {
      this.#spurious += 1;
      return;
    }
    action.count += 1;
    this.#handle(action, value);
  }

  #handle(action: Action, value: bigint): void {
    const where = (): string => `__handle_irq_event_percpu: interrupt ${String(action.vector)}, ${action.name}`;
    const { world, log, softirqs } = this.#kernel;
    softirqs.interrupt(() => atomicVoid(world, log, where, () => action.handler(value)));
  }

  #trace(vector: number, value: bigint, action: Action | undefined): void {
    const { trace } = this.#kernel;
    if (!trace.on) return;
    const fn = action === undefined ? 'handle_bad_irq' : '__handle_irq_event_percpu';
    trace.emit({ kind: 'irq', fn, dev: '', vector, value, handler: action?.name ?? null });
  }

  /** When there are many, one that is kept already is not kept twice. */
  #keep(vector: number, value: bigint): void {
    const isSame = (one: { vector: number; value: bigint }): boolean => one.vector === vector && one.value === value;
    const isKept = this.#pending.length >= MAX_PENDING && this.#pending.some(isSame);
    if (!isKept) this.#pending.push({ vector, value });
  }
}
