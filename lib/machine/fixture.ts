/**
 * The interface of a bus to machines, which use it without any knowledge of the bus.
 *
 * A {@link BusFixture} prepares the host half once for each hypervisor ({@link HostBus}), which boots the guest half
 * once for each kernel ({@link GuestBus}). A member has only the documented effects. Errors are ErrnoError, thrown or
 * as a rejection; a failed call leaves nothing behind.
 */
import type { StyleName } from '../access/place';
import type { AccessParam } from '../access/styles/guest-styles';
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

/** Whose a device is: one guest's by configuration, or anybody's until it is claimed. */
export type Ownership = 'private' | 'shared';

/** How a bus is set up for a run. */
export interface FixtureOptions {
  /** The styles of access that every device offers. Default: the bus's native one. */
  readonly access?: readonly StyleName[];
  /** Whose devices are, one of {@link BusFixture.ownership}. Default: its first. */
  readonly ownership?: Ownership;
  /** What guests make of them: a style by name, or the best that they know. Default: best. */
  readonly accessParam?: AccessParam;
  /** Which free device a pool gives; without meaning for buses that do not allocate. Default: lowest. */
  readonly policy?: AllocationPolicy;
  /**
   * How many devices a guest has at least room for; without meaning where there is no limit. Default: the bus's own.
   */
  readonly places?: number;
  /** Bytes of RAM of each guest: windows of devices lie above it. Default: as {@link Hypervisor.createGuest}. */
  readonly memory?: number;
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
  /** The n-th device, from 0; kinds take turns. */
  makeModel(index: number): DeviceModel;
  /** Drivers of the bus, registered as its transport driver is. */
  readonly drivers: readonly DeviceDriver<never>[];
  /**
   * Makes one request through a device of the bus. It may not sleep.
   *
   * @returns false when the device does not complete it
   */
  touch(dev: Device): boolean;
}

/** A column of every comparison. */
export interface FixtureId {
  /** Name of its folder. */
  readonly bus: string;
  /** Which way of fitting it to the driver model; null where there is only one. */
  readonly strategy: string | null;
}

/** `vpci`, or `ps3-handle/at-probe` for a bus with several strategies. */
export function fixtureName({ bus, strategy }: FixtureId): string {
  return strategy === null ? bus : `${bus}/${strategy}`;
}

/** What tests and comparisons know of a bus: enough to build a machine with it, nothing about how it works. */
export interface BusFixture extends FixtureId {
  /** Default: all devices of the bus are virtio devices. */
  readonly native?: NativeDevices;
  /** Whose its devices can be, the default first. Default: private, that is assigned by configuration. */
  readonly ownership?: readonly [Ownership, ...Ownership[]];
  /**
   * Prepares the host half: defines its hypercalls. Nothing is plugged, and no guest need be there.
   *
   * @throws ErrnoError EEXIST when the hypervisor has the hypercalls of this bus already
   */
  install(hypervisor: Hypervisor, options?: FixtureOptions): HostBus;
}

/** The host half of a bus. */
export interface HostBus {
  /**
   * Makes a device available: to that guest, where configuration decides, or to every guest from a pool. A guest that
   * has booted is notified if the bus supports that.
   *
   * @param place its configured place, a number from 0: the slot, the device number, the id in the pool. Default: the
   *   lowest that is free; where ids are many, the next that no device ever had.
   * @throws ErrnoError ENOSPC when nothing is free, EEXIST or EBUSY when the place is taken, ENOENT when there is no
   *   such place, EEXIST when another device has the model's name, EBUSY when the model is plugged already, EINVAL for
   *   an invalid queue size
   */
  plug(model: DeviceModel, guest: Guest, place?: number): Plugged;
  /**
   * Guest half: registers the bus type and scans for devices. The transport driver is not registered: the caller does
   * that, so that a bus can be seen without any driver.
   *
   * @throws ErrnoError EEXIST or EBUSY when the kernel has this bus already, ENODEV when it has no hypervisor, and the
   *   error of the scan
   */
  boot(kernel: Kernel, guest: Guest): MaySleep<GuestBus>;
}

/** A device in its place. */
export interface Plugged {
  /** Unplugs it by surprise; a guest that has it is notified if the bus supports that. Safe to call twice. */
  unplug(): void;
}

/** The guest half of a bus, in one kernel. */
export interface GuestBus {
  /** Name in /sys/bus of the bus of the hypervisor's devices. */
  readonly busName: string;
  /** The driver that makes virtio devices of this bus's devices. */
  readonly transport: DeviceDriver<never>;
  /** No machine of this kind can suspend or hibernate: there is no /sys/power/state. Default: it can. */
  readonly cannotSleep?: boolean;
  /**
   * Hot-plug by hand: scans for devices again, as the bus's own file in /sys or event does. Existing devices stay, new
   * ones are added; whether missing ones are removed depends on the bus.
   *
   * @throws ErrnoError the error of the scan; devices that were added stay
   */
  rescan(): MaySleep<void>;
  /** How drivers of this bus are registered, where the bus has a part in it. Default: as all drivers. */
  readonly registration?: DriverRegistration;
  /**
   * What userspace does from its configuration once the bus is registered: a bus on which users create devices has none
   * before. Existing devices are skipped. Default: nothing.
   *
   * @throws ErrnoError any error except that there are too few devices
   */
  configure?(): MaySleep<void>;
  /** The write that makes a device of that name. @returns null where users make none, as is the default */
  createWrite?(name: string): SysfsWrite | null;
  /** The write that puts a bound device to use. @returns null where binding does that, as is the default */
  onlineWrite?(name: string): SysfsWrite | null;
  /**
   * Gives back all that is held while nothing is bound, as an orderly end of the bus does. Default: nothing is held.
   */
  leave?(): MaySleep<void>;
}
