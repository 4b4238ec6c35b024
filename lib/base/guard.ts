import { EFAULT, errnoOf, noResult } from '../errno';
import { isPending, type MayNotSleep, type MaySleep } from '../may-sleep';
import { atomic, atomicVoid, type BugLog } from '../world/atomic';
import type { World } from '../world/world';
import { whileIn } from '../world/foreign-wait';

/** What callbacks need of the kernel that calls them. */
export interface GuardedKernel {
  readonly world: World;
  readonly log: BugLog;
}

/** What a callback may give back for success or refusal. */
type Outcome = number | void;

/**
 * Calls a callback of a driver or a bus, for the core: a thrown ErrnoError becomes a negative errno; any other
 * exception, and an invalid result, is an oops, which is kept in `world.oopses` and rethrown (locks stay held), or
 * becomes -EFAULT in a world made with `oops: 'error'`.
 *
 * @param where the kernel function that calls, and for what, e.g. "really_probe: driver virtio_blk, device virtio0"
 */
export function guard(world: World, where: () => string, body: () => MaySleep<Outcome>): MaySleep<number> {
  let result: MaySleep<Outcome>;
  try {
    result = body();
  } catch (error) {
    return refusal(world, where, error);
  }
  if (!isPending(result)) return toNumber(world, where, result);
  return whileIn(
    world,
    { what: where },
    result,
    (r) => toNumber(world, where, r),
    (error) => refusal(world, where, error),
  );
}

/** {@link guard} for a callback without a result: what it returns is ignored. */
export function guardVoid(world: World, where: () => string, body: () => MaySleep<unknown>): MaySleep<void> {
  try {
    const result = body();
    if (!isPending(result)) return undefined;
    return whileIn(
      world,
      { what: where },
      result,
      () => undefined,
      (error) => void refusal(world, where, error),
    );
  } catch (error) {
    return void refusal(world, where, error);
  }
}

function toNumber(world: World, where: () => string, result: Outcome): number {
  const given = result ?? 0;
  return Number.isSafeInteger(given) ? given : refusal(world, where, noResult(given));
}

/** The errno of an exception. @throws the exception if it is not an errno, unless an oops is an error in this world */
export function refusal(world: World, where: () => string, error: unknown): number {
  const no = errnoOf(error);
  if (no !== undefined) return no;
  world.reportOops(error, where());
  if (world.options.oops !== 'error') throw error;
  return -EFAULT;
}

/**
 * Calls a callback that may not sleep and has a result. If it sleeps, that is an oops, which is logged by the kernel.
 *
 * @throws SleepInAtomic, what the callback throws
 */
export function callAtomic<T>(kernel: GuardedKernel, where: () => string, body: () => T): T {
  return atomic(kernel.world, kernel.log, where, body);
}

/**
 * Calls a callback that may not sleep and has no result. If it sleeps, that is an oops, which is logged by the kernel.
 *
 * @throws SleepInAtomic unless an oops is an error in this world; what the callback throws
 */
export function callAtomicVoid(kernel: GuardedKernel, where: () => string, body: () => MayNotSleep): void {
  atomicVoid(kernel.world, kernel.log, where, body);
}
