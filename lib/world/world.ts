import { invoke, isPending, type MayNotSleep, type MaySleep } from '../may-sleep';
import { callTimer } from './atomic';
import { CallerTurn, soon } from './caller-turn';
import { Oopses, type Oops } from './oopses';
import type { WorldOptions } from './options';
import { Random } from './random';
import { IdleTimers } from './idle';
import { RunQueue } from './run-queue';
import { GuestDead, HungTask, SoftLockup, Task, type Callback, type InMotion, type Spawned, WHY_NO_TASK } from './task';
import { Timers, type Timer } from './timers';
import { Watchdog } from './watchdog';

/** Events that happen in a row, at most, before a task that is runnable has its turn. */
const EVENTS_IN_A_ROW = 1000;

/**
 * One deterministic simulation: clock, run queue, seed. Nothing outside a world is shared between two of them.
 *
 * The world is the scheduler. Kernel work runs in tasks; one at a time runs until it ends or blocks, and waking a task
 * appends it to one run queue, operations from outside before all others. Locks, sleep, completions and workqueues are
 * all built on {@link block}, {@link wake} and {@link spawn}.
 */
export class World {
  /** The task in motion. */
  current: Task | null = null;
  readonly random: Random;
  readonly #oopses = new Oopses();
  /** How many callbacks run now, one within the other, that may not sleep; see `atomic`. */
  atomicDepth = 0;
  /** What such a callback has tried to wait for; null for nothing. */
  sleptOn: string | null = null;
  readonly #timers = new Timers();
  readonly #runnable: RunQueue;
  readonly #awaited = new Set<Task>();
  /** Tasks that blocked or were spawned and have not ended. */
  readonly #waiting = new Set<Task>();
  readonly #settling: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  /** The first exception of a task that has no waiter, until the next settle(). */
  #unseen: { readonly error: unknown } | null = null;
  readonly #dead = new WeakSet<object>();
  #now = 0;
  #kicked = false;
  /** How often a task has begun or gone on. */
  #turn = 0;
  /** The task that has blocked last. */
  #lastBlocked: Task | null = null;
  readonly #begin = (): void => this.#dispatch();
  readonly #callerTurn = new CallerTurn(() => this.current !== null || this.#kicked, this.#begin);
  readonly #idleTimers = new IdleTimers();
  readonly #watchdog: Watchdog;
  #firing = false;
  /** Nothing runs until the next call from outside. */
  #stalled = false;

  constructor(readonly options: WorldOptions = {}) {
    this.random = new Random(options.seed ?? 0);
    this.#runnable = new RunQueue(options, this.random);
    this.#watchdog = new Watchdog(options.maxTurns);
  }

  /** World time in ns since the world was made. */
  get now(): number {
    return this.#now;
  }

  /** How often nothing was runnable and no event due. What a device does until the next time has a `Budget`. */
  get idleCount(): number {
    return this.#idleTimers.count;
  }

  /** Is a task or an event running? If not, a call comes from outside. */
  get isRunning(): boolean {
    return this.current !== null || this.#firing;
  }

  /** Tasks that have not ended, including those without a waiter. */
  get taskCount(): number {
    return this.#waiting.size;
  }

  /** Events that are to happen. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Reports of the first oopses. */
  get oopses(): readonly Oops[] {
    return this.#oopses.reports;
  }

  /** How many oopses there were. */
  get oopsCount(): number {
    return this.#oopses.count;
  }

  /**
   * Runs an operation: in a task of its own, or within the task in motion. Gives its result at once if it did not
   * sleep. What it throws, the caller gets.
   *
   * @param of what the operation works on, for reports
   * @throws HungTask (as a rejection) when it can never end, GuestDead when `owner` was killed meanwhile
   */
  run<T>(
    operation: () => MaySleep<T>,
    name = 'operation',
    owner: object | null = null,
    of: string | null = null,
  ): MaySleep<T> {
    return this.call(invoke<T>, operation, name, owner, of);
  }

