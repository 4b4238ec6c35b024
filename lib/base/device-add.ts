import { dpmSysfsAdd, dpmSysfsRemove } from './power/sysfs';
import { EINVAL } from '../errno';
import type { Kobject } from '../kobject/kobject';
import { kobjectAdd, kobjectDel } from '../kobject/kobject-life';
import { kobjectUevent } from '../kobject/uevent';
import { andThen, each, type MaySleep } from '../may-sleep';
import { notifyBus } from './bus';
import { busAddDevice, busProbeDevice, busRemoveDevice } from './bus-device';
import {
  devAttrDev,
  deviceAddAttrs,
  deviceAddClassSymlinks,
  deviceCreateSysDevEntry,
  deviceRemoveAttrs,
  deviceRemoveClassSymlinks,
  hasDevt,
} from './device-attrs';
import type { Device } from './device';
import { joinParent } from './device-move';
import { cleanupGlueDir, getDeviceParent } from './device-parent';
import { devAttrUevent } from './device-uevent';
import { guardVoid } from './guard';
import { climb, ladder } from './steps';

interface Adding {
  readonly dev: Device;
  /** Where the directory goes; with a reference if it is a glue directory. */
  above: Kobject | null;
}

/** The steps of device_add. A failed step unwinds those above it, from the bottom up. */
export const ADD = ladder<Adding>('device_add', [
  { name: 'dev_set_name', do: ({ dev }) => setName(dev) },
  {
    name: 'get_device(parent)',
    cannotFail: true,
    do: ({ dev }) => void dev.parent?.get(),
    undo: ({ dev }) => dev.parent?.put(),
  },
  { name: 'get_device_parent', do: getParent, undo: ({ dev, above }) => cleanupGlueDir(dev, above) },
  { name: 'kobject_add', do: ({ dev, above }) => kobjectAdd(dev, above, null), undo: takeFromSysfs },
  {
    name: 'device_create_file(uevent)',
    do: ({ dev }) => dev.sd?.addFile(devAttrUevent),
    undo: ({ dev }) => dev.sd?.removeName('uevent'),
  },
  {
    name: 'device_add_class_symlinks',
    do: ({ dev }) => deviceAddClassSymlinks(dev),
    undo: ({ dev }) => deviceRemoveClassSymlinks(dev),
  },
  { name: 'device_add_attrs', do: ({ dev }) => deviceAddAttrs(dev), undo: ({ dev }) => deviceRemoveAttrs(dev) },
  { name: 'bus_add_device', do: ({ dev }) => busAddDevice(dev), undo: leaveBus },
  { name: 'device_pm_add', do: addPm, undo: removePm },
  { name: 'device_create_file(dev)', do: ({ dev }) => addDevFile(dev), undo: ({ dev }) => dev.sd?.removeName('dev') },
  { name: 'device_create_sys_dev_entry', do: ({ dev }) => (hasDevt(dev) ? deviceCreateSysDevEntry(dev) : 0) },
  { name: 'BUS_NOTIFY_ADD_DEVICE', cannotFail: true, do: ({ dev }) => notifyBus(dev, 'add-device') },
  { name: 'kobject_uevent(add)', cannotFail: true, do: ({ dev }) => void kobjectUevent(dev, 'add') },
  { name: 'dev_set_ready_to_probe', cannotFail: true, do: linkAndSetReady },
  { name: 'bus_probe_device', cannotFail: true, do: probeDevice },
  { name: 'klist_add_tail(klist_children)', cannotFail: true, do: ({ dev }) => joinParent(dev, dev.parent) },
  { name: 'class add_dev', cannotFail: true, do: ({ dev }) => joinClass(dev) },
]);

/** Its directory `power` too. @see drivers/base/power/sysfs.c dpm_sysfs_add */
function addPm({ dev }: Adding): number {
  const error = dpmSysfsAdd(dev);
  if (error === 0) dev.kernel.dpm.add(dev);
  return error;
}

function removePm({ dev }: Adding): void {
  dev.kernel.dpm.remove(dev);
  dpmSysfsRemove(dev);
}

/** A bus can name its devices: its devName and their id. */
function setName(dev: Device): number {
  const devName = dev.bus?.type.devName;
  if ((dev.name === null || dev.name === '') && devName !== undefined) dev.name = `${devName}${String(dev.id)}`;
  return dev.name === null || dev.name === '' ? -EINVAL : 0;
}

function getParent(adding: Adding): number {
  const above = getDeviceParent(adding.dev, adding.dev.parent);
  if (typeof above === 'number') return above;
  adding.above = above;
  return 0;
}

/** Sends remove, though add was never sent. @see drivers/base/core.c device_add, label attrError */
function takeFromSysfs({ dev }: Adding): MaySleep<void> {
  kobjectUevent(dev, 'remove');
  return kobjectDel(dev);
}

function leaveBus({ dev }: Adding): MaySleep<void> {
  dev.driver = null;
  return busRemoveDevice(dev);
}

function addDevFile(dev: Device): number {
  return hasDevt(dev) ? (dev.sd?.addFile(devAttrDev) ?? 0) : 0;
}

/** Consumers that wait for the device are linked to it before it is probed. @see core.c fw_devlink_link_device */
function linkAndSetReady({ dev }: Adding): MaySleep<void> {
  const { fwnode } = dev;
  if (fwnode === null) return setReadyToProbe(dev);
  return andThen(dev.kernel.fwDevlink.linkDevice(dev, fwnode), () => setReadyToProbe(dev));
}

function probeDevice({ dev }: Adding): MaySleep<void> {
  const probed = busProbeDevice(dev);
  return dev.fwnode === null ? probed : andThen(probed, () => dev.kernel.fwDevlink.deviceProbed(dev));
}

function setReadyToProbe(dev: Device): MaySleep<void> {
  return andThen(dev.lock(), readyLocked, dev);
}

function readyLocked(_: void, dev: Device): void {
  dev.readyToProbe = true;
  dev.unlock();
}

function joinClass(dev: Device): MaySleep<void> {
  const { class: cls, kernel } = dev;
  if (cls === null) return undefined;
  return andThen(cls.mutex.lock(kernel.world, 'subsys mutex', cls.type.name), () => {
    dev.knodeClass = cls.klistDevices.addTail(dev);
    const where = (): string => `device_add: interface of class ${cls.type.name}, device ${String(dev.name)}`;
    const notified = each([...cls.interfaces], (intf) => guardVoid(kernel.world, where, () => intf.addDev?.(dev)));
    return andThen(notified, () => cls.mutex.unlock(kernel.world));
  });
}

/**
 * Adds a device.
 *
 * @returns 0; -EINVAL without a name; the error of a directory, a file or a link
 * @see drivers/base/core.c device_add
 */
export function deviceAdd(dev: Device): MaySleep<number> {
  return andThen(climb(ADD, { dev: dev.get(), above: null }), putAdded, dev);
}

function putAdded(error: number, dev: Device): number {
  dev.put();
  return error;
}
