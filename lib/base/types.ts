import type { MayNotSleep, MaySleep } from '../may-sleep';
import type { AttributeGroup } from '../sysfs/attribute';
import type { UeventEnv } from '../kobject/uevent-env';
import type { Bus } from './bus';
import type { Class } from './class';
import type { Device } from './device';
import type { Driver } from './driver';

/** One condition that a bus's match looked at. */
export interface MatchClause {
  /** Kernel function that looks at it. */
  readonly fn: string;
  readonly holds: boolean;
  readonly text: string;
}

/** What a bus's match gives for a device and a driver, and why. */
export interface MatchExplanation {
  /** As {@link BusType.match}. */
  readonly result: number | boolean;
  /** In the order in which match looks; after the one that decides there are no more. */
  readonly clauses: readonly MatchClause[];
}

/** What drivers are looked up by: the part of an id that must be equal. */
export type MatchKey = string | number;

/**
 * A kind of bus: how devices and drivers find each other. A value without state; `kernel.registerBus` gives the
 * registration.
 *
 * Every callback may throw an ErrnoError or return the number. What it throws otherwise is an oops.
 *
 * @see include/linux/device/bus.h struct bus_type
 */
export interface BusType<D extends Device = Device, R extends DeviceDriver<D> = DeviceDriver<D>> {
  /** Name of its directory in /sys/bus. */
  readonly name: string;
  /** Devices without a name are called this and their id. */
  readonly devName?: string;
  readonly busGroups?: readonly AttributeGroup<Bus>[];
  readonly devGroups?: readonly AttributeGroup<D>[];
  readonly drvGroups?: readonly AttributeGroup<Driver>[];
  /** Take the parent's lock too for bind, unbind and rescan. */
  readonly needParentLock?: boolean;
  /**
   * Returns whether the driver can handle the device. Has no side effects and may not sleep. Default: every driver may.
   *
   * @returns true or a positive number: yes. false or 0: no. -EPROBE_DEFER: try again later. Another negative number
   *   ends a device's walk over the drivers.
   */
  match?(dev: D, drv: Driver<R>): number | boolean;
  /**
   * With {@link driverKeys}: the values that an id table could match this device by. A driver that has none of these
   * keys is skipped, so its match must be 0. They must not change while the device is on the bus: an index keeps them.
   * Absent: every driver is tried.
   */
  deviceKeys?(dev: D): readonly MatchKey[];
  /** The keys of a driver's id table, read when it is registered; null for a driver that every device must try. */
  driverKeys?(drv: Driver<R>): readonly MatchKey[] | null;
  /**
   * Patterns of the MODALIAS of the devices in a driver's id tables, in the order of the tables: the aliases of the
   * driver's module. Default: none.
   *
   * @see scripts/mod/file2alias.c
   */
  aliases?(def: R): readonly string[];
  /**
   * What the bus's own function for registering drivers refuses, before the core sees the driver. May not sleep.
   *
   * @returns 0, or a negative error that registerDriver throws
   * @see drivers/amba/bus.c amba_driver_register
   */
  checkDriver?(def: R): number;
  /**
   * Returns the result of match and which of its conditions hold, for {@link why}. It has no side effect, not even one
   * that match has. Without it match itself is called.
   */
  explainMatch?(dev: D, drv: Driver<R>): MatchExplanation;
  /**
   * Adds variables to an event of a device, MODALIAS above all. May not sleep. A result that is not 0 ends the event.
   */
  uevent?(dev: D, env: UeventEnv): number | void;
  /**
   * probe, remove and shutdown of this bus call the driver's own, as those of a pci_driver: that it has both is right.
   */
  readonly callsDriver?: boolean;
  /** Called instead of the driver's probe. */
  probe?(dev: D): MaySleep<number | void>;
  /** Called instead of the driver's remove. */
  remove?(dev: D): MaySleep<void>;
  /** Called instead of the driver's shutdown. */
  shutdown?(dev: D): MaySleep<void>;
  /** Prepares DMA before each probe; an error skips the probe. */
  dmaConfigure?(dev: D): MaySleep<number | void>;
  dmaCleanup?(dev: D): MaySleep<void>;
  /** Takes a device into use again. With {@link offline}, devices have a file `online`. */
  online?(dev: D): MaySleep<number | void>;
  /** Takes a device out of use while it stays registered and bound. */
  offline?(dev: D): MaySleep<number | void>;
  /** Called once for a device, when it is bound and all its consumers are; instead of the driver's. */
  syncState?(dev: D): MaySleep<void>;
  readonly pm?: DevPmOps<D>;
}

