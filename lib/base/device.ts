import { Kobject, kobjectGet, type KobjType } from '../kobject/kobject';
import { kobjectPut } from '../kobject/kobject-life';
import type { KobjectAction } from '../kobject/uevent';
import type { UeventEnv } from '../kobject/uevent-env';
import type { KlistNode } from '../list';
import { Klist } from '../list';
import { type MayNotSleep, type MaySleep } from '../may-sleep';
import type { Attribute, AttributeGroup } from '../sysfs/attribute';
import type { Mutex } from '../world/mutex';
import type { Bus } from './bus';
import type { Class } from './class';
import { Devres } from './devres';
import type { Driver } from './driver';
import type { KernelCore } from './kernel-core';
import type { DeviceLink } from './links/device-link';
import { NO_RUNTIME_PM, type RuntimePm } from './power/runtime-pm';
import type { Fwnode } from './links/fwnode';
import type { BusType, DeviceClass, DeviceType } from './types';

/** A device number. @see include/linux/kdev_t.h */
export interface DevT {
  readonly major: number;
  readonly minor: number;
}

/** What a device's links know of its driver. @see include/linux/device.h enum dl_dev_state */
export type LinksStatus = 'no-driver' | 'probing' | 'driver-bound' | 'unbinding';

/** How far a device is on its way to sleep. */
export type DpmStage = 'on' | 'prepared' | 'suspended' | 'late-early' | 'noirq';

/** Where a moved device goes in the orders of suspend and shutdown. @see include/linux/device.h enum dpm_order */
export type DpmOrder = 'none' | 'dev-after-parent' | 'parent-before-dev' | 'dev-last';

const NO_LINKS: readonly DeviceLink[] = Object.freeze([]);

/** What the core needs to know of a node of a device tree. */
export interface OfNode extends Kobject {
  readonly fwnode: Fwnode;
  /** Adds the variables that name the node to an event of its device. @see drivers/of/device.c of_device_uevent */
  addUeventVars(env: UeventEnv): void;
}

/** What a device is made of. Everything has a default, but a device needs a name or a bus that gives it one. */
export interface DeviceInit {
  readonly name?: string;
  readonly bus?: BusType<never, never>;
  readonly parent?: Device | null;
  readonly class?: DeviceClass<never>;
  readonly type?: DeviceType<never>;
  readonly groups?: readonly AttributeGroup<never>[];
  readonly devt?: DevT;
  /** Number behind the bus's devName. */
  readonly id?: number;
  /** Called once, when the last reference is gone. Default: the type's, else the class's. */
  readonly release?: (dev: never) => MayNotSleep;
}

/**
 * Managed resources first, then the device's own release, else the type's, else the class's.
 *
 * @see drivers/base/core.c device_release
 */
function deviceRelease(dev: Device): MayNotSleep {
  dev.devres?.releaseAll();
  const { kernel, type } = dev;
  const release = dev.release as ((d: Device) => MayNotSleep) | undefined;
  let result: MayNotSleep;
  if (release !== undefined) result = release(dev);
  else if (type?.release !== undefined) result = type.release(dev);
  else if (dev.class?.type.devRelease !== undefined) result = dev.class.type.devRelease(dev);
  kernel.noteReleased(dev);
  return result;
}

/** @see drivers/base/core.c device_ktype */
const deviceKtype: KobjType<Device> = { name: 'device_ktype', release: deviceRelease };

/** Is it a device? */
export function isDevice(kobj: Kobject): kobj is Device {
  return kobj.ktype === deviceKtype;
}

/**
 * A device of one kernel. Making it is device_initialize: it has one reference, and only put frees it.
 *
 * @see include/linux/device.h struct device, drivers/base/core.c
 */
