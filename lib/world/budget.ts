import type { World } from './world';

/**
 * A limit on work until the world is idle again, for devices that could keep a guest busy for ever: when it is used up,
 * the world must become idle first. Calls from outside the world do not count.
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
