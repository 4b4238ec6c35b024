import { DmaPool } from '../access/dma';
import { InterruptTable } from '../access/irq';
import { Softirqs } from '../access/softirq';
import { check, noResult } from '../errno';
import { Kobject, nameOf } from '../kobject/kobject';
import { kobjectCreateAndAdd } from '../kobject/kobject-life';
import { Kset, ksetRegister } from '../kobject/kset';
import { UeventSocket } from '../kobject/uevent';
import { andThen, each, isPending, type MaySleep } from '../may-sleep';
import type { Port } from '../hypervisor/port';
import { SysfsFs } from '../sysfs/fs';
import type { Guarded } from '../sysfs/dir';
import { Sysfs } from '../sysfs/sysfs';
import { Tracer } from '../trace';
import { Mutex } from '../world/mutex';
import { WaitQueue } from '../world/wait';
import { Workqueue } from '../world/workqueue';
import type { World } from '../world/world';
import { AsyncDomain } from './async';
import { busKtype, type Bus } from './bus';
import type { Class } from './class';
import type { CoreOps } from './core-ops';
import type { DeferredProbe } from './deferred';
import type { Device } from './device';
import type { Driver } from './driver';
import { guard, refusal } from './guard';
import type { FwDevlink, FwDevlinkMode } from './links/fw-devlink';
import type { DeviceLinks } from './links/links';
import { moduleKtype, type ModuleKobject } from './module-kobject';
import { DpmLists } from './power/dpm-lists';
import { KernelLog } from './printk';
import type { BusType, DeviceClass, DeviceDriver, PmEvent, PmSleepEvent, StepFault } from './types';
import { whileIn } from '../world/foreign-wait';

/** How a kernel is made. Everything has a default. */
export interface KernelOptions {
  /** Name for reports. */
  readonly name?: string;
  /** The way to the hypervisor; without one there is neither memory nor interrupts. */
  readonly port?: Port | null;
  /** Until `lateInitcall()` deferred probes are not tried again and late initcalls wait, as while a machine boots. */
  readonly booting?: boolean;
  /** Keep debug messages in the log. */
  readonly debug?: boolean;
  /** What is made of suppliers that a device tree names. Default: on. */
  readonly fwDevlink?: FwDevlinkMode;
  /** CONFIG_LOG_BUF_SHIFT: the log keeps 2 to this power bytes of text, from 12 to 25; default 17. */
  readonly logBufShift?: number;
  /** CONFIG_PM: devices have a directory `power`. Default: none. */
  readonly pm?: boolean;
  /** CONFIG_DEBUG_TEST_DRIVER_REMOVE: each probe that succeeds is taken back once and done again. */
  readonly testDriverRemove?: boolean;
}

/** What an operation works on: an object of the kernel, or a name. */
type Subject = string | null | { readonly name: string | null };

/**
 * What the objects of one kernel know of it, and what its users call. {@link Kernel} joins it with the functions of the
 * driver core, which know it.
 */
export abstract class KernelCore {
  readonly name: string;
  readonly log: KernelLog;
  readonly trace = new Tracer();
  /** Has steps of the core's ladders fail, for experiments. Null, or a field that is looked at once a step. */
  faults: StepFault | null = null;
  /** The kobjects that were made since recording began and are not released, for leak checks. Null: not recorded. */
  kobjects: Set<Kobject> | null = null;
  /** CONFIG_DEBUG_TEST_DRIVER_REMOVE */
  readonly testDriverRemove: boolean;
  /** CONFIG_PM */
  readonly hasPm: boolean;
  readonly sysfs: Sysfs;
  /** /sys as users see it, in the shape of Node's fs.promises. */
  readonly fs: SysfsFs;
  readonly uevents = new UeventSocket();
  /** The functions of the driver core. */
  abstract readonly ops: CoreOps;
  readonly port: Port | null;
  /** What interrupts leave for later. */
  readonly softirqs: Softirqs;
  /** Interrupts of the port by vector. */
  readonly irq: InterruptTable;
  /** Memory of the guest that devices reach; null without a port. */
  readonly dma: DmaPool | null;
  /** Where deferred and asynchronous probes run. @see kernel/workqueue.c system_unbound_wq */
  readonly unboundWq: Workqueue;
  abstract readonly deferred: DeferredProbe;
  /** Asynchronous probes. */
  readonly async: AsyncDomain;
  /** Devices in the order that suspend uses. */
  readonly dpm = new DpmLists();
  abstract readonly links: DeviceLinks;
  abstract readonly fwDevlink: FwDevlink;
  readonly devicesKset: Kset;
  readonly busKset: Kset;
  readonly classKset: Kset;
  readonly moduleKset: Kset;
  readonly buses = new Map<BusType<never, never>, Bus>();
  readonly classes = new Map<DeviceClass<never>, Class>();
  /** /sys/devices/virtual, made for the first device that needs it. */
  virtualDir: Kobject | null = null;
  /** What waits for the end of boot; null: that is over. */
  #lateSync: (() => MaySleep<void>)[] | null;
  /** The lock that was released last, for reuse: a device has a lock object only while it is locked. */
  spareMutex: Mutex | null = null;
  #probeCount = 0;
  #warnings = 0;
  readonly #probeIdle = new WaitQueue();
  readonly #devKobjs: Readonly<Record<'char' | 'block', Kobject>>;
  readonly #states = new Map<(kernel: never) => unknown, unknown>();

