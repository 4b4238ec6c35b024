import { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import type { DeviceClass } from '../base/types';
import { after, orUndo, type MaySleep } from '../may-sleep';
import type { AttributeGroup } from '../sysfs/attribute';

/** @see include/uapi/linux/major.h MISC_MAJOR */
const MISC_MAJOR = 10;

/** A device that is the only one of its kind. @see include/linux/miscdevice.h struct miscdevice */
export interface MiscInit {
  readonly name: string;
  readonly minor: number;
  /** Name of its node, if that is another. */
  readonly nodename?: string;
  readonly groups?: readonly AttributeGroup<never>[];
}

/** A character device with its own minor number. */
export class MiscDevice extends Device {
  readonly nodename: string | null;

  /** The class must be registered. */
  constructor(kernel: Kernel, { name, minor, nodename, groups = [] }: MiscInit) {
    const devt = { major: MISC_MAJOR, minor };
    super(kernel, { name, class: miscClass, devt, groups, release: () => undefined });
    this.nodename = nodename ?? null;
  }
}

/** @see drivers/char/misc.c misc_devnode */
export const miscClass: DeviceClass<MiscDevice> = {
  name: 'misc',
  devnode: ({ nodename }) => (nodename === null ? null : { name: nodename }),
};

/** Makes the class known in this kernel, once. @see drivers/char/misc.c misc_init */
export function registerMiscClass(kernel: Kernel): MaySleep<unknown> {
  return kernel.classOf(miscClass) ?? kernel.registerClass(miscClass);
}

/** @throws ErrnoError EEXIST when the name is taken @see drivers/char/misc.c misc_register */
export function miscRegister(kernel: Kernel, init: MiscInit): MaySleep<MiscDevice> {
  return after(registerMiscClass(kernel), () => {
    const dev = new MiscDevice(kernel, init);
    return after(orUndo(() => dev.add(), () => dev.put()), () => dev);
  });
}
