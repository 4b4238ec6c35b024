/** What a blocked task waits for, for the report when it never comes. */
export interface Blocked {
  /** What it waits for: `device_lock(vda)`, `sleep`, ... */
  readonly on: string;
  /** The task that could end the wait, where one is known. */
  readonly holder?: () => Task | null;
  /** World time in ns when the wait began. */
  readonly since: number;
}

/** An operation called from outside belongs to the task that is in motion, and is left alone when that task ends. */
export const WHY_NO_TASK =
  'use world.run or world.spawn, and await world.settle() before calling while a worker is in motion';

/** A callback that is not the core's own. */
export interface Callback {
  /** For reports, e.g. `probe of virtio0`. */
  readonly what: () => string;
  /** Is it a driver's own, and not a function of the core around it? Default: no. */
  readonly isOwn?: boolean;
}

/** A callback that returned a promise: its task is within it until the promise is settled. */
interface Entered extends Callback {
  /** The world counts how often tasks begin and go on. Callbacks of one turn were entered from the inside out. */
  readonly turn: number;
}

/** The running task. */
export interface InMotion {
  /** Null while no task is in motion. */
  readonly task: Task | null;
  /** The innermost callback that it waits in, e.g. `probe of virtio0`; null outside of any. */
  readonly where: string | null;
  /** Another number than before: the world has moved meanwhile. */
  readonly turn: number;
}

/** One thread of kernel work. Exactly one task of a world is in motion; the others are blocked or runnable. */
export class Task {
  /** What this task waits for; null while it is in motion or runnable. */
  blocked: Blocked | null = null;
  /** Continues the blocked task; set by World.block. */
  resume: (() => void) | null = null;
  /** First step of a task that was spawned and has not run yet. */
  entry: (() => void) | null = null;
  /** Rejects the wait of the caller outside the world for the task's result. */
  fail: ((error: Error) => void) | null = null;
  /** Operations within the task that sleep: it ends after them, though its own operation may have ended before. */
  nested = 0;
  /** Its own operation has ended. */
  done = false;
  /** Called from outside: once woken it runs before workers and spawned tasks. */
  isOperation = false;
  state: 'running' | 'runnable' | 'blocked' | 'ended' | 'dead' = 'running';

  #entered: Entered[] | null = null;
  readonly #what: string;
  readonly #of: string | null;

  /**
   * @param what the operation or the worker, for reports
   * @param owner the kernel: the task ends when it is killed
   * @param of the object of the operation, for reports
   */
  constructor(
    what: string,
    public owner: object | null = null,
    of: string | null = null,
  ) {
    this.#what = what;
    this.#of = of;
  }

  /** For reports; formatted on demand, since most tasks are never reported. */
  get name(): string {
    return this.#of === null ? this.#what : `${this.#what}(${this.#of})`;
  }

  /** It waits in a callback from now on, until it leaves it. */
  enter(callback: Callback, turn: number): { leave(): void } {
    const one: Entered = { ...callback, turn };
    const all = (this.#entered ??= []);
    all.push(one);
    return { leave: () => void all.splice(all.indexOf(one), 1) };
  }

  /** The innermost callback that it waits in, a driver's own if there is one; null outside of any. */
  get where(): string | null {
    const all = this.#entered ?? [];
    const inner = all.filter(({ turn }) => turn === all.at(-1)?.turn);
    return (inner.find(({ isOwn }) => isOwn === true) ?? inner[0])?.what() ?? null;
  }
}

/**
 * A caller waits for this task, and it will never be woken: nothing is runnable and no event is due, or all progress is
 * without it.
 *
 * @see kernel/hung_task.c
 */
export class HungTask extends Error {
  /** @param turns how many tasks and events had their turn meanwhile; 0 when there are none left */
  constructor(
    readonly task: Task,
    now: number,
    turns = 0,
  ) {
    super(report(task, now) + (turns === 0 ? '' : `, while ${String(turns)} tasks and events had their turn`));
    this.name = 'HungTask';
  }
}

function report(task: Task, now: number): string {
  const { blocked } = task;
  if (blocked === null) return `task '${task.name}' is not blocked, yet nothing runs it`;
  const holder = blocked.holder?.();
  const held = holder ? `, held by task '${holder.name}' (${holder.state}${holderWaits(holder)})` : '';
  return `task '${task.name}' blocked for ${String(now - blocked.since)} ns on ${blocked.on}${held}`;
}

function holderWaits(holder: Task): string {
  return holder.blocked === null ? '' : `, waits for ${holder.blocked.on}`;
}

/** The number of names in a {@link SoftLockup}. */
const NAMES = 5;

/** A caller waits for the world to be idle, and it never is. @see kernel/watchdog.c watchdog_timer_fn */
export class SoftLockup extends Error {
  /** @param last the tasks that had the last turns */
  constructor(turns: number, last: readonly string[]) {
    const more = last.length > NAMES ? `, and ${String(last.length - NAMES)} more` : '';
    const who = last.slice(0, NAMES).join(', ') + more;
    super(`soft lockup: the world was never idle in ${String(turns)} turns of tasks and events, the last: ${who}`);
    this.name = 'SoftLockup';
  }
}

/** The guest that the operation ran in was killed: the operation will never end. */
export class GuestDead extends Error {
  constructor(readonly task: Task) {
    super(`the guest died during '${task.name}'`);
    this.name = 'GuestDead';
  }
}

/** A task that was spawned explicitly; a wait for it advances time, and detects that it is hung. */
export interface Spawned<T> extends PromiseLike<T> {
  readonly task: Task;
}
