/** How a world is made. Everything has a default. */
export interface WorldOptions {
  /**
   * Seed of the world's random numbers (default 0). Given, the world also chooses by it among runnable tasks, unless
   * `schedule` says otherwise; absent, they run first in, first out.
   */
  readonly seed?: number;
  /** Which runnable task runs next: the first, or one that the seed chooses. */
  readonly schedule?: 'fifo' | 'seeded';
  /**
   * Seed of that choice alone, so that it takes nothing from `World.random`. Default: the world's own numbers.
   */
  readonly scheduleSeed?: number;
  /** A thrown value that is not an errno: ends the task with its locks held (`oops`), or is EFAULT (`error`). */
  readonly oops?: 'oops' | 'error';
  /** Pass everything at a guest's port through structuredClone, so that no reference can cross. */
  readonly isolate?: boolean;
  /**
   * Number of turns of tasks and events while a caller outside waits without progress, before the wait is rejected
   * (`HungTask`, `SoftLockup`). Requests to device models count too. Default 5,000,000.
   */
  readonly maxTurns?: number;
}
