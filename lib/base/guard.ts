import { EFAULT, errnoOf } from '../errno';
import { slept, type MaySleep } from '../may-sleep';
import type { World } from '../world/world';

/** What a callback may give back for success or refusal. */
type Outcome = number | boolean | void;

/**
 * Calls what a driver or a bus brought, for the core: a thrown refusal becomes a negative number; anything else that
 * is thrown is an oops, which is kept in `world.oopses` and thrown on (locks stay held), or is -EFAULT in a world made
 * with `oops: 'error'`.
 *
 * @param where the kernel function that calls, and for what, e.g. "really_probe: driver virtio_blk, device virtio0"
 */
export function guard(world: World, where: () => string, body: () => MaySleep<Outcome>): MaySleep<number> {
  try {
    const result = body();
    return slept(result) ? result.then(toNumber, (error: unknown) => refusal(world, where, error)) : toNumber(result);
  } catch (error) {
    return refusal(world, where, error);
  }
}

function toNumber(result: Outcome): number {
  return typeof result === 'number' ? result : result === true ? 1 : 0;
}

/** The number of a thrown refusal. @throws what is no refusal, unless an oops is an error in this world */
export function refusal(world: World, where: () => string, error: unknown): number {
  const no = errnoOf(error);
  if (no !== undefined) return no;
  world.reportOops(error, where());
  if (world.options.oops !== 'error') throw error;
  return -EFAULT;
}
