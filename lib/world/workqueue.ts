import { andThen, isPending, type MaySleep } from '../may-sleep';
import { WaitQueue } from './wait';
import type { World } from './world';
import { whileIn } from './foreign-wait';

/** A piece of work that can wait in a queue, once at a time. */
export interface Work {
  readonly name: string;
  readonly run: () => MaySleep<void>;
}

/** Work that was queued once, until it has run. */
interface Item {
  readonly work: Work;
  /** It was its turn while the same work ran: the worker of that one goes on with it. */
  behind: boolean;
  done: boolean;
}

/**
 * A queue of work, first in first out. It starts when the running task ends or blocks, in workers that are tasks of
 * their own: an ordered queue has one, an unbound queue one for each work, so that work that sleeps holds up nothing
 * but itself. The same work never runs twice at a time.
 *
 * @see kernel/workqueue.c alloc_ordered_workqueue, system_unbound_wq
 */
export class Workqueue {
  readonly #world: World;
  /** In the order of queueing. */
  readonly #pending = new Map<Work, Item>();
  readonly #running = new Map<Work, Item>();
  readonly #idle = new WaitQueue();
  /** Work whose worker was killed by an oops in it: it never completes, and cannot be queued again. */
  readonly #stuck = new Set<Work>();
  readonly #canceling = new Set<Work>();

  constructor(
    world: World,
    readonly name: string,
    readonly owner: object | null = null,
    readonly kind: 'ordered' | 'unbound' = 'ordered',
  ) {
    this.#world = world;
  }

  /** Appends work that is not queued yet; work that is just running may be queued again. */
  queue(work: Work): boolean {
    if (this.#stuck.has(work) || this.#canceling.has(work) || this.#pending.has(work)) return false;
    const item = { work, behind: false, done: false };
    this.#pending.set(work, item);
    if (this.kind === 'unbound') this.#startWorkerFor(item);
    else if (this.#running.size === 0 && this.#pending.size === 1) this.#startWorker();
    return true;
  }

  isBusy(work: Work): boolean {
    return this.#stuck.has(work) || this.#lastOf(work) !== undefined;
  }

  get isIdle(): boolean {
    return this.#running.size === 0 && this.#pending.size === 0 && this.#stuck.size === 0;
  }

  /** Sleeps until `work`, as it is queued or runs now, has run. It may have been queued again meanwhile. */
  flushWork(work: Work): MaySleep<void> {
    const item = this.#lastOf(work);
    const hasRun = (): boolean => item?.done !== false && !this.#stuck.has(work);
    return this.#idle.waitUntil(this.#world, hasRun, `flush_work(${work.name})`);
  }

  /**
   * Takes `work` out of the queue, and sleeps until it does not run; meanwhile it cannot be queued.
   *
   * @see kernel/workqueue.c cancel_work_sync
   */
  cancelWorkSync(work: Work): MaySleep<void> {
    const item = this.#pending.get(work);
    if (item !== undefined) this.#finish(this.#pending, item);
    this.#canceling.add(work);
    return andThen(this.flushWork(work), () => void this.#canceling.delete(work));
  }

  /** Sleeps until the queue is empty. */
  flush(): MaySleep<void> {
    return this.#idle.waitUntil(this.#world, () => this.isIdle, `flush_workqueue(${this.name})`);
  }

  #lastOf(work: Work): Item | undefined {
    return this.#pending.get(work) ?? this.#running.get(work);
  }

  get #first(): Item | undefined {
    for (const item of this.#pending.values()) return item;
    return undefined;
  }

  #startWorker(): void {
    void this.#world.spawn(() => this.#work(this.#first), `worker ${this.name}`, this.owner);
  }

  #startWorkerFor(item: Item): void {
    const name = `worker ${this.name}: ${item.work.name}`;
    void this.#world.spawn(() => (item.done ? undefined : this.#work(item)), name, this.owner);
  }

  /** @see kernel/workqueue.c process_one_work, collision */
  #work(first: Item | undefined): MaySleep<void> {
    for (let item = first; item !== undefined; item = this.#next(item)) {
      if (this.#running.has(item.work)) {
        item.behind = true;
        return undefined;
      }
      const result = this.#run(item);
      if (isPending(result)) return this.#goOnAfter(item, result);
      this.#finish(this.#running, item);
    }
    return undefined;
  }

  #next({ work }: Item): Item | undefined {
    if (this.kind === 'ordered') return this.#first;
    const again = this.#pending.get(work);
    return again?.behind === true ? again : undefined;
  }

  #run(item: Item): MaySleep<void> {
    const { work } = item;
    this.#pending.delete(work);
    this.#running.set(work, item);
    try {
      const result = work.run();
      if (!isPending(result)) return undefined;
      const callback = { what: () => `work ${work.name}`, isOwn: true };
      return whileIn(
        this.#world,
        callback,
        result,
        () => undefined,
        (error) => this.#die(item, error),
      );
    } catch (error) {
      return this.#die(item, error);
    }
  }

  /** An oops ends the worker; another one continues with the next work. */
  #die(item: Item, error: unknown): never {
    this.#stuck.add(item.work);
    this.#running.delete(item.work);
    if (this.kind === 'ordered' && this.#pending.size > 0) this.#startWorker();
    throw error;
  }

  async #goOnAfter(item: Item, running: Promise<void>): Promise<void> {
    await running;
    this.#finish(this.#running, item);
    await this.#work(this.#next(item));
  }

  #finish(list: Map<Work, Item>, item: Item): void {
    list.delete(item.work);
    item.done = true;
    this.#idle.wakeAll(this.#world);
  }
}