export class Device extends Kobject {
  declare readonly kernel: KernelCore;
  parent: Device | null;
  bus: Bus | null;
  class: Class | null;
  type: DeviceType | null;
  /** The node of the device tree that it was made of. @see struct device of_node */
  declare ofNode: OfNode | null;
  /** Set from before probe until after remove; see {@link isBound}. */
  driver: Driver | null = null;
  /** Its entry in the bus's directory of devices is there, under its present name. */
  isLinkedByBus = false;
  /** Its driver's directory shows it, without an entry of its own. */
  isLinkedByDriver = false;
  declare groups: readonly AttributeGroup<never>[] | undefined;
  declare devt: DevT | null;
  declare id: number;
  release: ((dev: never) => MayNotSleep) | undefined;
  /** The driver's own; null while no driver has the device. @see dev_set_drvdata */
  declare drvdata: unknown;
  /** Name of the only driver that may bind; null for no restriction. @see driver_set_override */
  declare driverOverride: string | null;
  /** Exists only while the lock is held: most devices are not locked. */
  #mutex: Mutex | null = null;

  dead = false;
  /** Out of use; see the bus's offline. */
  declare offline: boolean;
  declare offlineDisabled: boolean;
  /** The driver that is about to probe it in a worker. */
  declare asyncDriver: Driver | null;
  canMatch = false;
  readyToProbe = false;
  declare deferredProbeReason: string | null;
  linksStatus: LinksStatus = 'no-driver';
  /** Links to what it depends on, in the order of adding. */
  declare suppliers: readonly DeviceLink[];
  /** Links from what depends on it, in the order of adding. */
  declare consumers: readonly DeviceLink[];
  /** Has sync_state been called for it? It is called once in its life. */
  declare stateSynced: boolean;
  declare devres: Devres | null;
  declare klistChildren: Klist<Device> | null;
  declare knodeParent: KlistNode<Device> | null;
  knodeBus: KlistNode<Device> | null = null;
  knodeDriver: KlistNode<Device> | null = null;
  declare knodeClass: KlistNode<Device> | null;
  knodeDpm: KlistNode<Device> | null = null;
  /** How far it is on its way to sleep: which list {@link knodeDpm} is on. */
  dpmStage: DpmStage = 'on';
  /** It sleeps already, and sleeps on. */
  declare directComplete: boolean;
  declare knodeDeferred: KlistNode<Device> | null;
  declare deferredList: Klist<Device> | null;

  /** @see drivers/base/core.c device_initialize */
  constructor(kernel: KernelCore, init: DeviceInit = {}) {
    super(kernel, deviceKtype);
    this.kset = kernel.devicesKset;
    this.name = init.name?.replaceAll('/', '!') ?? null;
    this.bus = init.bus === undefined ? null : kernel.busOf(init.bus);
    this.class = init.class === undefined ? null : kernel.classOf(init.class);
    this.parent = init.parent ?? null;
    this.type = init.type ?? null;
    if (init.groups !== undefined) this.groups = init.groups;
    if (init.devt !== undefined) this.devt = init.devt;
    if (init.id !== undefined) this.id = init.id;
    this.release = init.release;
  }

  /** Its node of the firmware. @see struct device fwnode */
  get fwnode(): Fwnode | null {
    return this.ofNode?.fwnode ?? null;
  }

  /** Its part in runtime power management: the values in `power/`. @see struct device power */
  get runtimePm(): RuntimePm {
    return NO_RUNTIME_PM;
  }

  /** @see include/linux/device.h device_is_registered */
  get isRegistered(): boolean {
    return this.stateInSysfs;
  }

  /** Has a probe succeeded? Stricter than `driver !== null`. @see drivers/base/dd.c device_is_bound */
  get isBound(): boolean {
    return this.knodeDriver !== null;
  }

  /** Managed resources: released in reverse order when the driver is unbound. */
  get devm(): Devres {
    return (this.devres ??= new Devres(this));
  }

  /**
   * Adds the device: directory, files, links, events, and a first try to bind a driver.
   *
   * @throws ErrnoError EINVAL without a name, EEXIST when a name is taken, the error of an attribute. The device is
   *   then as before, but only {@link put} may follow.
   * @see drivers/base/core.c device_add
   */
  add(): MaySleep<void> {
    return this.kernel.operate('device_add', this, this.kernel.ops.deviceAdd);
  }

  /** {@link add}; the reference that the maker holds stays, also on failure. @see device_register */
  register(): MaySleep<void> {
    return this.add();
  }

  /**
   * Removes the device: unbinds its driver, removes files and links, sends the remove event. It cannot be added again.
   *
   * @see drivers/base/core.c device_del
   */
  del(): MaySleep<void> {
    return this.kernel.operate('device_del', this, this.kernel.ops.deviceDel);
  }

