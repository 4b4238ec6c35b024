import type { Kobject } from '../kobject/kobject';
import { kobjectDel } from '../kobject/kobject-life';
import { kobjectUevent } from '../kobject/uevent';
import { andThen, each, ignoreResult, type MaySleep } from '../may-sleep';
import { notifyBus } from './bus';
import { busRemoveDevice } from './bus-device';
import { deviceRemoveAttrs, deviceRemoveClassSymlinks, deviceRemoveSysDevEntry, hasDevt } from './device-attrs';
import type { Device } from './device';
import { cleanupGlueDir } from './device-parent';
import { guardVoid } from './guard';
import { deviceLinksPurge } from './links/link-del';
import { climb, descent } from './steps';

interface Deleting {
  readonly dev: Device;
}

const DEL = descent<Deleting>('device_del', [
  { name: 'kill_device', cannotFail: true, do: ({ dev }) => killDevice(dev) },
  { name: 'BUS_NOTIFY_DEL_DEVICE', cannotFail: true, do: ({ dev }) => notifyBus(dev, 'del-device') },
  { name: 'klist_del(knode_parent)', cannotFail: true, do: ({ dev }) => leaveParent(dev) },
  { name: 'device_remove_sys_dev_entry', cannotFail: true, do: ({ dev }) => removeDevt(dev) },
  { name: 'class remove_dev', cannotFail: true, do: ({ dev }) => leaveClass(dev) },
  { name: 'device_remove_file(uevent)', cannotFail: true, do: ({ dev }) => dev.sd?.removeName('uevent') },
  { name: 'device_remove_attrs', cannotFail: true, do: ({ dev }) => deviceRemoveAttrs(dev) },
  { name: 'bus_remove_device', cannotFail: true, do: ({ dev }) => busRemoveDevice(dev) },
  { name: 'device_pm_remove', cannotFail: true, do: ({ dev }) => dev.kernel.dpm.remove(dev) },
  { name: 'driver_deferred_probe_del', cannotFail: true, do: ({ dev }) => dev.kernel.deferred.del(dev) },
  { name: 'device_links_purge', cannotFail: true, do: ({ dev }) => purgeLinks(dev) },
  { name: 'devres_release_all', cannotFail: true, do: ({ dev }) => void dev.devres?.releaseAll() },
  { name: 'BUS_NOTIFY_REMOVED_DEVICE', cannotFail: true, do: ({ dev }) => notifyBus(dev, 'removed-device') },
  { name: 'kobject_uevent(remove)', cannotFail: true, do: ({ dev }) => void kobjectUevent(dev, 'remove') },
  { name: 'kobject_del', cannotFail: true, do: ({ dev }) => delKobject(dev) },
  { name: 'put_device(parent)', cannotFail: true, do: ({ dev }) => dev.parent?.put() },
]);

/** From here on it is not probed. @see drivers/base/core.c kill_device */
function killDevice(dev: Device): MaySleep<void> {
  return andThen(dev.lock(), killLocked, dev);
}

function killLocked(_: void, dev: Device): void {
  dev.dead = true;
  dev.unlock();
  const { fwnode } = dev;
  if (fwnode?.dev === dev) fwnode.dev = null;
}

function leaveParent(dev: Device): void {
  if (dev.knodeParent === null) return;
  dev.parent?.klistChildren?.del(dev.knodeParent);
  dev.knodeParent = null;
}

function removeDevt(dev: Device): MaySleep<void> {
  if (!hasDevt(dev)) return undefined;
  deviceRemoveSysDevEntry(dev);
  return dev.sd?.removeName('dev');
}

function leaveClass(dev: Device): MaySleep<void> {
  const { class: cls, kernel } = dev;
  if (cls === null) return undefined;
  deviceRemoveClassSymlinks(dev);
  return andThen(cls.mutex.lock(kernel.world, 'subsys mutex', cls.type.name), () => {
    const where = (): string => `device_del: interface of class ${cls.type.name}, device ${String(dev.name)}`;
    const notified = each([...cls.interfaces], (intf) => guardVoid(kernel.world, where, () => intf.removeDev?.(dev)));
    return andThen(notified, () => {
      if (dev.knodeClass !== null) cls.klistDevices.del(dev.knodeClass);
      dev.knodeClass = null;
      cls.mutex.unlock(kernel.world);
    });
  });
}

function purgeLinks(dev: Device): MaySleep<void> {
  return dev.suppliers.length + dev.consumers.length === 0 ? undefined : deviceLinksPurge(dev);
}

function delKobject(dev: Device): MaySleep<void> {
  const above: Kobject | null = dev.kobjParent;
  return andThen(kobjectDel(dev), leaveGlueDir, dev, above);
}

function leaveGlueDir(_: void, dev: Device, above: Kobject | null): MaySleep<void> {
  return cleanupGlueDir(dev, above);
}

/** @see drivers/base/core.c device_del */
export function deviceDel(dev: Device): MaySleep<void> {
  return andThen(climb(DEL, { dev }), ignoreResult);
}

/** @see drivers/base/core.c device_unregister */
export function deviceUnregister(dev: Device): MaySleep<void> {
  return andThen(deviceDel(dev), putDevice, dev);
}

function putDevice(_: void, dev: Device): void {
  dev.put();
}
