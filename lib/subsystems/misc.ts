import { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import type { DeviceClass } from '../base/types';
import { EBUSY, ErrnoError } from '../errno';
import { Ida } from '../ida';
import { andThen, orUndo, type MaySleep } from '../may-sleep';
import type { AttributeGroup } from '../sysfs/attribute';
import { cdevAdd, cdevDel, type FileOperations } from './chrdev';

/** @see include/uapi/linux/major.h MISC_MAJOR */
const MISC_MAJOR = 10;

/** As a minor number: any that is free. @see include/linux/miscdevice.h */
export const MISC_DYNAMIC_MINOR = 255;

/** How many numbers are given out, from the highest down. @see drivers/char/misc.c */
const DYNAMIC_MINORS = 128;

/** A device that is the only one of its kind. @see include/linux/miscdevice.h struct miscdevice */
export interface MiscInit {
  readonly name: string;
  /** Or {@link MISC_DYNAMIC_MINOR}. */
  readonly minor: number;
  /** Name of its node, if that is another. */
  readonly nodename?: string;
  /** The device that it belongs to. */
  readonly parent?: Device;
  /** What opening the node does; without it the node cannot be opened. */
  readonly fops?: FileOperations;
  readonly groups?: readonly AttributeGroup<never>[];
}

/** A character device with its own minor number. */
export class MiscDevice extends Device {
  readonly nodename: string | null;
  readonly minor: number;

  /** The class must be registered. */
  constructor(kernel: Kernel, { name, minor, nodename, parent, groups = [] }: MiscInit) {
    const devt = { major: MISC_MAJOR, minor };
    const below = parent === undefined ? {} : { parent };
    super(kernel, { name, class: miscClass, devt, groups, ...below, release: () => undefined });
    this.nodename = nodename ?? null;
    this.minor = minor;
  }
}

/** @see drivers/char/misc.c misc_devnode */
const miscClass: DeviceClass<MiscDevice> = {
  name: 'misc',
  devnode: ({ nodename }) => (nodename === null ? null : { name: nodename }),
};

/** Registers the class in this kernel, once. @see drivers/char/misc.c misc_init */
function registerMiscClass(kernel: Kernel): MaySleep<unknown> {
  return kernel.classOf(miscClass) ?? kernel.registerClass(miscClass);
}

interface MiscState {
  readonly list: Set<MiscDevice>;
  readonly dynamic: Ida;
}

const miscState = (): MiscState => ({ list: new Set(), dynamic: new Ida() });

/** @throws ErrnoError EBUSY */
function takeMinor({ list, dynamic }: MiscState, { minor, name }: MiscInit): number {
  const isDynamic = minor === MISC_DYNAMIC_MINOR;
  const isTaken = isDynamic ? dynamic.inUse >= DYNAMIC_MINORS : [...list].some((dev) => dev.minor === minor);
  if (isTaken) throw new ErrnoError(EBUSY, { syscall: 'misc_register', path: `${name}: minor ${String(minor)}` });
  return isDynamic ? DYNAMIC_MINORS - dynamic.alloc() - 1 : minor;
}

/**
 * Makes a character device with its own minor number.
 *
 * @throws ErrnoError EBUSY when the minor number is taken, or none is free; EEXIST when the name is taken
 * @see drivers/char/misc.c misc_register
 */
export function miscRegister(kernel: Kernel, init: MiscInit): MaySleep<MiscDevice> {
  return andThen(registerMiscClass(kernel), () => {
    const state = kernel.stateOf(miscState);
    const minor = takeMinor(state, init);
    const dev = new MiscDevice(kernel, { ...init, minor });
    const giveBack = (): void => {
      if (init.minor === MISC_DYNAMIC_MINOR) state.dynamic.free(DYNAMIC_MINORS - minor - 1);
      dev.put();
    };
    return andThen(
      orUndo(() => dev.add(), giveBack),
      () => opened(state, dev, init.fops),
    );
  });
}

function opened({ list }: MiscState, dev: MiscDevice, fops: FileOperations | undefined): MiscDevice {
  list.add(dev);
  if (fops !== undefined) cdevAdd(dev, fops);
  return dev;
}

/**
 * Removes the device; its node cannot be opened any more. Open files stay open. Warns of a device that is not
 * registered.
 *
 * @see drivers/char/misc.c misc_deregister
 */
export function miscDeregister(dev: MiscDevice): MaySleep<void> {
  const { list, dynamic } = dev.kernel.stateOf(miscState);
  if (!list.delete(dev)) {
    dev.kernel.warn(`misc_deregister: ${String(dev.name)} is not registered`);
    return undefined;
  }
  cdevDel(dev);
  return andThen(dev.unregister(), () => dynamic.free(DYNAMIC_MINORS - dev.minor - 1));
}
