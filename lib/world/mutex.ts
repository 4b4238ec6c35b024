import type { MaySleep } from '../may-sleep';
import type { Task } from './task';
import type { World } from './world';

/**
 * A lock that sleeps. Waiters get it in FIFO order.
 *
 * A task that ends without unlocking (an oops) keeps it for ever, and a waiter is reported as hung.
 */
export class Mutex {
  owner: Task | null = null;
  #waiters: Task[] | null = null;

  get isLocked(): boolean {
    return this.owner !== null;
  }

  /**
   * @param what the lock's kernel name, `of` its object: both for reports
   * @throws Error at once when the running task holds it already: in Linux that is a deadlock
   */
  lock(world: World, what: string, of: string | null = null): MaySleep<void> {
    const task = world.current;
    if (this.owner === null && task !== null && world.atomicDepth === 0) {
      this.owner = task;
      return undefined;
    }
    return this.#wait(world, task, of === null ? what : `${what}(${of})`);
  }

  /** Takes it only if it is free. */
  tryLock(world: World): boolean {
    if (this.owner !== null || world.current === null) return false;
    this.owner = world.current;
    return true;
  }

  #wait(world: World, task: Task | null, what: string): Promise<void> {
    if (world.atomicDepth > 0) return world.block(what);
    if (task === null) throw new Error(`cannot take ${what}: no task is running (use world.run or world.spawn)`);
    if (this.owner === task) throw new Error(`deadlock: task '${task.name}' already holds ${what}`);
    (this.#waiters ??= []).push(task);
    return world.block(what, () => this.owner);
  }

  unlock(world: World): void {
    const next = this.#waiters?.shift();
    this.owner = next ?? null;
    if (next !== undefined) world.wake(next);
  }
}