  constructor(
    readonly world: World,
    options: KernelOptions = {},
  ) {
    this.name = options.name ?? 'linux';
    this.log = new KernelLog(world, options);
    this.testDriverRemove = options.testDriverRemove ?? false;
    this.hasPm = options.pm ?? false;
    this.port = options.port ?? null;
    this.softirqs = new Softirqs(world, this);
    this.irq = new InterruptTable(this);
    this.dma = this.port === null ? null : new DmaPool(this.port.memory);
    this.port?.connect((vector, value) => this.irq.deliver(vector, value));
    const guarded: Guarded = (where, body) => this.#guardFile(where, body);
    this.sysfs = new Sysfs(world, (text) => this.warn(text), guarded, this.log);
    this.fs = new SysfsFs(this.sysfs, this);
    this.unboundWq = new Workqueue(world, 'events_unbound', this, 'unbound');
    this.async = new AsyncDomain(world, this.unboundWq);
    this.devicesKset = new Kset(this);
    this.busKset = new Kset(this, { filter: (kobj) => kobj.ktype === busKtype });
    this.classKset = new Kset(this);
    this.moduleKset = new Kset(this, { filter: (kobj) => kobj.ktype === moduleKtype });
    this.#devKobjs = this.#driverInit();
    this.#lateSync = options.booting === true ? [] : null;
  }

