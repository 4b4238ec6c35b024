import type { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import type { DeviceDriver } from '../base/types';
import type { DeviceModel } from '../hypervisor/device-model';
import type { Guest } from '../hypervisor/guest';
import type { Hypervisor } from '../hypervisor/hypervisor';
import type { MaySleep } from '../may-sleep';
import type { DriverRegistration } from '../module';

/** Which free device a hypervisor gives away that allocates. */
export type AllocationPolicy = 'lowest' | 'recent' | 'random';

/** How a bus is set up for a run. */
export interface FixtureOptions {
  /** Which free device a pool gives; without meaning for buses that do not allocate. Default: lowest. */
  readonly policy?: AllocationPolicy;
  /** How many devices a guest has at least room for; without meaning where there is no limit. */
  readonly places?: number;
}

/** A write to a file of /sys. */
export interface SysfsWrite {
  readonly path: string;
  readonly text: string;
}

/** Devices of a bus that are no virtio devices, with their drivers and a way to use them. */
export interface NativeDevices {
  /** How many kinds there are. */
  readonly kinds: number;
  /** The n-th device; kinds take turns. */
  makeModel(index: number): DeviceModel;
  /** Drivers of the bus, registered as its transport driver is. */
  readonly drivers: readonly DeviceDriver<never>[];
  /** Makes one request through a device of the bus. @returns false when nothing answers */
  touch(dev: Device): boolean;
}

/** What tests and comparisons know of a bus: enough to build a machine with it, nothing about how it works. */
export interface BusFixture {
  /** Name of its folder. */
  readonly bus: string;
  /** Which way of fitting it to the driver model; null where there is only one. */
  readonly strategy: string | null;
  /** Default: all devices of the bus are virtio devices. */
  readonly native?: NativeDevices;
  /** Prepares the host half. Once for each hypervisor. */
  install(hypervisor: Hypervisor, options?: FixtureOptions): HostBus;
}

/** The host half of a bus. */
export interface HostBus {
  /**
   * Makes a device available: to that guest, where configuration decides, or to every guest from a pool. A guest that
   * has booted is told if the bus can tell.
   *
   * @param place what configuration says of where it is, a number from 0: the slot, the device number, the id in the
   *   pool. Default: the lowest that is free.
   */
  plug(model: DeviceModel, guest: Guest, place?: number): Plugged;
  /**
   * Guest half: registers the bus type and looks for devices. The transport driver is not registered: the caller does
   * that, so that a bus can be seen without any driver.
   */
  boot(kernel: Kernel, guest: Guest): MaySleep<GuestBus>;
}

/** A device in its place. */
export interface Plugged {
  /** Takes it away without asking. */
  unplug(): void;
}

/** The guest half of a bus, in one kernel. */
export interface GuestBus {
  /** Name of the bus in /sys/bus whose devices the hypervisor's devices are. */
  readonly busName: string;
  /** The driver that makes virtio devices of this bus's devices; `kernel.registerDriver(transport)`. */
  readonly transport: DeviceDriver<never>;
  /** No machine of this kind can suspend or hibernate: there is no /sys/power/state. Default: it can. */
  readonly cannotSleep?: boolean;
  /** Looks for devices again. */
  rescan(): MaySleep<void>;
  /** How drivers of this bus are registered, where the bus has a part in it. Default: as all drivers. */
  readonly registration?: DriverRegistration;
  /**
   * What userspace does from its configuration when the bus is there: a bus on which users create devices has none
   * before. Default: nothing. @throws ErrnoError what it was refused with
   */
  configure?(): MaySleep<void>;
  /** The write that makes a device of that name, where users make them. Default: they do not. */
  createWrite?(name: string): SysfsWrite | null;
  /** The write that puts a bound device to use, where binding does not. Default: it does. */
  onlineWrite?(name: string): SysfsWrite | null;
  /** Gives back all that is held while nothing is bound, as an orderly end of the bus does. Default: nothing. */
  leave?(): MaySleep<void>;
}
