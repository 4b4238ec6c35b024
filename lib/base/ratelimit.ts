import type { Kernel } from './kernel';

/** ns. @see include/linux/ratelimit_types.h DEFAULT_RATELIMIT_INTERVAL */
const INTERVAL = 5_000_000_000;
/** @see include/linux/ratelimit_types.h DEFAULT_RATELIMIT_BURST */
const BURST = 10;

/**
 * Lets through ten messages in five seconds.
 *
 * @see include/linux/ratelimit_types.h struct ratelimit_state
 */
export class RatelimitState {
  #begin: number | null = null;
  #printed = 0;
  #missed = 0;

  /**
   * May this message be printed?
   *
   * @param fn the function that prints it, for the report of what was not
   * @see lib/ratelimit.c ___ratelimit
   */
  ratelimit({ world, log }: Kernel, fn: string): boolean {
    this.#begin ??= world.now;
    if (world.now > this.#begin + INTERVAL) {
      if (this.#missed > 0) log.warn(`${fn}: ${String(this.#missed)} callbacks suppressed`);
      this.#begin = world.now;
      this.#printed = this.#missed = 0;
    }
    if (this.#printed < BURST) {
      this.#printed += 1;
      return true;
    }
    this.#missed += 1;
    return false;
  }
}
