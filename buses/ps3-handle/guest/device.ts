import { Device } from '../../../lib/base/device';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import { type MayNotSleep, type MaySleep, andThen } from '../../../lib/may-sleep';
import type { AttributeGroup } from '../../../lib/sysfs';
import { type RegisterWindow, HANDLE_VECTOR } from '../layout';
import type { Driver } from '../../../lib/base/driver';
import type { PmPhase } from '../../../lib/base/power/pm-ops';
import type { SysfsWrite } from '../../../lib/machine/fixture';
import type { Kernel } from '../../../lib/base/kernel';
import { check, ENODEV, ErrnoError } from '../../../lib/errno';
import { Workqueue } from '../../../lib/world';
import { Lv1 } from './lv1';

/** Where the repository lists a device. */
export interface Ps3Address {
  readonly busId: number;
  readonly devId: number;
}

/** A window of registers of a device. @see arch/powerpc/include/asm/ps3.h struct ps3_mmio_region */
export interface Ps3MmioRegion {
  readonly window: RegisterWindow;
  /** Where it is mapped; 0 while it is not. */
  lparAddress: number;
}

/** How a strategy describes a device. */
export interface Ps3DeviceInit {
  readonly name: string;
  readonly matchId: number;
  /** Default 0: any driver with the match id. */
  readonly matchSubId?: number;
  /** VIRTIO device id: all that is known without a handle. 0 for a device that is not a virtio device. */
  readonly classId: number;
  /** Absent for a placeholder. */
  readonly address?: Ps3Address;
  /** Registers that its driver maps. */
  readonly window?: RegisterWindow;
  /** For a strategy that has one before there is a device. */
  readonly handle?: number;
  /** Files that the strategy adds. */
  readonly groups?: readonly AttributeGroup<Ps3Device>[];
  /** Called once, when the last reference is gone. */
  release?(dev: Ps3Device): MayNotSleep;
}

/**
 * A device on the system bus: a line of the repository, or a placeholder for a device of a class.
 *
 * @see arch/powerpc/include/asm/ps3.h struct ps3_system_bus_device
 */
export class Ps3Device extends Device {
  readonly matchId: number;
  readonly matchSubId: number;
  readonly classId: number;
  readonly address: Ps3Address | null;
  readonly region: Ps3MmioRegion | null;
  /** What the hypervisor calls the device that stands behind this one; null while none does. */
  handle: number | null;

  constructor(
    readonly system: Ps3System,
    init: Ps3DeviceInit,
  ) {
    const release = (dev: Ps3Device): MayNotSleep => init.release?.(dev);
    super(system.kernel, {
      name: init.name,
      bus: system.bus,
      parent: system.root,
      groups: init.groups ?? [],
      release,
    });
    this.matchId = init.matchId;
    this.matchSubId = init.matchSubId ?? 0;
    this.classId = init.classId;
    this.address = init.address ?? null;
    this.region = init.window === undefined ? null : { window: init.window, lparAddress: 0 };
    this.handle = init.handle ?? null;
  }
}

/**
 * A driver of the system bus. When its probe runs, the device has a handle if the strategy gives one at bind.
 *
 * @see arch/powerpc/include/asm/ps3.h struct ps3_system_bus_driver
 */
export interface Ps3Driver extends DeviceDriver<Ps3Device> {
  readonly matchId: number;
  /** Counts only for devices that have one. Default 0. */
  readonly matchSubId?: number;
  /** Default: {@link remove}, for the handle must be back before the machine stops. */
  shutdown?(dev: Ps3Device): MaySleep<void>;
}

/**
 * One way of fitting handles to the driver model: which devices there are, and when each gets its handle and gives it
 * back. A strategy stands around the driver's probe and remove, so it may claim before them, after them, or at some
 * other time altogether. Its state belongs to one kernel.
 */
