import type { World } from '../world/index';
import { COSTS } from './costs';

/** Interrupts of one source, a vector with a value, that are raised until the world is idle again. */
const BUDGET = 10_000;
/** ns after that before the next one is delivered. @see kernel/irq/spurious.c POLL_SPURIOUS_IRQ_INTERVAL */
const POLL_INTERVAL = 100_000_000;

/** Where interrupts go. */
export interface InterruptSink {
  deliver(vector: number, value: bigint): void;
  /** A source is kept from interrupting until the world was idle. */
  throttled(what: string): void;
}

/**
 * The interrupts of one guest that are under way: a source that comes again and again
 * while the guest serves it has to wait until the world is idle, as Linux looks now and then at an interrupt that it
 * had to disable.
 */
export class Interrupts {
  readonly #world: World;
  readonly #sink: InterruptSink;
  /** Postponed, each source once: the values, by vector. */
  readonly #postponed = new Map<number, Set<bigint>>();
  /** How many were raised since the world was idle, by vector and value. */
  readonly #counts = new Map<number, Map<bigint, number>>();
  #idleCount = -1;

  constructor(world: World, sink: InterruptSink) {
    this.#world = world;
    this.#sink = sink;
  }

  raise(vector: number, value: bigint): void {
    const count = this.#count(vector, value);
    if (count <= BUDGET) this.#world.after(COSTS.interrupt, () => this.#sink.deliver(vector, value));
    else this.#raiseLater(vector, value);
    if (count === BUDGET + 1) this.#sink.throttled(describe(vector, value));
  }

  #raiseLater(vector: number, value: bigint): void {
    const values = this.#postponed.get(vector) ?? new Set();
    if (values.has(value)) return;
    this.#postponed.set(vector, values.add(value));
    this.#world.afterIdle(POLL_INTERVAL, () => {
      values.delete(value);
      this.#sink.deliver(vector, value);
    });
  }

  #count(vector: number, value: bigint): number {
    if (this.#idleCount !== this.#world.idleCount) {
      this.#idleCount = this.#world.idleCount;
      this.#counts.clear();
    }
    const counts = this.#counts.get(vector) ?? new Map<bigint, number>();
    this.#counts.set(vector, counts);
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    return count;
  }
}

function describe(vector: number, value: bigint): string {
  const which = `vector ${String(vector)}, value ${String(value)}`;
  return `${which}: ${String(BUDGET)} interrupts without a pause; the next one comes ${String(POLL_INTERVAL / 1e6)} ms later`;
}
