import { andThen, type MaySleep } from '../may-sleep';
import { WaitQueue } from '../world/wait';
import type { Workqueue } from '../world/workqueue';
import type { World } from '../world/world';

/**
 * Concurrent jobs. They start in the order of scheduling, among the other work of the queue.
 *
 * @see kernel/async.c
 */
export class AsyncDomain {
  readonly #world: World;
  readonly #queue: Workqueue;
  readonly #idle = new WaitQueue();
  #pending = 0;

  constructor(world: World, queue: Workqueue) {
    this.#world = world;
    this.#queue = queue;
  }

  /** A job with an oops never ends, so a wait for all jobs hangs. @see kernel/async.c async_schedule_dev */
  schedule(name: string, job: () => MaySleep<void>): void {
    this.#pending++;
    this.#queue.queue({ name, run: () => andThen(job(), () => this.#ended()) });
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
