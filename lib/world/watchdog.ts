import type { Task } from './task';

/** Number of the last turns that are recorded, to name their tasks. */
const LOOKED_AT = 100;

/**
 * Counts the turns of tasks and events while a caller outside waits without progress.
 *
 * @see kernel/watchdog.c
 */
export class Watchdog {
  readonly #last = new Set<string>();
  #turns = 0;

  constructor(readonly maxTurns = 5_000_000) {}

  /** A caller outside starts to wait, or made progress. */
  touch(): void {
    this.#turns = 0;
  }

  /** @returns false when there were too many */
  takeTurn(): boolean {
    this.#turns += 1;
    return this.#turns <= this.maxTurns;
  }

  /** @param who the task or event of this turn */
  note(who: Task | string): void {
    if (this.#turns <= this.maxTurns - LOOKED_AT) return;
    this.#last.add(typeof who === 'string' ? who : `task '${who.name}'`);
  }

  /** The tasks of the last turns. */
  takeLast(): readonly string[] {
    const last = [...this.#last];
    this.#last.clear();
    return last;
  }
}
