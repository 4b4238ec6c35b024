import { isPending, type MaySleep } from '../may-sleep';
import { WaitQueue } from './wait';
import type { World } from './world';
import { whileIn } from './foreign-wait';

/** A piece of work that can wait in a queue, once at a time. */
export interface Work {
  readonly name: string;
  readonly run: () => MaySleep<void>;
}

/**
 * A queue of work with one worker, first in first out. The worker is a task of its own; it starts when the running
 * task ends or blocks.
 *
 * @see kernel/workqueue.c
 */
export class Workqueue {
  readonly #world: World;
  readonly #pending: Work[] = [];
  readonly #idle = new WaitQueue();
  #running: Work | null = null;
  /** Work whose worker was killed by an oops in it: it never completes, and cannot be queued again. */
  readonly #stuck = new Set<Work>();

  constructor(
    world: World,
    readonly name: string,
    readonly owner: object | null = null,
  ) {
    this.#world = world;
  }

  /** Appends work that is not queued yet; work that is just running may be queued again. */
  queue(work: Work): boolean {
    if (this.#pending.includes(work) || this.#stuck.has(work)) return false;
    this.#pending.push(work);
    if (this.#running === null && this.#pending.length === 1) this.#startWorker();
    return true;
  }

  isBusy(work: Work): boolean {
    return this.#running === work || this.#pending.includes(work) || this.#stuck.has(work);
  }

  get isIdle(): boolean {
    return this.#running === null && this.#pending.length === 0 && this.#stuck.size === 0;
  }

  /** Sleeps until `work` is neither queued nor running. */
  flushWork(work: Work): MaySleep<void> {
    return this.#idle.waitUntil(this.#world, () => !this.isBusy(work), `flush_work(${work.name})`);
  }

  /** Takes `work` out of the queue, and sleeps until it does not run. @see kernel/workqueue.c cancel_work_sync */
  cancelWorkSync(work: Work): MaySleep<void> {
    const index = this.#pending.indexOf(work);
    if (index >= 0) this.#pending.splice(index, 1);
    return this.flushWork(work);
  }

  /** Sleeps until the queue is empty. */
  flush(): MaySleep<void> {
    return this.#idle.waitUntil(this.#world, () => this.isIdle, `flush_workqueue(${this.name})`);
  }

  #startWorker(): void {
    void this.#world.spawn(() => this.#work(), `worker ${this.name}`, this.owner);
  }

  #work(): MaySleep<void> {
    for (let work = this.#pending.shift(); work !== undefined; work = this.#pending.shift()) {
      const result = this.#run(work);
      if (isPending(result)) return result.then(() => this.#goOn());
      this.#finish();
    }
    return undefined;
  }

  #run(work: Work): MaySleep<void> {
    this.#running = work;
    try {
      const result = work.run();
      if (!isPending(result)) return undefined;
      const callback = { what: () => `work ${work.name}`, isOwn: true };
      return whileIn(
        this.#world,
        callback,
        result,
        () => undefined,
        (error) => this.#die(work, error),
      );
    } catch (error) {
      return this.#die(work, error);
    }
  }

  /** An oops ends the worker; another one continues with the next work. */
  #die(work: Work, error: unknown): never {
    this.#stuck.add(work);
    this.#running = null;
    if (this.#pending.length > 0) this.#startWorker();
    throw error;
  }

  #goOn(): MaySleep<void> {
    this.#finish();
    return this.#work();
  }

  #finish(): void {
    this.#running = null;
    this.#idle.wakeAll(this.#world);
  }
}
