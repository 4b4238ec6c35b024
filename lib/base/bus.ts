import { EINVAL } from '../errno';
import { Kset } from '../kobject/kset';
import { cString } from '../kstrtox';
import { Klist } from '../list';
import { each, type MaySleep } from '../may-sleep';
import { Mutex } from '../world/mutex';
import type { Device } from './device';
import type { Driver } from './driver';
import { KeyIndex } from './key-index';
import { guardVoid } from './guard';
import type { KernelCore } from './kernel-core';
import type { BusNotifier, BusNotifyEvent, BusType, SubsysInterface } from './types';

/** @see drivers/base/bus.c bus_ktype */
export const busKtype = { name: 'bus_ktype' };

/**
 * A bus type that is registered in one kernel: its directory in /sys/bus and its two lists.
 *
 * @see drivers/base/base.h struct subsys_private
 */
export class Bus extends Kset {
  declare readonly kernel: KernelCore;
  readonly devicesKset: Kset;
  readonly driversKset: Kset;
  /** Devices in the order of adding; on the list a device keeps a reference. */
  readonly klistDevices = new Klist<Device>({ get: (dev) => dev.get(), put: (dev) => dev.put() });
  /** Drivers in the order of registration, which is the order of matching. */
  readonly klistDrivers = new Klist<Driver>();
  /** Where the bus type has keys. */
  readonly keyIndex: KeyIndex | null;
  readonly interfaces: SubsysInterface[] = [];
  readonly mutex = new Mutex();
  driversAutoprobe = true;
  notifiers: readonly BusNotifier[] = [];

  constructor(
    kernel: KernelCore,
    readonly type: BusType,
  ) {
    super(kernel, null, busKtype);
    this.keyIndex = type.deviceKeys === undefined ? null : new KeyIndex(this);
    this.devicesKset = new Kset(kernel);
    this.driversKset = new Kset(kernel);
  }

  /**
   * Takes the bus away. Its devices and drivers must be gone.
   *
   * @see drivers/base/bus.c bus_unregister
   */
  unregister(): MaySleep<void> {
    return this.kernel.operate('bus_unregister', this.type.name, () => this.kernel.ops.busUnregister(this));
  }

  /** Devices in the order of adding. @see drivers/base/bus.c bus_for_each_dev */
  devices(): Iterable<Device> {
    return this.klistDevices;
  }

  /** Devices behind `start`. @see drivers/base/bus.c bus_for_each_dev */
  devicesAfter(start: Device): Iterable<Device> {
    return start.knodeBus === null ? this.klistDevices : this.klistDevices.after(start.knodeBus);
  }

  /** Drivers in the order of registration. @see drivers/base/bus.c bus_for_each_drv */
  drivers(): Iterable<Driver> {
    return this.klistDrivers;
  }

  /**
   * A device by name, without a reference. A newline at the end of `name` does not count.
   *
   * @see bus_find_device_by_name
   */
  findDevice(name: string): Device | null {
    const wanted = cString(name).replace(/\n$/, '');
    for (const dev of this.klistDevices) if (dev.name === wanted) return dev;
    return null;
  }

  /** A driver by name. @see drivers/base/driver.c driver_find */
  findDriver(name: string): Driver | null {
    for (const kobj of this.driversKset.list) if (kobj.name === name) return kobj as unknown as Driver;
    return null;
  }

  /** Tries to bind the devices that have no driver. @throws ErrnoError as Device.attach @see bus_rescan_devices */
  rescan(): MaySleep<void> {
    return this.kernel.operate('bus_rescan_devices', this.type.name, () => this.kernel.ops.busRescanDevices(this));
  }

  /** Puts the devices in order. @see drivers/base/bus.c bus_sort_breadthfirst */
  sortBreadthfirst(compare: (a: Device, b: Device) => number): void {
    const sorted: Device[] = [];
    for (const dev of this.klistDevices) {
      const before = sorted.findIndex((other) => compare(dev, other) <= 0);
      sorted.splice(before < 0 ? sorted.length : before, 0, dev);
    }
    for (const dev of sorted) if (dev.knodeBus !== null) this.klistDevices.moveTail(dev.knodeBus);
  }

