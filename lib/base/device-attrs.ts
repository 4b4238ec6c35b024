import { check } from '../errno';
import { after, type MaySleep } from '../may-sleep';
import { attrRo, createGroups, removeGroups, type Attribute, type AttributeGroup, type LinkSlot, type SysfsDir } from '../sysfs';
import type { Device } from './device';

/** The device's directory. Callers come between kobject_add and kobject_del. */
function dirOf(dev: Device): SysfsDir {
  if (dev.sd === null) throw new Error(`device ${String(dev.name)} has no directory`);
  return dev.sd;
}

/** A link named `subsystem` or `driver` follows from the device: no entry is needed for it. */
const SUBSYSTEM_OF_BUS: LinkSlot = { kind: 'link', name: 'subsystem', target: (dir) => (dir.owner as Device).bus?.sd ?? null };
const SUBSYSTEM_OF_CLASS: LinkSlot = { kind: 'link', name: 'subsystem', target: (dir) => (dir.owner as Device).class?.sd ?? null };

/** @see drivers/base/core.c device_create_file */
export function deviceCreateFile(dev: Device, attr: Attribute<never>): void {
  check(dirOf(dev).addFile(attr), 'device_create_file', `${String(dev.name)}/${attr.name}`);
}

/** @see drivers/base/core.c device_add_groups */
export function deviceAddGroups(dev: Device, groups: readonly AttributeGroup<never>[] | undefined): number {
  return groups === undefined ? 0 : createGroups(dirOf(dev), groups);
}

/** @see drivers/base/core.c device_remove_groups */
export function deviceRemoveGroups(dev: Device, groups: readonly AttributeGroup<never>[] | undefined): MaySleep<void> {
  return groups === undefined ? undefined : removeGroups(dirOf(dev), groups);
}

/** Groups of the class, the type, the device. @see drivers/base/core.c device_add_attrs */
export function deviceAddAttrs(dev: Device): number {
  const made: (readonly AttributeGroup<never>[] | undefined)[] = [];
  for (const groups of [dev.class?.type.devGroups, dev.type?.groups, dev.groups]) {
    const error = deviceAddGroups(dev, groups);
    if (error === 0) {
      made.unshift(groups);
      continue;
    }
    for (const undo of made) void deviceRemoveGroups(dev, undo);
    return error;
  }
  return 0;
}

/** @see drivers/base/core.c device_remove_attrs */
export function deviceRemoveAttrs(dev: Device): MaySleep<void> {
  return after(deviceRemoveGroups(dev, dev.groups), () =>
    after(deviceRemoveGroups(dev, dev.type?.groups), () => deviceRemoveGroups(dev, dev.class?.type.devGroups)),
  );
}

/** Links between the device, its class and its parent. @see drivers/base/core.c device_add_class_symlinks */
export function deviceAddClassSymlinks(dev: Device): number {
  const { class: cls, parent } = dev;
  if (cls === null) return 0;
  const dir = dirOf(dev);
  const error = dir.addFixedLink(SUBSYSTEM_OF_CLASS);
  if (error !== 0) return error;
  const hasDevice = parent !== null;
  const deviceError = hasDevice ? dir.addLink('device', parent.sd) : 0;
  if (deviceError === 0) {
    const classError = cls.sd?.addLink(dev.name ?? '', dir) ?? 0;
    if (classError === 0) return 0;
    if (hasDevice) void dir.removeName('device');
    void dir.removeName('subsystem');
    return classError;
  }
  void dir.removeName('subsystem');
  return deviceError;
}

/** @see drivers/base/core.c device_remove_class_symlinks */
export function deviceRemoveClassSymlinks(dev: Device): void {
  const { class: cls } = dev;
  if (cls === null) return;
  const dir = dirOf(dev);
  if (dev.parent !== null) void dir.removeName('device');
  void dir.removeName('subsystem');
  void cls.sd?.removeName(dev.name ?? '');
}

/** Link `subsystem` to the bus. A class's link of that name is in the way. @see drivers/base/bus.c bus_add_device */
export function addSubsystemLink(dev: Device): number {
  return dirOf(dev).addFixedLink(SUBSYSTEM_OF_BUS);
}

/** The file `dev`. @see drivers/base/core.c dev_show */
export const devAttrDev = attrRo<Device>('dev', (dev) => `${devtName(dev)}\n`);

function devtName(dev: Device): string {
  return `${String(dev.devt?.major ?? 0)}:${String(dev.devt?.minor ?? 0)}`;
}

/** @see include/linux/kdev_t.h MAJOR */
export function hasDevt(dev: Device): boolean {
  return dev.devt !== null && dev.devt.major !== 0;
}

/** /sys/dev/char/MAJ:MIN, or block. @see drivers/base/core.c device_create_sys_dev_entry */
export function deviceCreateSysDevEntry(dev: Device): number {
  return devDir(dev)?.addLink(devtName(dev), dirOf(dev)) ?? 0;
}

/** @see drivers/base/core.c device_remove_sys_dev_entry */
export function deviceRemoveSysDevEntry(dev: Device): void {
  void devDir(dev)?.removeName(devtName(dev));
}

function devDir(dev: Device): SysfsDir | null {
  return dev.kernel.devKobj(dev.class?.type.devKobj ?? 'char').sd;
}
