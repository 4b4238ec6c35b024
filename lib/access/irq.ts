import { EBUSY } from '../errno';

/** What is called for an interrupt; it may not sleep. */
export type IrqHandler = (value: bigint) => void;

/** One vector in use. */
export interface IrqAction {
  readonly vector: number;
  readonly name: string;
  /** How often it was delivered, as in /proc/interrupts. */
  readonly count: number;
}

/** Interrupts that are kept while they are suspended, before those that are kept already are dropped. */
const MAX_PENDING = 1000;

/**
 * The interrupts of one kernel: one handler per vector.
 *
 * @see kernel/irq/manage.c request_irq, free_irq
 */
export class InterruptTable {
  readonly #enter: (handler: () => void) => void;
  readonly #actions = new Map<number, { vector: number; name: string; count: number; handler: IrqHandler }>();
  #spurious = 0;
  #suspended = false;
  /** Came while suspended, in order. */
  readonly #pending: { readonly vector: number; readonly value: bigint }[] = [];

  /** @param enter calls a handler, with what belongs around an interrupt */
  constructor(enter: (handler: () => void) => void = (handler) => handler()) {
    this.#enter = enter;
  }

  /** Interrupts that nobody had asked for. */
  get spurious(): number {
    return this.#spurious;
  }

  /** The vectors in use, in order of number. */
  list(): readonly IrqAction[] {
    const actions = [...this.#actions.values()].sort((a, b) => a.vector - b.vector);
    return actions.map(({ vector, name, count }) => ({ vector, name, count }));
  }

  /**
   * @param name who asks, for listings
   * @returns 0, or -EBUSY when the vector has a handler
   */
  request(vector: number, handler: IrqHandler, name: string): number {
    if (this.#actions.has(vector)) return -EBUSY;
    this.#actions.set(vector, { vector, name, count: 0, handler });
    return 0;
  }

  /** Gives a vector back; one that is free stays so. The handler is not called any more. */
  free(vector: number): void {
    this.#actions.delete(vector);
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

  /** Calls the vector's handler; what that throws passes through. */
  deliver(vector: number, value: bigint): void {
    if (this.#suspended) {
      this.#keep(vector, value);
      return;
    }
    const action = this.#actions.get(vector);
    if (action === undefined) {
      this.#spurious += 1;
      return;
    }
    action.count += 1;
    this.#enter(() => action.handler(value));
  }

  /** When there are many, one that is kept already is not kept twice. */
  #keep(vector: number, value: bigint): void {
    const isSame = (one: { vector: number; value: bigint }): boolean => one.vector === vector && one.value === value;
    const isKept = this.#pending.length >= MAX_PENDING && this.#pending.some(isSame);
    if (!isKept) this.#pending.push({ vector, value });
  }
}
