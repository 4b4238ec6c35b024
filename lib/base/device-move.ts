import { Klist } from '../list';
import type { Kobject } from '../kobject/kobject';
import { kobjectMove, kobjectRename } from '../kobject/kobject-move';
import type { Device, DpmOrder } from './device';
import { leaveBusDir } from './driver';
import { devicesKsetMoveBeside, devicesKsetMoveLast } from './device-order';
import { cleanupGlueDir, getDeviceParent } from './device-parent';

/**
 * Gives a device another name. Its link in the class's directory follows; those of bus and driver keep the old name.
 *
 * @returns 0; -EEXIST when the name is taken; -EINVAL for a device that is not registered
 * @see drivers/base/core.c device_rename
 */
export function deviceRename(dev: Device, name: string): number {
  const { class: cls, sd } = dev;
  dev.get();
  leaveBusDir(dev);
  const linkError = cls?.sd && sd !== null ? cls.sd.renameLink(dev.name ?? '', name, sd) : 0;
  const error = linkError === 0 ? kobjectRename(dev, name) : linkError;
  dev.put();
  return error;
}

/**
 * Gives a device another parent, or none. Its name, its driver and the links to it stay. A directory of its class that
 * it leaves empty stays too: nothing takes it away later.
 *
 * @returns 0; -EEXIST when the new parent has a child of that name: nothing has changed; -EEXIST when the device has
 *   a file `device`, which a device of a class needs for its parent: see `moveBack`
 * @see drivers/base/core.c device_move
 */
export async function deviceMove(dev: Device, newParent: Device | null, order: DpmOrder): Promise<number> {
  newParent?.get();
  const above = getDeviceParent(dev, newParent);
  if (typeof above === 'number') {
    newParent?.put();
    return above;
  }
  const error = kobjectMove(dev, above);
  if (error !== 0) {
    await cleanupGlueDir(dev, above);
    newParent?.put();
    return error;
  }
  return adopted(dev, newParent, above, order);
}

async function adopted(dev: Device, newParent: Device | null, above: Kobject | null, order: DpmOrder): Promise<number> {
  const old = dev.parent;
  dev.parent = newParent;
  await leaveParent(dev, old);
  joinParent(dev, newParent);
  const error = moveClassLinks(dev, old, newParent);
  if (error !== 0) {
    await moveBack(dev, newParent, old);
    await cleanupGlueDir(dev, above);
    newParent?.put();
    return error;
  }
  reorder(dev, newParent, order);
  old?.put();
  return 0;
}

/**
 * The move is not undone completely: a file with the name of the link is removed, and the device's directory is
 * directly below the old parent, or in /sys/devices, without the glue directory.
 *
 * @see drivers/base/core.c device_move
 */
async function moveBack(dev: Device, newParent: Device | null, old: Device | null): Promise<void> {
  void moveClassLinks(dev, newParent, old);
  if (kobjectMove(dev, old) !== 0) return;
  await leaveParent(dev, newParent);
  dev.parent = old;
  joinParent(dev, old);
}

async function leaveParent(dev: Device, parent: Device | null): Promise<void> {
  const node = dev.knodeParent;
  dev.knodeParent = null;
  if (node !== null && parent !== null) await parent.klistChildren?.remove(node, dev.kernel.world, dev.name ?? '');
}

/** At the end of the parent's children. */
export function joinParent(dev: Device, parent: Device | null): void {
  if (parent === null) return;
  parent.klistChildren ??= new Klist<Device>({ get: (child) => child.get(), put: (child) => child.put() });
  dev.knodeParent = parent.klistChildren.addTail(dev);
}

/** @see drivers/base/core.c device_move_class_links */
function moveClassLinks(dev: Device, old: Device | null, newParent: Device | null): number {
  if (dev.class === null) return 0;
  if (old !== null) void dev.sd?.removeName('device');
  return newParent === null ? 0 : (dev.sd?.addLink('device', newParent.sd) ?? 0);
}

function reorder(dev: Device, parent: Device | null, order: DpmOrder): void {
  const { dpm } = dev.kernel;
  if (order === 'dev-last') {
    dpm.moveLast(dev);
    devicesKsetMoveLast(dev);
  }
  if (parent === null) return;
  if (order === 'dev-after-parent') {
    dpm.moveBeside(dev, parent, 'after');
    devicesKsetMoveBeside(dev, parent, 'after');
  }
  if (order === 'parent-before-dev') {
    dpm.moveBeside(parent, dev, 'before');
    devicesKsetMoveBeside(parent, dev, 'before');
  }
}
