import { Kobject } from '../kobject/kobject';
import { Klist, type KlistNode } from '../list';
import type { MaySleep } from '../may-sleep';
import type { Attribute } from '../sysfs/attribute';
import type { Bus } from './bus';
import type { Device } from './device';
import { DriverLinks } from './driver-links';
import type { Kernel } from './kernel';
import type { ModuleKobject } from './module-links';
import type { DeviceDriver } from './types';

/**
 * A driver that is registered in one kernel: its directory, and the devices that it has.
 *
 * @see drivers/base/base.h struct driver_private
 */
export class Driver<R extends DeviceDriver<never> = DeviceDriver> extends Kobject {
  /** Bound devices in the order of binding. */
  readonly klistDevices = new Klist<Device>();
  knodeBus: KlistNode<Driver> | null = null;
  /** Links from its directory to its devices. */
  readonly links = new DriverLinks(this);
  /** What the bus keeps for the registration, e.g. dynamic ids. */
  busData: unknown = null;

  constructor(
    kernel: Kernel,
    readonly def: R,
    readonly bus: Bus,
    /** The module that it came with; null for one that is built in. */
    readonly owner: ModuleKobject | null = null,
  ) {
    super(kernel, { name: 'driver_ktype' });
    this.kset = bus.driversKset;
  }

  /**
   * Unbinds all its devices, the last bound first, and takes the driver away.
   *
   * @see drivers/base/driver.c driver_unregister
   */
  unregister(): MaySleep<void> {
    return this.kernel.operate('driver_unregister', this.def.name, () => this.kernel.ops.driverUnregister(this));
  }

  /** Offers every device of the bus to this driver. @see drivers/base/dd.c driver_attach */
  attach(): MaySleep<void> {
    return this.kernel.operate('driver_attach', this.def.name, () => this.kernel.ops.driverAttach(this));
  }

  /** Bound devices in the order of binding. @see drivers/base/driver.c driver_for_each_device */
  devices(): Iterable<Device> {
    return this.klistDevices;
  }

  /** @throws ErrnoError EEXIST @see drivers/base/driver.c driver_create_file */
  createFile(attr: Attribute<never>): void {
    this.kernel.ops.driverCreateFile(this, attr);
  }

  /** @see drivers/base/driver.c driver_remove_file */
  removeFile(name: string): MaySleep<void> {
    return this.sd?.removeName(name);
  }
}
