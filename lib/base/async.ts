import { after, type MaySleep } from '../may-sleep';
import { WaitQueue } from '../world/wait';
import type { Workqueue } from '../world/workqueue';
import type { World } from '../world/world';

/**
 * Jobs that run in workers, in the order in which they were asked for, in the same queue as deferred probes.
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

  /** @see kernel/async.c async_schedule_dev */
  schedule(name: string, job: () => MaySleep<void>): void {
    this.#pending++;
    this.#queue.queue({ name, run: () => after(job(), () => this.#ended()) });
  }

  /** Sleeps until all jobs are done. @see kernel/async.c async_synchronize_full */
  synchronizeFull(): MaySleep<void> {
    return this.#idle.waitUntil(this.#world, () => this.#pending === 0, 'async_synchronize_full');
  }

  #ended(): void {
    this.#pending--;
    this.#idle.wakeAll(this.#world);
  }
}