  /** {@link del} and {@link put}. @see drivers/base/core.c device_unregister */
  unregister(): MaySleep<void> {
    return this.kernel.operate('device_unregister', this, this.kernel.ops.deviceUnregister);
  }

  /** Takes a reference. @see drivers/base/core.c get_device */
  get(): this {
    return kobjectGet(this);
  }

  /** Drops a reference; the last one releases the device at once. @see drivers/base/core.c put_device */
  put(): void {
    kobjectPut(this);
  }

  /**
   * Tries the bus's drivers in the order of registration.
   *
   * @returns true if the device is bound now, by this or before; false if no driver is bound
   * @throws ErrnoError EINVAL without a bus, EPROBE_DEFER and the error of a match callback or of a step before probe
   * @see drivers/base/dd.c device_attach
   */
  attach(): MaySleep<boolean> {
    return this.kernel.query('device_attach', this, this.kernel.ops.deviceAttach, isOne);
  }

  /** Unbinds the driver, if there is one. @see drivers/base/dd.c device_release_driver */
  releaseDriver(): MaySleep<void> {
    return this.kernel.operate('device_release_driver', this, this.kernel.ops.deviceReleaseDriver);
  }

  /**
   * Unbinds, then tries all drivers again.
   *
   * @throws ErrnoError as {@link attach}
   * @see drivers/base/bus.c device_reprobe
   */
  reprobe(): MaySleep<void> {
    return this.kernel.operate('device_reprobe', this, this.kernel.ops.deviceReprobe);
  }

  /**
   * Binds the device to this driver without calling match.
   *
   * @throws ErrnoError EBUSY when it has a driver, ENODEV when it is not registered, EAGAIN for a deferral, the error
   *   of probe
   * @see drivers/base/dd.c device_driver_attach
   */
  driverAttach(drv: Driver): MaySleep<void> {
    return this.kernel.operate('device_driver_attach', this, () => this.kernel.ops.deviceDriverAttach(drv, this));
  }

  /**
   * Binds a driver without calling probe.
   *
   * @throws ErrnoError EEXIST when a link's name is taken; the device then has no driver
   * @see drivers/base/dd.c device_bind_driver
   */
  bindDriver(drv: Driver): MaySleep<void> {
    return this.kernel.operate('device_bind_driver', this, () => this.kernel.ops.deviceBindDriverTo(this, drv));
  }

  /**
   * Allows one driver only, by name; null or an empty text allows all. Neither unbinds nor probes.
   *
   * @throws ErrnoError EINVAL for a text of a page or more
   * @see drivers/base/driver.c driver_set_override
   */
  setDriverOverride(text: string | null): MaySleep<void> {
    return this.kernel.operate('driver_set_override', this, () => this.kernel.ops.driverSetOverride(this, text ?? ''));
  }

  /**
   * Makes this device depend on another one: it is probed after it, unbound before it, and suspended before it.
   *
   * @param flags of DL_FLAG; default: a link that lives as long as both devices
   * @returns null when the flags contradict each other, the supplier is not registered or depends on this device
   * @see drivers/base/core.c device_link_add
   */
  linkTo(supplier: Device, flags = 0): MaySleep<DeviceLink | null> {
    return this.kernel.world.run(
      () => this.kernel.ops.deviceLinkAdd(this, supplier, flags),
      'device_link_add',
      this.kernel,
    );
  }

  /** Drops a reference to a stateless link. @see drivers/base/core.c device_link_remove */
  unlinkFrom(supplier: Device): MaySleep<void> {
    return this.kernel.operate('device_link_remove', this, () => this.kernel.ops.deviceLinkRemove(this, supplier));
  }

  /** Is `other` this device, below it, or a consumer of it, or of one that is? @see device_is_dependent */
  hasDependent(other: Device): boolean {
    return this.kernel.ops.deviceIsDependent(this, other);
  }

  /** @throws ErrnoError EEXIST when the name is taken, EINVAL @see drivers/base/core.c device_rename */
  rename(name: string): MaySleep<void> {
    return this.kernel.operate('device_rename', this, () => this.kernel.ops.deviceRename(this, name));
  }

