import { isPending, type MayNotSleep } from '../may-sleep';

/** Where a kernel, or the host, reports a bug. */
export interface BugLog {
  err(text: string): void;
}

/** What a world knows of callbacks that may not sleep. */
interface AtomicWorld {
  readonly options: { readonly oops?: 'oops' | 'error' };
  atomicDepth: number;
  sleptOn: string | null;
  reportOops(error: unknown, where: string): void;
}

/**
 * A callback that may not sleep has slept: an oops. It does not continue.
 *
 * @see kernel/sched/core.c __might_resched
 */
export class SleepInAtomic extends Error {
  /**
   * @param where the callback and its object
   * @param on what it waits for, if known
   */
  constructor(
    readonly where: string,
    readonly on: string | null = null,
  ) {
    super(`BUG: sleeping function called from invalid context at ${where}${on === null ? '' : ` (${on})`}`);
    this.name = 'SleepInAtomic';
  }
}

/**
 * Calls a function that may not sleep. Returning a promise is a bug, and so is waiting for anything or taking a
 * sleeping lock: it is logged and kept in `world.oopses`. The promise and its result are ignored.
 *
 * @param where the callback and its object, e.g. "device_release: device vda"
 * @throws SleepInAtomic, and what the callback throws
 */
export function atomic<T>(world: AtomicWorld, log: BugLog | null, where: () => string, body: () => T): T {
  let result: T;
  world.atomicDepth++;
  try {
    result = body();
  } catch (error) {
    world.sleptOn = null;
    throw error;
  } finally {
    world.atomicDepth--;
  }
  if (world.sleptOn === null && !isPending(result)) return result;
  throw bugOf(world, log, where(), result);
}

/**
 * {@link atomic} for a function without a result.
 *
 * @throws as {@link atomic}, but no SleepInAtomic in a world where an oops is an error
 */
export function atomicVoid(world: AtomicWorld, log: BugLog | null, where: () => string, body: () => unknown): void {
  try {
    atomic(world, log, where, body);
  } catch (error) {
    if (!(error instanceof SleepInAtomic) || world.options.oops !== 'error') throw error;
  }
}

/** @param unseen called with the exception of the timer, which is an oops @see kernel/time/timer.c call_timer_fn */
export function callTimer(
  world: AtomicWorld,
  owner: object | null,
  fire: () => MayNotSleep,
  unseen: (error: unknown) => void,
): void {
  const fn = 'call_timer_fn';
  // Oopses of a kernel's timers are in its log.
  const { log = null } = (owner ?? {}) as { readonly log?: BugLog };
  try {
    atomicVoid(world, log, () => fn, fire);
  } catch (error) {
    world.reportOops(error, fn);
    unseen(error);
  }
}

/** A result that may be no promise, of host code that has no kernel. @throws SleepInAtomic when it is one */
export function noPromise<T>(result: T, where: () => string): T {
  if (!isPending(result)) return result;
  forget(result);
  throw new SleepInAtomic(where());
}

function bugOf(world: AtomicWorld, log: BugLog | null, where: string, result: unknown): SleepInAtomic {
  if (isPending(result)) forget(result);
  const bug = new SleepInAtomic(where, world.sleptOn);
  world.sleptOn = null;
  log?.err(bug.message);
  world.reportOops(bug, where);
  return bug;
}

/** There is no caller that waits for it, so its failure cannot be reported. */
function forget(promise: Promise<unknown>): void {
  promise.then(undefined, () => undefined);
}
