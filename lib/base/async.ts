import { andThen, type MaySleep } from '../may-sleep';
import { WaitQueue } from '../world/wait';
import type { World } from '../world/world';

/**
 * Concurrent jobs, each in a task of its own; they start in the order of scheduling.
 *
 * @see kernel/async.c
 */
export class AsyncDomain {
  readonly #world: World;
  readonly #owner: object;
  readonly #idle = new WaitQueue();
  #pending = 0;

  /** @param owner the kernel: its jobs end when it is killed */
  constructor(world: World, owner: object) {
    this.#world = world;
    this.#owner = owner;
  }

  /** A job with an oops never ends, so a wait for all jobs hangs. @see kernel/async.c async_schedule_dev */
  schedule(name: string, job: () => MaySleep<void>): void {
    this.#pending++;
    void this.#world.spawn(() => andThen(job(), () => this.#ended()), `async ${name}`, this.#owner);
  }

  /** Sleeps until all jobs are done. @see kernel/async.c async_synchronize_full */
  synchronizeFull(): MaySleep<void> {
    return this.#idle.waitUntil(this.#world, () => this.#pending === 0, 'async_synchronize_full');
  }

  #ended(): void {
    this.#pending--;
    if (this.#pending === 0) this.#idle.wakeAll(this.#world);
  }
}
