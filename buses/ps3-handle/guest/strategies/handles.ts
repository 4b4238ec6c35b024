import { EBUSY, ENODEV, errnoName, ErrnoError } from '../../../../lib/errno';
import { devMessage } from '../../../../lib/base/device';
import type { PmPhase } from '../../../../lib/base/power/pm-ops';
import { andThen, isPending, type MaySleep } from '../../../../lib/may-sleep';
import type { AttributeGroup } from '../../../../lib/sysfs';
import type { Ps3Device, Ps3System } from '../device';
import { MATCH_ID_VIRTIO, MAX_DEVICES } from '../../layout';
import type { Names } from './names';

/** The device has no handle from now on, if it had one. One that the hypervisor does not take back is warned of. */
export function giveBack(dev: Ps3Device): void {
  const { handle } = dev;
  if (handle === null) return;
  dev.handle = null;
  const status = dev.system.lv1.freeDevice(handle);
  if (status === 0) return;
  dev.kernel.warn(devMessage(dev, `handle ${String(handle)} cannot be given back: ${errnoName(status)}`));
}

/**
 * For {@link Ps3Strategy.pm}: at restore a device that had a handle gets another one, of any free device of the class.
 * Nothing identifies the previous device, or distinguishes the new one from it: the driver continues as if it were the
 * same.
 */
export function reallocate(
  dev: Ps3Device,
  phase: PmPhase,
  next: () => MaySleep<number | void>,
): MaySleep<number | void> {
  if (phase !== 'restore' || dev.handle === null) return next();
  const handle = dev.system.lv1.allocDevice(dev.classId);
  dev.handle = handle < 0 ? null : handle;
  return andThen(next(), (error) => (handle < 0 ? handle : error));
}

/** A handle that needs a device. */
export interface AllocatedHandle {
  readonly handle: number;
  readonly classId: number;
  /** Reserved in `names`. */
  readonly name: string;
  readonly groups?: readonly AttributeGroup<Ps3Device>[];
}

/**
 * Makes a device of a handle: its release releases handle and name. An open file of the device therefore keeps both,
 * and no other guest can get the device while this kernel may access it.
 *
 * @throws ErrnoError as Device.add; the handle is released
 */
export function addHeld(
  system: Ps3System,
  { name, classId, handle, groups = [] }: AllocatedHandle,
  names: Names,
): MaySleep<void> {
  const release = (dev: Ps3Device): void => {
    names.free(name);
    giveBack(dev);
  };
  return system.addDevice({ name, matchId: MATCH_ID_VIRTIO, classId, handle, groups, release });
}

/**
 * Allocates up to `count` devices of a class and makes devices of them, called `blk_00`, `blk_01`, ...
 *
 * @returns their names; fewer than `count` when no more are free
 * @throws ErrnoError another refusal of the hypervisor, as Device.add; devices that were added stay
 */
export async function allocate(system: Ps3System, classId: number, count: number, names: Names): Promise<string[]> {
  const made: string[] = [];
  while (made.length < Math.min(count, MAX_DEVICES)) {
    const resched = system.kernel.world.condResched();
    if (isPending(resched)) await resched;
    const handle = system.lv1.allocDevice(classId);
    if (handle === -EBUSY || handle === -ENODEV) break;
    if (handle < 0) throw new ErrnoError(-handle, { syscall: 'lv1_alloc_device' });
    const name = names.next(classId);
    await addHeld(system, { name, classId, handle }, names);
    made.push(name);
  }
  return made;
}

/** Removes devices from the bus; each releases its handle with its last reference. */
export async function unregisterAll(devices: Iterable<Ps3Device>): Promise<void> {
  for (const dev of [...devices]) await dev.unregister();
}
