import { Device } from '../../../lib/base/device';
import type { DeviceDriver } from '../../../lib/base/types';
import type { MayNotSleep, MaySleep } from '../../../lib/may-sleep';
import type { AttributeGroup } from '../../../lib/sysfs';
import { ps3SystemBus } from './bus';
import type { RegisterWindow } from '../layout';
import type { Ps3System } from './system';

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
      bus: ps3SystemBus,
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
