import type { MaySleep } from './may-sleep';
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

  /** Moves an item to the tail, where no iterator may stand on it. Gives its new node. */
  moveTail(node: KlistNode<T>): KlistNode<T> {
    this.#unlink(node);
    this.#link(node, this.#head.prev);
    return node;
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
   * Leaves one node and stands on the next live one that `accept` takes; null at the end. `accept` may not change the
   * list.
   */
  advance(from: KlistNode<T> | null, accept: (item: T) => boolean): KlistNode<T> | null {
    let at = (from ?? this.#head).next;
    while (at !== this.#head && (at.isDead || !accept(at.item))) at = at.next;
    const found = at === this.#head ? null : at;
    if (found !== null) found.refs++;
    if (from !== null) this.#drop(from);
    return found;
  }

  /** For a walk that stops at a node: leaves it, and passes a result on. */
  leaveWith<R>(node: KlistNode<T>, result: R): R {
    this.#drop(node);
    return result;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return new KlistIterator(this, null, 'next');
  }

  /** From the tail to the head. @see lib/klist.c klist_prev */
  reversed(): IterableIterator<T> {
    return new KlistIterator(this, null, 'prev');
  }

  /** From behind `start` on. @see lib/klist.c klist_iter_init_node */
  after(start: KlistNode<T>): IterableIterator<T> {
    return new KlistIterator(this, start.refs > 0 ? start : null, 'next');
  }

  /** For iterators: leaves one node and stands on the next live one. */
  step(from: KlistNode<T> | null, way: 'next' | 'prev'): KlistNode<T> | null {
    const next = this.#live((from ?? this.#head)[way], way);
    if (next !== null) this.hold(next);
    if (from !== null) this.#drop(from);
    return next;
  }

  /** For iterators: keeps a node linked. */
  hold(node: KlistNode<T>): void {
    node.refs++;
  }

  /** For iterators that stop before the end. */
  leave(node: KlistNode<T>): void {
    this.#drop(node);
  }

  #onUnlink: ((task: Task) => void) | null = null;

  #insert(item: T, behind: KlistNode<T>): KlistNode<T> {
    const node = new KlistNode(item);
    this.#hooks?.get(item);
    this.#link(node, behind);
    this.length++;
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

class KlistIterator<T> implements IterableIterator<T> {
  readonly #list: Klist<T>;
  readonly #way: 'next' | 'prev';
  #at: KlistNode<T> | null;
  #ended = false;

  constructor(list: Klist<T>, start: KlistNode<T> | null, way: 'next' | 'prev') {
    this.#list = list;
    this.#way = way;
    this.#at = start;
    if (start !== null) list.hold(start);
  }

  next(): IteratorResult<T> {
    if (this.#ended) return { done: true, value: undefined };
    this.#at = this.#list.step(this.#at, this.#way);
    if (this.#at !== null) return { done: false, value: this.#at.item };
    this.#ended = true;
    return { done: true, value: undefined };
  }

  return(): IteratorResult<T> {
    if (this.#at !== null && !this.#ended) this.#list.leave(this.#at);
    this.#ended = true;
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
