import { isPending, type MaySleep } from './may-sleep';
import type { Task, World } from './world';

/** More than iterators ever stand on one node. */
const LIVE = 1 << 24;

/** A place in a {@link Klist}. A node belongs to one list for its whole life; adding again makes a new one. */
export class KlistNode<T> {
  prev: KlistNode<T>;
  next: KlistNode<T>;
  /** LIVE until it is deleted, and 1 for each iterator that stands on it. */
  refs = LIVE;

  constructor(readonly item: T) {
    this.prev = this.next = this;
  }

  get isDead(): boolean {
    return this.refs < LIVE;
  }
}

/** What a list does for its items while something holds on to them. @see lib/klist.c klist_init */
export interface KlistHooks<T> {
  get(item: T): void;
  put(item: T): void;
}

/** A walk over some of the items, until the list has changed. */
interface PartialWalk<T> {
  readonly nodes: readonly KlistNode<T>[];
  next: number;
  readonly changes: number;
}

/**
 * An ordered list that survives deletion while it is walked: a deleted node is skipped by all iterators and is
 * unlinked when the last one leaves it.
 *
 * @see lib/klist.c
 */
export class Klist<T> {
  readonly #head = new KlistNode<T>(null as T);
  readonly #hooks: KlistHooks<T> | null;
  #waiters: Map<KlistNode<T>, Task> | null = null;
  /** Items on the list; those that only an iterator holds do not count. */
  length = 0;
  /** Counts what a walk over some of the items must notice: items that come, go or move, or matter to other walks. */
  changes = 0;

  constructor(hooks: KlistHooks<T> | null = null) {
    this.#hooks = hooks;
  }

  /** @see lib/klist.c klist_add_tail */
  addTail(item: T): KlistNode<T> {
    return this.#insert(item, this.#head.prev);
  }

  /** @see lib/klist.c klist_add_head */
  addHead(item: T): KlistNode<T> {
    return this.#insert(item, this.#head);
  }

  /** @see lib/klist.c klist_add_behind */
  addBehind(item: T, position: KlistNode<T>): KlistNode<T> {
    return this.#insert(item, position);
  }

  /** @see lib/klist.c klist_add_before */
  addBefore(item: T, position: KlistNode<T>): KlistNode<T> {
    return this.#insert(item, position.prev);
  }

  /** @see lib/klist.c klist_del */
  del(node: KlistNode<T>): void {
    if (node.isDead) return;
    this.length--;
    this.changes++;
    this.#drop(node, LIVE);
  }

  /** Deletes the node and sleeps until no iterator stands on it. @see lib/klist.c klist_remove */
  remove(node: KlistNode<T>, world: World, what: string): MaySleep<void> {
    this.del(node);
    if (node.refs === 0) return undefined;
    const task = world.current;
    const asleep = world.block(`klist_remove(${what})`);
    if (task?.state === 'blocked') (this.#waiters ??= new Map()).set(node, task);
    this.#onUnlink = (waiter) => world.wake(waiter);
    return asleep;
  }

  /** Moves an item to the tail. No iterator may stand on it. */
  moveTail(node: KlistNode<T>): void {
    this.#unlink(node);
    this.#link(node, this.#head.prev);
    this.changes++;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  first(): T | undefined {
    return this.#live(this.#head.next, 'next')?.item;
  }

  last(): T | undefined {
    return this.#live(this.#head.prev, 'prev')?.item;
  }

  /**
   * Calls `fn(item, data)` for each item until one gives something else than 0. The walk stands on the item meanwhile.
   *
   * @see drivers/base/bus.c bus_for_each_dev, bus_for_each_drv
   */
  forEach<D>(fn: (item: T, data: D) => MaySleep<number>, data: D): MaySleep<number> {
    return this.#goOn(0, null, fn, data);
  }

  /** {@link forEach} of these items only, in the list's order; of all that are left, once something has changed. */
  forEachOf<D>(nodes: readonly KlistNode<T>[], fn: (item: T, data: D) => MaySleep<number>, data: D): MaySleep<number> {
    return this.#goOnOf(0, null, { nodes, next: 0, changes: this.changes }, fn, data);
  }

  #goOnOf<D>(
    before: number,
    from: KlistNode<T> | null,
    walk: PartialWalk<T>,
    fn: (item: T, data: D) => MaySleep<number>,
    data: D,
  ): MaySleep<number> {
    let at = from;
    let ret = before;
    while (ret === 0) {
      if (this.changes !== walk.changes && at !== null) return this.#goOn(0, at, fn, data);
      if (at !== null) this.#drop(at);
      at = walk.nodes[walk.next++] ?? null;
      if (at === null) return 0;
      at.refs++;
      const result = fn(at.item, data);
      if (isPending(result)) return this.#goOnOfLater(result, at, walk, fn, data);
      ret = result;
    }
    if (at !== null) this.#drop(at);
    return ret;
  }

  #goOnOfLater<D>(
    result: Promise<number>,
    at: KlistNode<T>,
    walk: PartialWalk<T>,
    fn: (item: T, data: D) => MaySleep<number>,
    data: D,
  ): Promise<number> {
    return result.then((ret) => this.#goOnOf(ret, at, walk, fn, data));
  }

  #goOn<D>(
    before: number,
    from: KlistNode<T> | null,
    fn: (item: T, data: D) => MaySleep<number>,
    data: D,
  ): MaySleep<number> {
    let at = from;
    let ret = before;
    while (ret === 0) {
      at = this.#step(at, 'next');
      if (at === null) return 0;
      const result = fn(at.item, data);
      if (isPending(result)) return this.#goOnLater(result, at, fn, data);
      ret = result;
    }
    if (at !== null) this.#drop(at);
    return ret;
  }

