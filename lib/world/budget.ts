import type { World } from './world';

/**
 * How much somebody may do until the world is idle again: what a device has a guest do without end is bounded by it, for
 * when it is used up the world must be idle first. What is done from outside the world does not count.
 */
export class Budget {
  readonly #world: World;
  #idleCount = -1;
  #used = 0;

  constructor(
    world: World,
    readonly size: number,
  ) {
    this.#world = world;
  }

  /** Takes a piece of it; false when there is none left. */
  take(): boolean {
    if (!this.#world.isRunning) return true;
    if (this.#idleCount !== this.#world.idleCount) {
      this.#idleCount = this.#world.idleCount;
      this.#used = 0;
    }
    if (this.#used >= this.size) return false;
    this.#used += 1;
    return true;
  }
}
