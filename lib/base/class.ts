import { Kset } from '../kobject/kset';
import { Klist } from '../list';
import type { MayNotSleep, MaySleep } from '../may-sleep';
import { Mutex } from '../world/mutex';
import type { Device } from './device';
import type { KernelCore } from './kernel-core';
import type { ClassInterface, DeviceClass } from './types';

function classRelease(cls: Class): MayNotSleep {
  return cls.type.classRelease?.(cls);
}

/**
 * A class that is registered in one kernel: its directory in /sys/class and its devices.
 *
 * @see drivers/base/class.c
 */
export class Class extends Kset {
  declare readonly kernel: KernelCore;
  /** Devices in the order of adding. */
  readonly klistDevices = new Klist<Device>({ get: (dev) => dev.get(), put: (dev) => dev.put() });
  readonly interfaces: ClassInterface[] = [];
  /** Directories between a device's parent and the devices of this class. */
  readonly glueDirs: Kset;
  readonly mutex = new Mutex();

  constructor(
    kernel: KernelCore,
    readonly type: DeviceClass,
  ) {
    super(kernel, null, { name: 'class_ktype', release: classRelease });
    this.glueDirs = new Kset(kernel);
  }

  /** Takes the class away. Its devices must be gone. @see drivers/base/class.c class_unregister */
  unregister(): MaySleep<void> {
    return this.kernel.operate('class_unregister', this.type.name, () => this.kernel.ops.classUnregister(this));
  }

  /** Devices in the order of adding. @see drivers/base/class.c class_for_each_device */
  devices(): Iterable<Device> {
    return this.klistDevices;
  }

  /** Calls `intf` for all devices, present and future. @see drivers/base/class.c class_interface_register */
  registerInterface(intf: ClassInterface): MaySleep<void> {
    return this.kernel.operate('class_interface_register', this.type.name, () =>
      this.kernel.ops.classInterfaceRegister(this, intf),
    );
  }

  /** @see drivers/base/class.c class_interface_unregister */
  unregisterInterface(intf: ClassInterface): MaySleep<void> {
    return this.kernel.operate('class_interface_unregister', this.type.name, () =>
      this.kernel.ops.classInterfaceUnregister(this, intf),
    );
  }
}
