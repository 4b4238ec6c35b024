import { check } from '../errno';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRo, type Attribute, type AttributeGroup } from '../sysfs/attribute';
import type { LinkSlot, SysfsDir } from '../sysfs/dir';
import { createGroups, removeGroups } from '../sysfs/group';
import { devMessage, type Device, type OfNode } from './device';
import { devAttrOnline, deviceSupportsOffline } from './online';

/** The device's directory. Callers come between kobject_add and kobject_del. */
function dirOf(dev: Device): SysfsDir {
  if (dev.sd === null) throw new Error(`device ${String(dev.name)} has no directory`);
  return dev.sd;
}

/** A link named `subsystem` or `driver` follows from the device: no entry is needed for it. */
const SUBSYSTEM_OF_BUS: LinkSlot = {
  kind: 'link',
  name: 'subsystem',
  target: (dir) => (dir.owner as Device).bus?.sd ?? null,
};
const SUBSYSTEM_OF_CLASS: LinkSlot = {
  kind: 'link',
  name: 'subsystem',
  target: (dir) => (dir.owner as Device).class?.sd ?? null,
};

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

/**
 * Groups of the class, the type, the device, `online` and `waiting_for_supplier`.
 *
 * @see drivers/base/core.c device_add_attrs
 */
export function deviceAddAttrs(dev: Device): number {
  const all = [dev.class?.type.devGroups, dev.type?.groups, dev.groups];
  for (let at = 0; at < all.length; at++) {
    const error = deviceAddGroups(dev, all[at]);
    if (error !== 0) return undoGroups(dev, all.slice(0, at), error);
  }
  const own = ownFiles(dev);
  for (let at = 0; at < own.length; at++) {
    const error = dirOf(dev).addFile(own[at] as Attribute<Device>);
    if (error === 0) continue;
    for (const { name } of own.slice(0, at)) void dirOf(dev).removeName(name);
    return undoGroups(dev, all, error);
  }
  return 0;
}

const NO_FILES: readonly Attribute<Device>[] = [];

/** Files that depend on what the device can do and where it comes from. */
function ownFiles(dev: Device): readonly Attribute<Device>[] {
  const online = hasOnlineFile(dev);
  const waiting = dev.fwnode !== null && dev.kernel.fwDevlink.mode === 'on';
  if (!online && !waiting) return NO_FILES;
  return [...(online ? [devAttrOnline] : []), ...(waiting ? [devAttrWaitingForSupplier] : [])];
}

function undoGroups(dev: Device, made: (readonly AttributeGroup<never>[] | undefined)[], error: number): number {
  for (const groups of made.reverse()) void deviceRemoveGroups(dev, groups);
  return error;
}

function hasOnlineFile(dev: Device): boolean {
  return deviceSupportsOffline(dev) && !dev.offlineDisabled;
}

/** @see drivers/base/core.c device_remove_attrs */
export function deviceRemoveAttrs(dev: Device): MaySleep<void> {
  if (dev.fwnode !== null) void dev.sd?.removeName(devAttrWaitingForSupplier.name);
  const online = hasOnlineFile(dev) ? dev.sd?.removeName(devAttrOnline.name) : undefined;
  const { groups, type, class: cls } = dev;
  if (groups === undefined && type === null && cls === null) return online;
  return andThen(online, () =>
    andThen(deviceRemoveGroups(dev, groups), () =>
      andThen(deviceRemoveGroups(dev, type?.groups), () => deviceRemoveGroups(dev, cls?.type.devGroups)),
    ),
  );
}

/** Links between the device, its node, its class and its parent. @see drivers/base/core.c device_add_class_symlinks */
export function deviceAddClassSymlinks(dev: Device): number {
  if (dev.ofNode !== null) addOfNodeLink(dev, dev.ofNode);
  const error = dev.class === null ? 0 : addClassLinks(dev);
  if (error !== 0) void dirOf(dev).removeName('of_node');
  return error;
}

/** An error here is only logged: the device works without its link. */
function addOfNodeLink(dev: Device, node: OfNode): void {
  const error = dirOf(dev).addLink('of_node', node.sd);
  if (error !== 0) dev.kernel.log.warn(devMessage(dev, `Error ${String(error)} creating of_node link`));
}

function addClassLinks(dev: Device): number {
  const { class: cls, parent } = dev;
  const dir = dirOf(dev);
  const error = dir.addFixedLink(SUBSYSTEM_OF_CLASS);
  if (error !== 0) return error;
  const deviceError = parent === null ? 0 : dir.addLink('device', parent.sd);
  const classError = deviceError === 0 ? (cls?.sd?.addLink(dev.name ?? '', dir) ?? 0) : deviceError;
  if (classError === 0) return 0;
  if (deviceError === 0 && parent !== null) void dir.removeName('device');
  void dir.removeName('subsystem');
  return classError;
}

/** @see drivers/base/core.c device_remove_class_symlinks */
export function deviceRemoveClassSymlinks(dev: Device): void {
  const { class: cls } = dev;
  const dir = dirOf(dev);
  if (dev.ofNode !== null) void dir.removeName('of_node');
  if (cls === null) return;
  if (dev.parent !== null) void dir.removeName('device');
  void dir.removeName('subsystem');
  void cls.sd?.removeName(dev.name ?? '');
}

/** Link `subsystem` to the bus. A class's link of that name is in the way. @see drivers/base/bus.c bus_add_device */
export function addSubsystemLink(dev: Device): number {
  return dirOf(dev).addFixedLink(SUBSYSTEM_OF_BUS);
}

/** Does it wait for a node that is not a device yet? @see drivers/base/core.c waiting_for_supplier_show */
const devAttrWaitingForSupplier = attrRo<Device>('waiting_for_supplier', (dev) =>
  andThen(dev.lock(), () => {
    const waits = dev.kernel.fwDevlink.missingSupplier(dev.fwnode) !== null;
    dev.unlock();
    return waits ? '1\n' : '0\n';
  }),
);

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