/**
 * What binds to devices of one bus. A value without state, so that one driver runs in two guests and on every bus;
 * what it knows of a device it keeps in the device's drvdata.
 *
 * @see include/linux/device/driver.h struct device_driver
 */
export interface DeviceDriver<D extends Device = Device> {
  readonly name: string;
  readonly bus: BusType<D, never>;
  /** Files of the driver's own directory. */
  readonly groups?: readonly AttributeGroup<Driver>[];
  /** Files that a device has while it is bound to this driver. */
  readonly devGroups?: readonly AttributeGroup<D>[];
  /** May its probes run beside each other, in workers? Default: they run where the device or the driver is added. */
  readonly probeType?: 'prefer-asynchronous' | 'force-synchronous';
  /** No bind and unbind files. */
  readonly suppressBindAttrs?: boolean;
  /**
   * Binds to the device. Default: nothing to do.
   *
   * @returns nothing or 0: bound. ENODEV, ENXIO: not supported, the next driver is tried. EPROBE_DEFER: later. Any
   *   other error is logged and the next driver is tried. After an error the core has released the device's managed
   *   resources and drvdata is null.
   */
  probe?(dev: D): MaySleep<number | void>;
  /** Leaves the device: nothing may use it afterwards. Managed resources are released after it. */
  remove?(dev: D): MaySleep<void>;
  /** Makes the device quiet before the machine stops. */
  shutdown?(dev: D): MaySleep<void>;
  readonly pm?: DevPmOps<D>;
  /** Called once for a device, when it is bound and all its consumers are. */
  syncState?(dev: D): MaySleep<void>;
}

/**
 * A way of using devices, whatever their bus. A value without state.
 *
 * @see include/linux/device/class.h struct class
 */
export interface DeviceClass<D extends Device = Device> {
  /** Name of its directory in /sys/class. */
  readonly name: string;
  readonly classGroups?: readonly AttributeGroup<Class>[];
  readonly devGroups?: readonly AttributeGroup<D>[];
  /** Which of /sys/dev/char and /sys/dev/block lists its devices. Default: char. */
  readonly devKobj?: 'char' | 'block';
  devUevent?(dev: D, env: UeventEnv): number | void;
  /** Name and mode of the device node; null for the device's own name. */
  devnode?(dev: D): { readonly name?: string; readonly mode?: number } | null;
  devRelease?(dev: D): MayNotSleep;
  classRelease?(cls: Class): MayNotSleep;
  shutdownPre?(dev: D): MaySleep<number | void>;
  readonly pm?: DevPmOps<D>;
}

/** Devices of one bus or class that are alike. @see include/linux/device.h struct device_type */
export interface DeviceType<D extends Device = Device> {
  readonly name?: string;
  readonly groups?: readonly AttributeGroup<D>[];
  uevent?(dev: D, env: UeventEnv): number | void;
  devnode?(dev: D): { readonly name?: string; readonly mode?: number } | null;
  readonly pm?: DevPmOps<D>;
  release?(dev: D): MayNotSleep;
}

/**
 * Called for each device that is added to a class or removed from it.
 *
 * @see include/linux/device/class.h struct class_interface
 */