  #goOnLater<D>(
    result: Promise<number>,
    at: KlistNode<T>,
    fn: (item: T, data: D) => MaySleep<number>,
    data: D,
  ): Promise<number> {
    return result.then((ret) => this.#goOn(ret, at, fn, data));
  }

  [Symbol.iterator](): Generator<T, void> {
    return this.#walk(null, 'next');
  }

  /** From the tail to the head. @see lib/klist.c klist_prev */
  reversed(): Generator<T, void> {
    return this.#walk(null, 'prev');
  }

  /** From behind `start` on. @see lib/klist.c klist_iter_init_node */
  after(start: KlistNode<T>): Generator<T, void> {
    return this.#walk(start, 'next');
  }

  *#walk(start: KlistNode<T> | null, way: 'next' | 'prev'): Generator<T, void> {
    let at = start !== null && start.refs > 0 ? start : null;
    if (at !== null) at.refs++;
    try {
      for (at = this.#step(at, way); at !== null; at = this.#step(at, way)) yield at.item;
    } finally {
      if (at !== null) this.#drop(at);
    }
  }

  /** Leaves one node and stands on the next live one. @see lib/klist.c klist_next */
  #step(from: KlistNode<T> | null, way: 'next' | 'prev'): KlistNode<T> | null {
    const next = this.#live((from ?? this.#head)[way], way);
    if (next !== null) next.refs++;
    if (from !== null) this.#drop(from);
    return next;
  }

  #onUnlink: ((task: Task) => void) | null = null;

  #insert(item: T, behind: KlistNode<T>): KlistNode<T> {
    const node = new KlistNode(item);
    this.#hooks?.get(item);
    this.#link(node, behind);
    this.length++;
    this.changes++;
    return node;
  }

  #link(node: KlistNode<T>, behind: KlistNode<T>): void {
    node.prev = behind;
    node.next = behind.next;
    behind.next.prev = node;
    behind.next = node;
  }

  #unlink(node: KlistNode<T>): void {
    node.prev.next = node.next;
    node.next.prev = node.prev;
  }

  #live(node: KlistNode<T>, way: 'next' | 'prev'): KlistNode<T> | null {
    let at = node;
    while (at !== this.#head && at.isDead) at = at[way];
    return at === this.#head ? null : at;
  }

  #drop(node: KlistNode<T>, refs = 1): void {
    node.refs -= refs;
    if (node.refs > 0) return;
    this.#unlink(node);
    const waiter = this.#waiters?.get(node);
    if (waiter !== undefined) {
      this.#waiters?.delete(node);
      this.#onUnlink?.(waiter);
    }
    this.#hooks?.put(node.item);
  }
}