  /** Gives it another parent, or none. @throws ErrnoError EEXIST @see drivers/base/core.c device_move */
  move(parent: Device | null, order: DpmOrder = 'none'): MaySleep<void> {
    return this.kernel.operate('device_move', this, () => this.kernel.ops.deviceMove(this, parent, order));
  }

  /**
   * Takes it out of use, if its bus can do that.
   *
   * @returns false when it was offline already
   * @throws ErrnoError EPERM, EBUSY when something below is online, the error of the bus
   * @see drivers/base/core.c device_offline
   */
  setOffline(): MaySleep<boolean> {
    return this.kernel.query('device_offline', this, this.kernel.ops.deviceOffline, isZero);
  }

  /** @returns false when it was online already @throws the error of the bus @see device_online */
  setOnline(): MaySleep<boolean> {
    return this.kernel.query('device_online', this, this.kernel.ops.deviceOnline, isZero);
  }

  /** Children in the order of adding. @see drivers/base/core.c device_for_each_child */
  *children(): Generator<Device> {
    if (this.klistChildren !== null) yield* this.klistChildren;
  }

  /** @see drivers/base/core.c device_for_each_child_reverse */
  *childrenReverse(): Generator<Device> {
    if (this.klistChildren !== null) yield* this.klistChildren.reversed();
  }

  /** A child by name, without a reference; null if there is none. @see device_find_child_by_name */
  findChild(name: string): Device | null {
    for (const child of this.children()) if (child.name === name) return child;
    return null;
  }

  /**
   * Sends an event with the given variables.
   *
   * @throws ErrnoError EINVAL, ENOMEM, the error of the bus's uevent callback
   * @see lib/kobject_uevent.c kobject_uevent_env
   */
  uevent(action: KobjectAction, vars: readonly string[] = []): void {
    this.kernel.ops.deviceUevent(this, action, vars);
  }

  /** @throws ErrnoError EEXIST @see drivers/base/core.c device_create_file */
  createFile(attr: Attribute<never>): void {
    this.kernel.ops.deviceCreateFile(this, attr);
  }

  /** Waits until running show and store calls are finished. @see drivers/base/core.c device_remove_file */
  removeFile(name: string): MaySleep<void> {
    return this.sd?.removeName(name);
  }

  /**
   * Locks the device for the running task: no probe, remove or read of `uevent` runs meanwhile.
   *
   * @see include/linux/device.h device_lock
   */
  lock(): MaySleep<void> {
    this.#mutex ??= this.kernel.takeMutex();
    return this.#mutex.lock(this.kernel.world, 'device_lock', this.name);
  }

  unlock(): void {
    const mutex = this.#mutex;
    mutex?.unlock(this.kernel.world);
    if (mutex === null || mutex.isLocked) return;
    this.#mutex = null;
    this.kernel.spareMutex = mutex;
  }

  get isLocked(): boolean {
    return this.#mutex !== null && this.#mutex.isLocked;
  }
}

/** What most devices never have set: one object holds it for all of them, and a device is smaller by a quarter. */
Object.assign(Device.prototype, {
  ofNode: null,
  groups: undefined,
  devt: null,
  id: 0,
  drvdata: null,
  driverOverride: null,
  offline: false,
  offlineDisabled: false,
  asyncDriver: null,
  deferredProbeReason: null,
  suppliers: NO_LINKS,
  consumers: NO_LINKS,
  stateSynced: false,
  devres: null,
  klistChildren: null,
  knodeParent: null,
  knodeClass: null,
  directComplete: false,
  knodeDeferred: null,
  deferredList: null,
} satisfies Partial<Device>);

function isOne(ret: number): boolean {
  return ret === 1;
}

function isZero(ret: number): boolean {
  return ret === 0;
}

/** Name for messages: the driver's, else the bus's, else the class's. @see drivers/base/core.c dev_driver_string */
export function devDriverString(dev: Device): string {
  return dev.driver?.def.name ?? dev.bus?.type.name ?? dev.class?.type.name ?? '';
}

/** Text of a message about a device, as the log shows it. @see drivers/base/core.c __dev_printk */
export function devMessage(dev: Device, text: string): string {
  return `${devDriverString(dev)} ${dev.name ?? '(null)'}: ${text}`;
}
