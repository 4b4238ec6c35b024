import { kobjectGetPath, kobjectPut, kobjectGet, kobjectUeventEnv, type Kobject } from '../kobject';
import { EINVAL } from '../errno';
import { after, type MaySleep } from '../may-sleep';
import { Klist } from '../list';
import type { Device } from './device';

/** The directory goes below another one; links to it follow. Sends move with the old path. @see lib/kobject.c kobject_move */
function kobjectMove(kobj: Kobject, parent: Kobject): number {
  const devpath = kobjectGetPath(kobj);
  if (kobj.sd === null || parent.sd === null) return -EINVAL;
  const error = kobj.sd.moveTo(parent.sd, kobj.name ?? '');
  if (error !== 0) return error;
  const old = kobj.kobjParent;
  kobj.kobjParent = kobjectGet(parent);
  if (old !== null) kobjectPut(old);
  kobjectUeventEnv(kobj, 'move', [`DEVPATH_OLD=${devpath}`]);
  return 0;
}

/**
 * Gives a device another parent. Its name, driver and links stay; the parent comes before it for suspend and shutdown.
 * For devices without a class.
 *
 * @returns 0, -EEXIST when the new parent has a child of that name, -EINVAL when one of them is not registered; nothing
 *   has changed then
 * @see drivers/base/core.c device_move with DPM_ORDER_PARENT_BEFORE_DEV
 */
export function deviceMove(dev: Device, newParent: Device): MaySleep<number> {
  newParent.get();
  const error = dev.class === null ? kobjectMove(dev, newParent) : -EINVAL;
  if (error !== 0) {
    newParent.put();
    return error;
  }
  const old = dev.parent;
  dev.parent = newParent;
  return after(leaveOldParent(dev, old), () => {
    newParent.klistChildren ??= new Klist<Device>({ get: (child) => child.get(), put: (child) => child.put() });
    dev.knodeParent = newParent.klistChildren.addTail(dev);
    putParentFirst(dev, newParent);
    old?.put();
    return 0;
  });
}

function leaveOldParent(dev: Device, old: Device | null): MaySleep<void> {
  const node = dev.knodeParent;
  dev.knodeParent = null;
  if (node === null || old === null) return undefined;
  return old.klistChildren?.remove(node, dev.kernel.world, dev.name ?? '');
}

/** @see drivers/base/power/main.c device_pm_move_before, drivers/base/core.c devices_kset_move_before */
function putParentFirst(dev: Device, parent: Device): void {
  const { devicesKset, dpmList } = dev.kernel;
  if (dev.knodeDpm !== null && parent.knodeDpm !== null) {
    dpmList.del(parent.knodeDpm);
    parent.knodeDpm = dpmList.addBefore(parent, dev.knodeDpm);
  }
  if (dev.ksetEntry !== null && parent.ksetEntry !== null) {
    devicesKset.list.del(parent.ksetEntry);
    parent.ksetEntry = devicesKset.list.addBefore(parent, dev.ksetEntry);
  }
}
