import { kobjectDel } from '../kobject/kobject-life';
import { ksetRegister, ksetUnregister } from '../kobject/kset';
import { each } from '../may-sleep';
import { createGroups, removeGroups } from '../sysfs/group';
import { Class } from './class';
import { guardVoid } from './guard';
import type { KernelCore } from './kernel-core';
import type { ClassInterface, DeviceClass } from './types';

/**
 * Registers a class: directory, add event, files.
 *
 * @returns the registration, or a negative errno: -EEXIST when the name is taken, the error of a file
 * @see drivers/base/class.c __class_register
 */
export function classRegister(kernel: KernelCore, type: DeviceClass): Class | number {
  const cls = new Class(kernel, type);
  cls.kset = kernel.classKset;
  const error = ksetRegister(cls, type.name);
  if (error !== 0) return error;
  const groupsError = cls.sd === null ? 0 : createGroups(cls.sd, type.classGroups);
  if (groupsError !== 0) {
    void kobjectDel(cls);
    return groupsError;
  }
  kernel.classes.set(type, cls);
  return cls;
}

/** @see drivers/base/class.c class_unregister */
export async function classUnregister(cls: Class): Promise<void> {
  if (cls.sd !== null) await removeGroups(cls.sd, cls.type.classGroups);
  cls.kernel.classes.delete(cls.type);
  await ksetUnregister(cls);
}

/** @see drivers/base/class.c class_interface_register */
export async function classInterfaceRegister(cls: Class, intf: ClassInterface): Promise<void> {
  const { world } = cls.kernel;
  await cls.mutex.lock(world, 'subsys mutex', cls.type.name);
  cls.interfaces.push(intf);
  const where = (): string => `class_interface_register: class ${cls.type.name}`;
  if (intf.addDev !== undefined) {
    await each(cls.klistDevices, (dev) => guardVoid(world, where, () => intf.addDev?.(dev)));
  }
  cls.mutex.unlock(world);
}

/** @see drivers/base/class.c class_interface_unregister */
export async function classInterfaceUnregister(cls: Class, intf: ClassInterface): Promise<void> {
  const { world } = cls.kernel;
  await cls.mutex.lock(world, 'subsys mutex', cls.type.name);
  const index = cls.interfaces.indexOf(intf);
  if (index >= 0) cls.interfaces.splice(index, 1);
  const where = (): string => `class_interface_unregister: class ${cls.type.name}`;
  if (intf.removeDev !== undefined)
    await each(cls.klistDevices, (dev) => guardVoid(world, where, () => intf.removeDev?.(dev)));
  cls.mutex.unlock(world);
}