  /** @see drivers/base/core.c devices_init, bus.c buses_init, class.c classes_init, kernel/params.c param_sysfs_init */
  #driverInit(): Readonly<Record<'char' | 'block', Kobject>> {
    ksetRegister(this.devicesKset, 'devices');
    const dev = kobjectCreateAndAdd(this, 'dev', null);
    const block = kobjectCreateAndAdd(this, 'block', dev);
    const char = kobjectCreateAndAdd(this, 'char', dev);
    ksetRegister(this.busKset, 'bus');
    ksetRegister(this.classKset, 'class');
    ksetRegister(this.moduleKset, 'module');
    return { block, char };
  }

  /**
   * Registers a bus.
   *
   * @throws ErrnoError EEXIST when the name is taken, the error of one of its files; nothing is left behind
   * @see drivers/base/bus.c bus_register
   */
  registerBus<T extends BusType<never, never>>(type: T): MaySleep<Bus> {
    return this.query('bus_register', type.name, () => this.ops.busRegister(this, type as never), registered<Bus>);
  }

  /**
   * Registers a driver and tries to bind it to every device of its bus. It succeeds even if no device was bound.
   *
   * @param owner the module that it comes with, for the links between the two
   * @throws ErrnoError the error of its bus; EINVAL when the bus is not registered, EBUSY when the name is taken on it,
   *   the error of one of its files (its devices have been unbound again)
   * @see drivers/base/driver.c driver_register
   */
  registerDriver<R extends DeviceDriver<never>>(def: R, owner: ModuleKobject | null = null): MaySleep<Driver<R>> {
    const register = (): MaySleep<Driver | number> => this.ops.driverRegister(this, def, owner);
    return this.query('driver_register', def.name, register, registered<Driver<R>>);
  }

  /**
   * Registers a class.
   *
   * @throws ErrnoError EEXIST when the name is taken, the error of one of its files
   * @see drivers/base/class.c class_register
   */
  registerClass<T extends DeviceClass<never>>(type: T): MaySleep<Class> {
    return this.query(
      'class_register',
      type.name,
      () => this.ops.classRegister(this, type as never),
      registered<Class>,
    );
  }

  /** The registration of a bus; null if it is not registered. */
  busOf(type: BusType<never, never>): Bus | null {
    return this.buses.get(type) ?? null;
  }

  /** The registration of a class; null if it is not registered. */
  classOf(type: DeviceClass<never>): Class | null {
    return this.classes.get(type) ?? null;
  }

  /**
   * State of a subsystem or a driver that exists once for each kernel, made at first use: a static variable in Linux.
   * `make` is the key.
   */
  stateOf<T>(make: (kernel: never) => T): T {
    if (!this.#states.has(make)) this.#states.set(make, make(this as never));
    return this.#states.get(make) as T;
  }

  /** The directory /sys/dev/char or /sys/dev/block. */
  devKobj(kind: 'char' | 'block'): Kobject {
    return this.#devKobjs[kind];
  }

  /**
   * The end of boot: deferred probes are tried again, twice, the second time without waiting for suppliers without a
   * driver; then come the calls of {@link lateInitcallSync}.
   *
   * @see drivers/base/dd.c deferred_probe_initcall
   */
  lateInitcall(): MaySleep<void> {
    const calls = this.#lateSync ?? [];
    this.#lateSync = null;
    return this.operate('deferred_probe_initcall', null, () =>
      andThen(this.deferred.initcall(), () => each(calls, (call) => call())),
    );
  }

  /**
   * Does something at the end of boot, after the deferred probes were tried again; at once in a kernel that does not
   * boot. Its error is logged at debug level.
   *
   * @see include/linux/init.h late_initcall_sync
   */
  lateInitcallSync(fn: string, call: () => MaySleep<number | void>): MaySleep<void> {
    const run = (): MaySleep<void> =>
      andThen(
        guard(this.world, () => fn, call),
        (ret) => this.log.dbg(() => `initcall ${fn} returned ${String(ret)}`),
      );
    if (this.#lateSync === null) return this.world.run(run, fn, this);
    this.#lateSync.push(run);
    return undefined;
  }

  /** Defers all probes from now on, after those that run are done. @see drivers/base/dd.c device_block_probing */
  blockProbing(): MaySleep<void> {
    this.deferred.deferAll = true;
    return this.waitForDeviceProbe();
  }

  /** Allows probes again and tries the deferred ones. @see drivers/base/dd.c device_unblock_probing */
  unblockProbing(): MaySleep<void> {
    return this.operate('device_unblock_probing', null, () => {
      this.deferred.deferAll = false;
      this.deferred.trigger();
    });
  }

  /** Has the deferred probes tried again by the worker. @see drivers/base/dd.c driver_deferred_probe_trigger */
  triggerDeferredProbe(): MaySleep<void> {
    return this.operate('driver_deferred_probe_trigger', null, () => this.deferred.trigger());
  }

  /** Waits until no probe runs and none is queued. @see drivers/base/dd.c wait_for_device_probe */
  waitForDeviceProbe(): MaySleep<void> {
    return this.operate('wait_for_device_probe', null, () =>
      andThen(this.deferred.flush(), () =>
        andThen(
          this.#probeIdle.waitUntil(this.world, () => this.#probeCount === 0, 'wait_for_device_probe'),
          () => this.async.synchronizeFull(),
        ),
      ),
    );
  }

  /**
   * Suspends all devices, children first.
   *
   * @param event for what; default: a suspend
   * @throws ErrnoError the error of a callback; call {@link resumeDevices} all the same
   * @see drivers/base/power/main.c dpm_suspend_start
   */
  suspendDevices(event?: PmSleepEvent): MaySleep<void> {
    return this.operate('dpm_suspend_start', null, () => this.ops.dpmSuspendStart(this, event));
  }

  /** The late and the noirq phase. @throws ErrnoError what was refused; these phases are undone @see dpm_suspend_end */
  suspendDevicesLate(event?: PmSleepEvent): MaySleep<void> {
    return this.operate('dpm_suspend_end', null, () => this.ops.dpmSuspendEnd(this, event));
  }

  /** The noirq and the early phase. @see drivers/base/power/main.c dpm_resume_start */
  resumeDevicesEarly(event?: PmEvent): MaySleep<void> {
    return this.operate('dpm_resume_start', null, () => this.ops.dpmResumeStart(this, event));
  }

  /** Resumes all devices, parents first, and allows probes again. @see drivers/base/power/main.c dpm_resume_end */
  resumeDevices(event?: PmEvent): MaySleep<void> {
    return this.operate('dpm_resume_end', null, () => this.ops.dpmResumeEnd(this, event));
  }

  /** Makes all devices quiet, the last added first, and blocks probes. @see drivers/base/core.c device_shutdown */
  shutdownDevices(): MaySleep<void> {
    return this.operate('device_shutdown', null, () => this.ops.deviceShutdown(this));
  }

  /** No sync_state is called until {@link resumeSyncState}. @see device_links_supplier_sync_state_pause */
  pauseSyncState(): void {
    this.links.pauseSyncState();
  }

  /** Ends one pause; after the last, what became due is called. @see device_links_supplier_sync_state_resume */
  resumeSyncState(): MaySleep<void> {
    return this.operate('device_links_supplier_sync_state_resume', null, () => this.links.resumeSyncState());
  }

  /** Kills this kernel at once: callers that wait for one of its operations get GuestDead. */
  kill(): void {
    this.world.kill(this);
  }

  /**
   * A condition that the kernel itself warns of: a line in the log, and counted.
   *
   * @see include/asm-generic/bug.h WARN
   */
  warn(text: string): void {
    this.#warnings++;
    this.log.warn(text);
  }

  /** How often the kernel has warned of itself. */
  get warnings(): number {
    return this.#warnings;
  }

  /** A free lock for a device. */
  takeMutex(): Mutex {
    const mutex = this.spareMutex ?? new Mutex();
    this.spareMutex = null;
    return mutex;
  }

  /** For the core: a device's last reference is dropped. Warns if it has no release function. */
  noteReleased(dev: Device): void {
    const { release, type } = dev;
    if (release === undefined && type?.release === undefined && dev.class?.type.devRelease === undefined) {
      this.warn(`Device '${nameOf(dev)}' does not have a release() function, it is broken and must be fixed.`);
    }
  }

  /** For the core: a probe is about to run. */
  probeStarted(): void {
    this.#probeCount++;
  }

  /** For the core: a probe has ended, well or not. */
  probeEnded(): void {
    this.#probeCount--;
    this.#probeIdle.wakeAll(this.world);
  }

  /**
   * Runs an operation of the core in a task, and turns a negative result into an exception.
   *
   * @param fn the kernel function, for the report
   * @param subject what it works on, or the name of that; the operation gets it
   * @throws ErrnoError for a negative result
   */
  operate<S extends Subject>(
    fn: string,
    subject: S,
    operation: (subject: S) => MaySleep<number | void>,
  ): MaySleep<void> {
    const result = this.world.call(operation, subject, fn, this, pathOf(subject));
    return andThen(result, checkResult, fn, subject);
  }

  /** {@link operate}, and makes something of the result. */
  query<S extends Subject, R, T>(
    fn: string,
    subject: S,
    operation: (subject: S) => MaySleep<R>,
    make: (result: Exclude<R, void> | 0) => T,
  ): MaySleep<T> {
    return andThen(this.world.call(operation, subject, fn, this, pathOf(subject)), (result) => {
      checkResult(result, fn, subject);
      return make((result ?? 0) as Exclude<R, void> | 0);
    });
  }

  #guardFile<T>(where: string, body: () => MaySleep<T>): MaySleep<T | number> {
    const refused = (error: unknown): number => refusal(this.world, () => where, error);
    let result: MaySleep<T>;
    try {
      result = body();
    } catch (error) {
      return refused(error);
    }
    const checked = (given: T): T | number => (isNoNumber(given) ? refused(noResult(given)) : given);
    if (!isPending(result)) return checked(result);
    return whileIn(this.world, { what: () => where, isOwn: true }, result, checked, refused);
  }
}

/** Negative numbers have been thrown. */
function registered<T>(made: object | number): T {
  return made as T;
}

function pathOf(subject: Subject): string | null {
  return typeof subject === 'object' && subject !== null ? subject.name : subject;
}

function checkResult(result: unknown, fn: string, subject: Subject): void {
  if (typeof result === 'number') check(result, fn, pathOf(subject) ?? undefined);
}

/** NaN or a fraction, as `show` and `store` do not give them. */
function isNoNumber(given: unknown): boolean {
  return typeof given === 'number' && !Number.isSafeInteger(given);
}
