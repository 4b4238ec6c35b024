import type { Kobject } from '../kobject/kobject';
import { kobjectDel } from '../kobject/kobject-life';
import { kobjectUevent } from '../kobject/uevent';
import { after, each, slept, type MaySleep } from '../may-sleep';
import { notifyBus } from './bus';
import { busRemoveDevice } from './bus-device';
import { deviceRemoveAttrs, deviceRemoveClassSymlinks, deviceRemoveSysDevEntry, hasDevt } from './device-attrs';
import type { Device } from './device';
import { cleanupGlueDir } from './device-parent';
import { guardVoid } from './guard';
import { deviceLinksPurge } from './links/link-del';
import { climb, ladder } from './steps';

interface Deleting {
  readonly dev: Device;
}

const DEL = ladder<Deleting>('device_del', [
  { name: 'kill_device', do: ({ dev }) => killDevice(dev) },
  { name: 'BUS_NOTIFY_DEL_DEVICE', do: ({ dev }) => notifyBus(dev, 'del-device') },
  { name: 'klist_del(knode_parent)', do: ({ dev }) => leaveParent(dev) },
  { name: 'device_remove_sys_dev_entry', do: ({ dev }) => removeDevt(dev) },
  { name: 'class remove_dev', do: ({ dev }) => leaveClass(dev) },
  { name: 'device_remove_file(uevent)', do: ({ dev }) => dev.sd?.removeName('uevent') },
  { name: 'device_remove_attrs', do: ({ dev }) => deviceRemoveAttrs(dev) },
  { name: 'bus_remove_device', do: ({ dev }) => busRemoveDevice(dev) },
  { name: 'device_pm_remove', do: ({ dev }) => dev.kernel.dpm.remove(dev) },
  { name: 'driver_deferred_probe_del', do: ({ dev }) => dev.kernel.deferred.del(dev) },
  { name: 'device_links_purge', do: ({ dev }) => purgeLinks(dev) },
  { name: 'devres_release_all', do: ({ dev }) => void dev.devres?.releaseAll() },
  { name: 'BUS_NOTIFY_REMOVED_DEVICE', do: ({ dev }) => notifyBus(dev, 'removed-device') },
  { name: 'kobject_uevent(remove)', do: ({ dev }) => void kobjectUevent(dev, 'remove') },
  { name: 'kobject_del', do: ({ dev }) => delKobject(dev) },
  { name: 'put_device(parent)', do: ({ dev }) => dev.parent?.put() },
]);

/** From here on nobody probes it. @see drivers/base/core.c kill_device */
function killDevice(dev: Device): MaySleep<void> {
  const locked = dev.lock();
  return slept(locked) ? locked.then(() => markDead(dev)) : markDead(dev);
}

function markDead(dev: Device): void {
  dev.dead = true;
  dev.unlock();
  const { fwnode } = dev;
  if (fwnode?.dev === dev) fwnode.dev = null;
}

function leaveParent(dev: Device): void {
  if (dev.knodeParent !== null) dev.parent?.klistChildren?.del(dev.knodeParent);
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
  return after(cls.mutex.lock(kernel.world, 'subsys mutex', cls.type.name), () => {
    const where = (): string => `device_del: interface of class ${cls.type.name}, device ${String(dev.name)}`;
    const told = each([...cls.interfaces], (intf) => guardVoid(kernel.world, where, () => intf.removeDev?.(dev)));
    return after(told, () => {
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
  const gone = kobjectDel(dev);
  return slept(gone) ? gone.then(() => cleanupGlueDir(dev, above)) : cleanupGlueDir(dev, above);
}

/** @see drivers/base/core.c device_del */
export function deviceDel(dev: Device): MaySleep<void> {
  const done = climb(DEL, { dev });
  return slept(done) ? done.then(() => undefined) : undefined;
}

/** @see drivers/base/core.c device_unregister */
export function deviceUnregister(dev: Device): MaySleep<void> {
  const gone = deviceDel(dev);
  return slept(gone) ? gone.then(() => dev.put()) : dev.put();
}