export interface Ps3Strategy {
  /** As comparisons print it. */
  readonly name: string;
  /**
   * Registers new devices by `system.addDevice`. Called at boot and for each rescan.
   *
   * @throws ErrnoError the error of the hypervisor or of addDevice; devices that were added stay
   */
  scan(system: Ps3System): MaySleep<void>;
  /**
   * Binds: the bus's probe. `next` is the driver's probe, which needs `dev.handle`. Default: `next` alone.
   *
   * @returns as a driver's probe; after a refusal no handle may be held that was not held before
   */
  probe?(dev: Ps3Device, next: () => MaySleep<number | void>): MaySleep<number | void>;
  /**
   * Unbinds: the bus's remove, and its shutdown for drivers without one. `next` is the driver's remove. Default: `next`
   * alone.
   */
  remove?(dev: Ps3Device, next: () => MaySleep<void>): MaySleep<void>;
  /**
   * One step on the way to sleep or back, for each device, with a driver or without. `next` is the driver's own. At
   * `restore` the kernel continues on a machine without any state of it: no handle of its image is its own any more,
   * and the number may be another guest's. A device that gets no handle must be left with null; its driver is then
   * unbound. Default: `next` alone.
   */
  pm?(dev: Ps3Device, phase: PmPhase, next: () => MaySleep<number | void>): MaySleep<number | void>;
  /**
   * A driver of this bus has been registered.
   *
   * @throws ErrnoError the registration is refused: {@link driverLeaves} is called and the driver unregistered
   */
  driverRegistered?(system: Ps3System, drv: Driver): MaySleep<void>;
  /** A driver of this bus is about to be unregistered. */
  driverLeaves?(system: Ps3System, drv: Driver): MaySleep<void>;
  /**
   * What userspace does from its configuration once the bus is registered.
   *
   * @throws ErrnoError the error of its operation
   */
  configure?(system: Ps3System): MaySleep<void>;
  /** The write that makes a device of that name. Default: users make none. */
  createWrite?(name: string): SysfsWrite | null;
  /** The write that has a bound device allocate. Default: none is needed. */
  onlineWrite?(name: string): SysfsWrite;
  /** Gives back all handles that are held while nothing is bound. Default: there are none. */
  leave?(system: Ps3System): MaySleep<void>;
}

/**
 * What one kernel keeps of this bus: its hypercalls and the root device.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_init
 */
export class Ps3System {
  readonly lv1: Lv1;
  /** /sys/devices/ps3_system */
  readonly root: Device;
  /** For work of an interrupt handler that may sleep. */
  readonly workqueue: Workqueue;
  #strayInterrupts = 0;

  /**
   * @param styles numbers of the styles of access in which devices are opened; none: by commands to the handle
   * @throws ErrnoError ENODEV for a kernel without a hypervisor
   */
  constructor(
    readonly kernel: Kernel,
    readonly strategy: Ps3Strategy,
    readonly bus: BusType<Ps3Device, Ps3Driver>,
    styles: readonly number[] = [],
  ) {
    if (kernel.port === null) throw new ErrnoError(ENODEV, { syscall: 'ps3_system_bus_init' });
    this.workqueue = new Workqueue(kernel.world, 'ps3_system_bus', kernel);
    this.lv1 = new Lv1(kernel.port, kernel.log, styles);
    this.root = new Device(kernel, { name: 'ps3_system', release: () => undefined });
  }

  /** Interrupts for a handle without a handler: of devices that were released meanwhile. */
  get strayInterrupts(): number {
    return this.#strayInterrupts;
  }

  /** @throws ErrnoError EBUSY when the interrupt is taken, as it is by this bus itself, EEXIST; nothing is left */
  register(): MaySleep<void> {
    const { irq } = this.kernel;
    const { name } = this.bus;
    check(
      irq.request(HANDLE_VECTOR, () => void (this.#strayInterrupts += 1), name),
      'request_irq',
      name,
    );
    return this.#add(this.root, () => irq.free(HANDLE_VECTOR));
  }

  /**
   * Adds a device; the reference of the maker is dropped when that fails.
   *
   * @throws ErrnoError as Device.add
   * @see system-bus.c ps3_system_bus_device_register
   */
  addDevice(init: Ps3DeviceInit): MaySleep<void> {
    return this.#add(new Ps3Device(this, init));
  }

  /** The devices of the bus, in the order of adding. */
  devices(): readonly Ps3Device[] {
    return [...(this.kernel.busOf(this.bus)?.devices() ?? [])] as Ps3Device[];
  }

  #add(dev: Device, undo?: () => void): MaySleep<void> {
    return this.kernel.operate('ps3_system_bus_device_register', dev.name, () =>
      andThen(this.kernel.ops.deviceAdd(dev), (error) => {
        if (error === 0) return 0;
        dev.put();
        undo?.();
        return error;
      }),
    );
  }
}
