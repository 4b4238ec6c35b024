import type { Task } from './task';

/** Turns before the last that are looked at, to tell who has them. */
const LOOKED_AT = 100;

/**
 * Counts the turns of tasks and events while somebody waits outside and does not get on.
 *
 * @see kernel/watchdog.c
 */
export class Watchdog {
  readonly #last = new Set<string>();
  #turns = 0;

  constructor(readonly maxTurns = 5_000_000) {}

  /** Who waits outside waits from now on, or got on. */
  touch(): void {
    this.#turns = 0;
  }

  /** @returns false when there were too many */
  takeTurn(): boolean {
    this.#turns += 1;
    return this.#turns <= this.maxTurns;
  }

  /** @param who has this turn */
  note(who: Task | string): void {
    if (this.#turns <= this.maxTurns - LOOKED_AT) return;
    this.#last.add(typeof who === 'string' ? who : `task '${who.name}'`);
  }

  /** Who had the last turns. */
  takeLast(): readonly string[] {
    const last = [...this.#last];
    this.#last.clear();
    return last;
  }
}