export interface ClassInterface<D extends Device = Device> {
  addDev?(dev: D): MaySleep<void>;
  removeDev?(dev: D): MaySleep<void>;
}

/**
 * Called for each device that is added to a bus or removed from it.
 *
 * @see include/linux/device.h struct subsys_interface
 */
export interface SubsysInterface<D extends Device = Device> {
  readonly name: string;
  addDev?(dev: D): MaySleep<void>;
  removeDev?(dev: D): MaySleep<void>;
}

/** The events of a bus's notifiers. @see include/linux/device/bus.h BUS_NOTIFY_ADD_DEVICE and following */
export type BusNotifyEvent =
  | 'add-device'
  | 'del-device'
  | 'removed-device'
  | 'bind-driver'
  | 'bound-driver'
  | 'unbind-driver'
  | 'unbound-driver'
  | 'driver-not-bound';

/** Called for each event of a bus, in the order of registration; it may sleep. */
export type BusNotifier<D extends Device = Device> = (event: BusNotifyEvent, dev: D) => MaySleep<void>;

/**
 * What a type, a class, a bus or a driver does when the machine sleeps and wakes. Every callback may sleep and may
 * refuse; a refusal on the way down ends the transition and wakes what slept already.
 *
 * @see include/linux/pm.h struct dev_pm_ops
 */
export interface DevPmOps<D extends Device = Device> {
  /** A positive result means: it sleeps already, leave it alone if all below it do. Only a suspend looks at that. */
  prepare?(dev: D): MaySleep<number | void>;
  suspend?(dev: D): MaySleep<number | void>;
  suspendLate?(dev: D): MaySleep<number | void>;
  suspendNoirq?(dev: D): MaySleep<number | void>;
  resumeNoirq?(dev: D): MaySleep<number | void>;
  resumeEarly?(dev: D): MaySleep<number | void>;
  resume?(dev: D): MaySleep<number | void>;
  /** Before an image is taken: the device must be quiet, but need not lose power. */
  freeze?(dev: D): MaySleep<number | void>;
  freezeLate?(dev: D): MaySleep<number | void>;
  freezeNoirq?(dev: D): MaySleep<number | void>;
  /** After the image was taken, in the kernel that took it. */
  thawNoirq?(dev: D): MaySleep<number | void>;
  thawEarly?(dev: D): MaySleep<number | void>;
  thaw?(dev: D): MaySleep<number | void>;
  /** The image is saved and the machine goes off. */
  poweroff?(dev: D): MaySleep<number | void>;
  poweroffLate?(dev: D): MaySleep<number | void>;
  poweroffNoirq?(dev: D): MaySleep<number | void>;
  /** In the kernel of the image, on a machine whose state is unknown, except that it has the same devices. */
  restoreNoirq?(dev: D): MaySleep<number | void>;
  restoreEarly?(dev: D): MaySleep<number | void>;
  restore?(dev: D): MaySleep<number | void>;
  complete?(dev: D): MaySleep<void>;
}

export type PmPhase = keyof DevPmOps;

/** One transition of the whole machine. @see include/linux/pm.h PM_EVENT_SUSPEND and following */
export interface PmEvent {
  /** For messages. @see drivers/base/power/main.c pm_verb */
  readonly verb: string;
  /** @see drivers/base/power/main.c pm_op */
  readonly op: PmPhase;
  /** @see drivers/base/power/main.c pm_late_early_op */
  readonly lateEarly: PmPhase;
  /** @see drivers/base/power/main.c pm_noirq_op */
  readonly noirq: PmPhase;
}

/** A transition on the way down, and the one that takes it back. @see drivers/base/power/main.c resume_event */
export interface PmSleepEvent extends PmEvent {
  readonly resumeEvent: PmEvent;
}

/** Has a step fail instead of being done: with the negative errno that it gives; 0: the step is done. */
export type StepFault = (fn: string, step: string, dev: Device) => number;