  /** Has `notifier` called for each event of the bus. Gives the function that stops it. @see bus_register_notifier */
  registerNotifier<D extends Device = Device>(notifier: BusNotifier<D>): () => void {
    this.notifiers = [...this.notifiers, notifier as unknown as BusNotifier];
    return () => {
      this.notifiers = this.notifiers.filter((known) => known !== notifier);
    };
  }

  /** Calls `sif` for all devices, present and future. @see drivers/base/bus.c subsys_interface_register */
  registerInterface(sif: SubsysInterface): MaySleep<void> {
    return this.kernel.operate('subsys_interface_register', sif.name, () =>
      this.kernel.ops.subsysInterfaceRegister(this, sif),
    );
  }

  /** @see drivers/base/bus.c subsys_interface_unregister */
  unregisterInterface(sif: SubsysInterface): MaySleep<void> {
    return this.kernel.operate('subsys_interface_unregister', sif.name, () =>
      this.kernel.ops.subsysInterfaceUnregister(this, sif),
    );
  }
}

/**
 * Calls `fn(dev, data)` for each device in the order of adding, until a call returns another value than 0.
 *
 * @returns the result of the last call
 * @see drivers/base/bus.c bus_for_each_dev
 */
export function busForEachDev<D>(bus: Bus, fn: (dev: Device, data: D) => MaySleep<number>, data: D): MaySleep<number> {
  return bus.klistDevices.forEach(fn, data);
}

/**
 * Calls `fn(drv, data)` for each driver in the order of registration, until a call returns another value than 0.
 *
 * @returns the result of the last call
 * @see drivers/base/bus.c bus_for_each_drv
 */
function busForEachDrv<D>(bus: Bus, fn: (drv: Driver, data: D) => MaySleep<number>, data: D): MaySleep<number> {
  return bus.klistDrivers.forEach(fn, data);
}

/**
 * {@link busForEachDrv} of the device's bus, without the drivers that cannot match it.
 *
 * @returns -EINVAL without a bus
 */
export function busForEachCandidate<D>(
  dev: Device,
  fn: (drv: Driver, data: D) => MaySleep<number>,
  data: D,
): MaySleep<number> {
  const { bus } = dev;
  if (bus === null) return -EINVAL;
  const nodes = bus.keyIndex?.driversFor(dev) ?? null;
  return nodes === null ? busForEachDrv(bus, fn, data) : bus.klistDrivers.forEachOf(nodes, fn, data);
}

/** {@link busForEachDev} of the driver's bus, without the devices that it cannot match. */
export function busForEachCandidateDev(
  drv: Driver,
  fn: (dev: Device, drv: Driver) => MaySleep<number>,
): MaySleep<number> {
  const { bus } = drv;
  const nodes = bus.keyIndex?.devicesFor(drv) ?? null;
  return nodes === null ? busForEachDev(bus, fn, drv) : bus.klistDevices.forEachOf(nodes, fn, drv);
}

/** Calls a bus's notifiers in order. @see kernel/notifier.c blocking_notifier_call_chain */
export function notifyBus(dev: Device, event: BusNotifyEvent): MaySleep<void> {
  const { bus, kernel } = dev;
  if (bus === null) return undefined;
  if (kernel.trace.on) {
    kernel.trace.emit({
      kind: 'notify',
      fn: 'blocking_notifier_call_chain',
      bus: bus.type.name,
      event,
      dev: dev.name ?? '',
    });
  }
  if (bus.notifiers.length === 0) return undefined;
  const where = (): string => `blocking_notifier_call_chain: bus ${bus.type.name}, device ${String(dev.name)}`;
  return each(bus.notifiers, (notifier) => guardVoid(kernel.world, where, () => notifier(event, dev)));
}