  /** {@link run} for an operation on something: nothing is made for a call that does not sleep but the task. */
  call<A, T>(
    operation: (target: A) => MaySleep<T>,
    target: A,
    name: string,
    owner: object | null,
    of: string | null,
  ): MaySleep<T> {
    if (this.current !== null) return this.#within(this.current, operation(target));
    const task = new Task(name, owner, of);
    task.isOperation = true;
    this.current = task;
    this.#expectProgress();
    this.#turn++;
    let result: MaySleep<T>;
    try {
      result = operation(target);
    } catch (error) {
      this.#end(task);
      throw error;
    }
    if (isPending(result)) return this.#awaitOutside(task, result);
    task.state = 'ended';
    this.current = null;
    this.#letCallerGoOn();
    return result;
  }

  /** Starts a task that runs beside the caller's, after what is runnable now. */
  spawn<T>(body: () => MaySleep<T>, name = 'task', owner: object | null = null): Spawned<T> {
    const task = new Task(name, owner);
    let awaited = false;
    const result = new Promise<T>((resolve, reject) => {
      task.fail = reject;
      task.entry = () => {
        this.#runBody(task, body, resolve, (error) => {
          if (!awaited) this.#unseen ??= { error };
          reject(error);
        });
      };
    });
    result.catch(() => undefined);
    this.#waiting.add(task);
    this.#makeRunnable(task);
    return {
      task,
      then: (resolved, rejected) => {
        awaited = true;
        if (task.state !== 'ended' && task.state !== 'dead') this.#awaited.add(task);
        this.#expectProgress();
        this.#kick();
        return result.then(resolved, rejected);
      },
    };
  }

  /**
   * Blocks the running task until {@link wake}.
   *
   * @param on what it waits for, for the report
   * @param holder the task that could end the wait
   * @returns within a callback that may not sleep, a promise that never settles: that is an oops
   * @throws Error when no task is running: only tasks may sleep
   */
  block(on: string, holder?: () => Task | null): Promise<void> {
    if (this.atomicDepth > 0) return this.#mayNotBlock(on);
    const task = this.current;
    if (task === null) throw new Error(`cannot wait for ${on}: no task is running (${WHY_NO_TASK})`);
    if (task.state !== 'dead') task.state = 'blocked';
    this.#waiting.add(task);
    this.#lastBlocked = task;
    task.blocked = holder === undefined ? { on, since: this.#now } : { on, since: this.#now, holder };
    this.current = null;
    this.#kick();
    return new Promise((resolve) => {
      task.resume = resolve;
    });
  }

  #mayNotBlock(on: string): Promise<void> {
    this.sleptOn ??= on;
    return new Promise(() => undefined);
  }

  /** Makes a blocked task runnable; one that is not blocked stays as it is. */
  wake(task: Task): void {
    if (task.state !== 'blocked') return;
    task.blocked = null;
    this.#makeRunnable(task);
  }

  /** Lets the task in motion sleep for so many ns of world time. */
  sleep(ns: number): Promise<void> {
    const task = this.current;
    const asleep = this.block(`sleep(${String(ns)} ns)`);
    if (task?.state === 'blocked') this.after(ns, () => this.wake(task));
    return asleep;
  }

  /** A place where another task may go first; only a seeded world ever does so. */
  condResched(): MaySleep<void> {
    if (this.atomicDepth > 0) return this.block('cond_resched');
    if (this.current === null || !this.#runnable.choosesOther()) return undefined;
    const task = this.current;
    const yielded = this.block('cond_resched');
    this.wake(task);
    return yielded;
  }

  /**
   * Which task is in motion, and not blocked? When a program has nothing else to do and finds the same one in the same
   * turn for a while, then that task waits for a promise that the world does not know: see {@link watchForeignWaits}.
   */
  inMotion(): InMotion {
    return { task: this.current, where: this.current?.where ?? null, turn: this.#turn };
  }

  /** Tasks that have begun and not ended, and wait for something. */
  blockedTasks(): readonly Task[] {
    return [...this.#waiting].filter(({ state }) => state === 'blocked');
  }

  /** For `whileIn`: the task in motion, or that has just blocked, is in a callback until it leaves. */
  enter(callback: Callback): { leave(): void } | undefined {
    return (this.current ?? this.#lastBlocked)?.enter(callback, this.#turn);
  }

  /**
   * Calls `fire` outside any task, `ns` of world time from now. It may not sleep. An exception of it is an oops,
   * rethrown by the next {@link settle}.
   *
   * @param owner the kernel of the timer: if it is killed, `fire` is not called
   * @throws RangeError for an invalid time
   */
  after(ns: number, fire: () => MayNotSleep, owner: object | null = null): Timer {
    if (!Number.isFinite(ns)) throw new RangeError(`${String(ns)} ns is no time`);
    const timer = this.#timers.add(this.#now + ns, () => {
      if (owner === null || !this.#dead.has(owner))
        callTimer(this, owner, fire, (error) => (this.#unseen ??= { error }));
    });
    if (ns <= 0) this.#kick();
    return timer;
  }

  /**
   * {@link after}, counted from when the world is idle: what is postponed so cannot keep it from being idle.
   *
   * @param ns more than 0
   */
  afterIdle(ns: number, fire: () => MayNotSleep, owner: object | null = null): Timer {
    return this.#idleTimers.postpone(() => this.after(Math.max(1, ns), fire, owner));
  }

  /** Work that takes time without giving up the world: moves the clock by `ns`; due events happen afterwards. */
  consume(ns: number): void {
    this.#now += ns;
  }

  /** For the host: something was done that takes as long as a turn. */
  countTurn(): void {
    this.#watchdog.takeTurn();
  }

  /**
   * Runs all runnable tasks, without advancing time, until the world is idle. Rethrows the exception of a task that has
   * no waiter.
   *
   * @throws SoftLockup (as a rejection) when it never is
   */
  settle(): MaySleep<void> {
    if (this.#quiet()) {
      this.#idleTimers.enter();
      return this.#rethrowUnseen();
    }
    return new Promise<void>((resolve, reject) => {
      this.#settling.push({ resolve, reject });
      this.#expectProgress();
      this.#kick();
    }).then(() => this.#rethrowUnseen());
  }

  /** Moves world time by `ns`, running what becomes due and runnable on the way. */
  async advance(ns: number): Promise<void> {
    const end = this.#now + ns;
    await this.settle();
    while (this.#timers.next <= end) {
      this.#now = Math.max(this.#now, this.#timers.next);
      await this.settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Ends all tasks and timers of a kernel at once; waits for them are rejected with GuestDead. */
  kill(owner: object): void {
    this.#dead.add(owner);
    for (const task of [...this.#waiting]) {
      if (task.owner !== owner) continue;
      task.state = 'dead';
      this.#runnable.remove(task);
      this.#awaited.delete(task);
      this.#waiting.delete(task);
      task.fail?.(new GuestDead(task));
    }
  }

  /** Reports an exception that is not an errno. */
  reportOops(error: unknown, where: string): void {
    this.#oopses.report({ error, where, task: this.current?.name ?? 'event', time: this.#now });
  }

  #awaitOutside<T>(task: Task, result: Promise<T>): Promise<T> {
    this.#awaited.add(task);
    return new Promise<T>((resolve, reject) => {
      task.fail = reject;
      result.then(
        (value) => {
          this.#end(task);
          resolve(value);
        },
        (error: unknown) => {
          this.#end(task);
          reject(error);
        },
      );
    });
  }

  #runBody<T>(task: Task, body: () => MaySleep<T>, resolve: (v: T) => void, reject: (e: unknown) => void): void {
    const ended = (settle: () => void): void => {
      if (task.state === 'dead') return;
      this.#end(task);
      settle();
    };
    try {
      const result = body();
      if (!isPending(result)) ended(() => resolve(result));
      else
        result.then(
          (v) => ended(() => resolve(v)),
          (e: unknown) => ended(() => reject(e)),
        );
    } catch (error) {
      ended(() => reject(error));
    }
  }

  /** An operation that a task calls; or one called from outside meanwhile, which cannot be distinguished. */
  #within<T>(task: Task, result: MaySleep<T>): MaySleep<T> {
    if (!isPending(result)) return result;
    task.nested++;
    const leave = (): void => {
      task.nested--;
      if (task.nested === 0 && task.done) this.#end(task);
    };
    return result.then(
      (value) => {
        leave();
        return value;
      },
      (error: unknown) => {
        leave();
        throw error;
      },
    );
  }

  #end(task: Task): void {
    task.done = true;
    if (task.nested > 0) return;
    const hasCaller = this.#awaited.delete(task);
    if (task.state !== 'dead') task.state = 'ended';
    this.#waiting.delete(task);
    if (this.current === task) this.current = null;
    if (hasCaller) this.#letCallerGoOn();
    // A wait for another task may never end now.
    else if (this.#isBusy() || this.#awaited.size > 0) this.#kick();
  }

  #isBusy(): boolean {
    return this.#runnable.length > 0 || this.#timers.size > 0 || this.#settling.length > 0 || this.#idleTimers.awaited;
  }

  #letCallerGoOn(): void {
    if (this.#isBusy() && !this.#kicked) this.#callerTurn.give();
  }

  #makeRunnable(task: Task): void {
    task.state = 'runnable';
    this.#runnable.push(task);
    this.#kick();
  }

  #quiet(): boolean {
    return this.current === null && this.#runnable.length === 0 && this.#timers.next > this.#now;
  }

  #rethrowUnseen(): void {
    const unseen = this.#unseen;
    this.#unseen = null;
    if (unseen !== null) throw unseen.error;
  }

  /** Has the next one picked; a task in motion sees to that itself when it blocks or ends. */
  #kick(): void {
    if (this.#kicked || this.#stalled || this.current !== null) return;
    this.#kicked = true;
    soon(this.#begin);
  }

  #dispatch(): void {
    this.#kicked = false;
    if (this.current !== null) return;
    if (!this.#watchdog.takeTurn()) {
      this.#giveUp();
      return;
    }
    this.#fireDue();
    const task = this.#runnable.pick();
    if (task !== undefined) this.#continue(task);
    else if (this.#timers.next <= this.#now) this.#kick();
    else this.#idle();
  }

  #fireDue(): void {
    for (let i = 0; i < EVENTS_IN_A_ROW; i++) {
      const fire = this.#timers.takeDue(this.#now);
      if (fire === undefined) return;
      this.#watchdog.note('an event');
      this.#firing = true;
      try {
        fire();
      } finally {
        this.#firing = false;
      }
    }
  }

  #continue(task: Task): void {
    if (this.#awaited.has(task)) this.#expectProgress();
    this.#watchdog.note(task);
    this.current = task;
    this.#turn++;
    task.state = 'running';
    const { entry, resume } = task;
    task.entry = task.resume = null;
    if (entry !== null) entry();
    else resume?.();
  }

  #idle(): void {
    this.#idleTimers.enter();
    if (this.#settling.length > 0) {
      for (const { resolve } of this.#settling.splice(0)) resolve();
      if (this.#awaited.size > 0) this.#kick();
      return;
    }
    if (this.#awaited.size === 0) return;
    if (this.#timers.size > 0) {
      this.#now = Math.max(this.#now, this.#timers.next);
      this.#kick();
    } else this.#reportHung();
  }

  #reportHung(turns = 0): void {
    for (const task of [...this.#awaited]) {
      this.#awaited.delete(task);
      task.fail?.(new HungTask(task, this.#now, turns));
    }
  }

  /** A caller outside starts to wait, or made progress. */
  #expectProgress(): void {
    this.#stalled = false;
    this.#watchdog.touch();
  }

  /** This would never end: the waiter is rejected, and nothing runs until the next call from outside. */
  #giveUp(): void {
    this.#stalled = true;
    const { maxTurns } = this.#watchdog;
    const lockup = new SoftLockup(maxTurns, this.#watchdog.takeLast());
    for (const { reject } of this.#settling.splice(0)) reject(lockup);
    this.#reportHung(maxTurns);
  }
}
