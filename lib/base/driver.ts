import { Kobject } from '../kobject/kobject';
import { Klist, type KlistNode } from '../list';
import type { MaySleep } from '../may-sleep';
import type { Attribute } from '../sysfs/attribute';
import type { LinkView, SysfsDir } from '../sysfs/dir';
import type { Bus } from './bus';
import type { Device } from './device';
import type { KernelCore } from './kernel-core';
import type { ModuleKobject } from './module-kobject';
import type { DeviceDriver } from './types';

/**
 * The links from a driver's directory to its devices. A bus's directory has an entry for each device already, and names
 * in it are unique: so it is enough that a device knows whether its driver links to it.
 */
class DriverLinks implements LinkView {
  readonly #drv: Driver;

  constructor(drv: Driver) {
    this.#drv = drv;
  }

  get(name: string): SysfsDir | undefined {
    const dir = this.#busDir?.entry(name);
    return dir !== undefined && this.#follows(dir.owner as Device) ? dir : undefined;
  }

  *names(): Generator<string> {
    for (const dev of this.#drv.bus.klistDevices) if (this.#follows(dev)) yield dev.name ?? '';
  }

  /** @returns 0; -EEXIST when the name is taken; -ENOENT without a directory */
  add(dev: Device): number {
    const { sd } = this.#drv;
    const name = dev.name ?? '';
    if (sd === null) return 0;
    if (!dev.isLinkedByBus || sd.removed || sd.hasOwn(name)) return sd.addLink(name, dev.sd);
    dev.isLinkedByDriver = true;
    return 0;
  }

  /** Takes away what has the device's present name: after a rename that is not the link that it was bound with. */
  remove(dev: Device): void {
    if (dev.isLinkedByDriver) dev.isLinkedByDriver = false;
    else void this.#drv.sd?.removeName(dev.name ?? '');
  }

  removeName(name: string): boolean {
    const dir = this.get(name);
    if (dir === undefined) return false;
    (dir.owner as Device).isLinkedByDriver = false;
    return true;
  }

  /** From here on the link is kept by name. */
  keep(dev: Device): void {
    if (!dev.isLinkedByDriver) return;
    dev.isLinkedByDriver = false;
    this.#drv.sd?.addLink(dev.name ?? '', dev.sd);
  }

  get #busDir(): SysfsDir | null {
    return this.#drv.bus.devicesKset.sd;
  }

  #follows(dev: Device): boolean {
    return dev.isLinkedByDriver && dev.driver === this.#drv;
  }
}

/** The device's entry in its bus's directory is about to go, or to have another name than the device. */
export function leaveBusDir(dev: Device): void {
  dev.driver?.links.keep(dev);
  dev.isLinkedByBus = false;
}

/**
 * A driver that is registered in one kernel: its directory, and the devices that it has.
 *
 * @see drivers/base/base.h struct driver_private
 */
export class Driver<R extends DeviceDriver<never> = DeviceDriver> extends Kobject {
  declare readonly kernel: KernelCore;
  /** Bound devices in the order of binding. */
  readonly klistDevices = new Klist<Device>();
  knodeBus: KlistNode<Driver> | null = null;
  /** Links from its directory to its devices. */
  readonly links = new DriverLinks(this);
  /** What the bus keeps for the registration, e.g. dynamic ids. */
  busData: unknown = null;

  constructor(
    kernel: KernelCore,
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
