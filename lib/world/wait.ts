import type { MaySleep } from '../may-sleep';
import type { Task } from './task';
import type { World } from './world';

/** Tasks that wait for a condition. @see include/linux/wait.h */
export class WaitQueue {
  readonly #waiters: Task[] = [];

  /** Sleeps until `condition` holds; it is looked at again after each {@link wakeAll}. */
  waitUntil(world: World, condition: () => boolean, what: string): MaySleep<void> {
    return condition() ? undefined : this.#wait(world, condition, what);
  }

  wakeAll(world: World): void {
    if (this.#waiters.length === 0) return;
    for (const task of this.#waiters.splice(0)) world.wake(task);
  }

  async #wait(world: World, condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      const task = world.current;
      const asleep = world.block(what);
      if (task?.state === 'blocked') this.#waiters.push(task);
      await asleep;
    }
  }
}

/** Something that is done once and waited for. @see include/linux/completion.h */
export class Completion {
  readonly #queue = new WaitQueue();
  #done = false;

  get isDone(): boolean {
    return this.#done;
  }

  complete(world: World): void {
    this.#done = true;
    this.#queue.wakeAll(world);
  }

  reinit(): void {
    this.#done = false;
  }

  wait(world: World, what: string): MaySleep<void> {
    return this.#queue.waitUntil(world, () => this.#done, what);
  }
}
