import type { Timer } from './timers';

/** What is to happen some time after the world has been idle. */
class Postponed implements Timer {
  #timer: Timer | null = null;

  constructor(
    readonly start: () => Timer,
    readonly waiting: Set<Postponed>,
  ) {}

  /** Not known before the world is idle. */
  get at(): number {
    return this.#timer?.at ?? Infinity;
  }

  arm(): void {
    this.#timer = this.start();
  }

  cancel(): boolean {
    return this.#timer === null ? this.waiting.delete(this) : this.#timer.cancel();
  }
}

/**
 * The number of times a world was idle, and the work that waits for the next time. It is idle when no task is runnable
 * and no event is due: then callers outside that wait for it continue, or its clock advances.
 */
export class IdleTimers {
  #count = 0;
  readonly #waiting = new Set<Postponed>();

  get count(): number {
    return this.#count;
  }

  /** Does anything wait for the next time? */
  get awaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** @param start called at the next time, to set the timer */
  postpone(start: () => Timer): Timer {
    const entry = new Postponed(start, this.#waiting);
    this.#waiting.add(entry);
    return entry;
  }

  /** The world is idle. */
  enter(): void {
    this.#count += 1;
    if (this.#waiting.size === 0) return;
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const entry of due) entry.arm();
  }
}
