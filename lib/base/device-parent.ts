import { Kobject, kobjectGet, type KobjType } from '../kobject/kobject';
import { kobjectAdd, kobjectCreateAndAdd, kobjectDel, kobjectPut } from '../kobject/kobject-life';
import type { MaySleep } from '../may-sleep';
import { andThen } from '../may-sleep';
import type { Class } from './class';
import type { Device } from './device';

/** @see drivers/base/core.c class_dir_ktype */
const classDirKtype: KobjType = { name: 'class_dir_ktype' };

/**
 * Where the device's directory goes. A device of a class lives below its parent in a directory of the class, or right
 * below a parent that has a class itself, or in /sys/devices/virtual without a parent.
 *
 * @returns null for the root of /sys/devices; a glue directory comes with a reference
 * @see drivers/base/core.c get_device_parent
 */
export function getDeviceParent(dev: Device, parent: Device | null): Kobject | number | null {
  const { class: cls } = dev;
  if (cls === null) return parent;
  if (parent !== null && parent.class !== null) return parent;
  const above = parent ?? virtualDeviceParent(dev);
  for (const dir of cls.glueDirs.list) if (dir.kobjParent === above) return kobjectGet(dir);
  return classDirCreateAndAdd(cls, above);
}

/** @see drivers/base/core.c virtual_device_parent */
function virtualDeviceParent(dev: Device): Kobject {
  const { kernel } = dev;
  return (kernel.virtualDir ??= kobjectCreateAndAdd(kernel, 'virtual', kernel.devicesKset));
}

/** Sends no event. @see drivers/base/core.c class_dir_create_and_add */
function classDirCreateAndAdd(cls: Class, parent: Kobject): Kobject | number {
  const dir = new Kobject(cls.kernel, classDirKtype);
  dir.kset = cls.glueDirs;
  const error = kobjectAdd(dir, parent, cls.type.name);
  if (error === 0) return dir;
  kobjectPut(dir);
  return error;
}

/**
 * Drops the reference of a device that lived in a glue directory; the last device takes the directory along.
 *
 * @see drivers/base/core.c cleanup_glue_dir
 */
export function cleanupGlueDir(dev: Device, dir: Kobject | null): MaySleep<void> {
  if (dir === null || dev.class === null || dir.kset !== dev.class.glueDirs) return undefined;
  const hasChildren = dir.sd !== null && [...dir.sd.childNames].length > 0;
  const gone = !hasChildren && dir.refcount === 1 ? kobjectDel(dir) : undefined;
  return andThen(gone, () => kobjectPut(dir));
}
