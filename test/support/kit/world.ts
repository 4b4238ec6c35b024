import { vpci } from '../../../buses/vpci';
import type { Device } from '../../../lib/base/device';
import type { Driver } from '../../../lib/base/driver';
import type { Kernel } from '../../../lib/base/kernel';
import type { KernelLog } from '../../../lib/base/printk';
import type { DeviceDriver } from '../../../lib/base/types';
import type { DeviceModel } from '../../../lib/hypervisor';
import {
  fixtureName,
  type AllocationPolicy,
  type BusFixture,
  type GuestBus,
  type MachineParts,
} from '../../../lib/machine';
import { Evidence, RecordedMachine } from '../../../lib/study';
import type { SysfsFs } from '../../../lib/sysfs';
import { watchForeignWaits, World, type RealTime, type WorldOptions } from '../../../lib/world';
import { realTime } from '../../../tools/real-time';
import { EndCheck } from './end-check';
import { Faults, type Counts, type Fault, type Injected } from './faults';
import { NotClean, notAllowed, type Allowance, type Finding } from './findings';
import { currentTest, type Ends } from './test-scope';
import { TraceRecord } from './trace';
import { whyUnbound } from './why-unbound';

/** How a world for a test is made, its bus left out. Everything has a default. */
export interface KitOptions extends WorldOptions {
  /** What the hypervisor has. Where configuration decides, they go to the guests in turn. Default: nothing. */
  readonly devices?: readonly DeviceModel[] | (() => readonly DeviceModel[]);
  /** How many guests there are. Default: one. */
  readonly guests?: number;
  /** Which free device a bus gives that allocates. Default: the lowest. */
  readonly policy?: AllocationPolicy;
  /** Steps that fail. */
  readonly faults?: readonly Fault[];
  /** What the test wants of what a world must not end with: see {@link KitWorld.end}. Default: nothing. */
  readonly allow?: readonly Allowance[];
  /** Is there to be no evidence? For worlds that are made by the thousand. Default: there is. */
  readonly unrecorded?: boolean;
  /** Time outside of the world, for the two seconds after which a foreign wait is reported. Default: the machine's. */
  readonly realTime?: RealTime;
}

/** What is up when a guest has booted. */
export interface BootOptions {
  /** With the driver that makes virtio devices of what is on the bus. Default: yes. */
  readonly transport?: boolean;
}

/**
 * A world with one bus and all that a test wants to have at hand. Nothing has happened in it before {@link boot}.
 *
 * `kernel`, `fs`, `log` and `bus` are those of the first guest; `guests[n]` has the others.
 */
export class KitWorld<F extends BusFixture = BusFixture> extends RecordedMachine implements Ends {
  declare readonly fixture: F;
  /** What the kernels and the host did. */
  readonly trace: TraceRecord;
  readonly #faults: Faults;
  readonly #check: EndCheck;
  readonly #options: KitOptions;
  #hasEnded = false;

  /** Only for {@link world}. */
  constructor(fixture: F, options: KitOptions, trace: TraceRecord, faults: Faults, check: EndCheck) {
    const { devices = [], guests = 1, policy = 'lowest', seed = 0, unrecorded = false } = options;
    const models = typeof devices === 'function' ? devices() : devices;
    const parts: MachineParts = {
      world: new World(options),
      hypervisorMade: (hypervisor) => {
        trace.watchHost(hypervisor);
        check.watchHost(hypervisor);
        faults.watchHost(hypervisor);
      },
      kernelMade: (kernel) => {
        trace.watch(kernel);
        check.watch(kernel);
        faults.watch(kernel);
      },
      kernelBooted: (kernel) => {
        check.booted(kernel);
        faults.booted();
      },
    };
    super(fixture, { seed, policy, devices: 0 }, models, guests, parts, new Evidence(!unrecorded));
    this.trace = trace;
    this.#faults = faults;
    this.#check = check;
    this.#options = options;
    for (const fault of options.faults ?? []) this.inject(fault);
  }

  /** The host half of the bus, as its fixture makes it. */
  override get host(): ReturnType<F['install']> {
    return super.host as ReturnType<F['install']>;
  }

  /** Name of the bus and, where it has several, of its strategy: `vpci`, `ps3-handle/at-probe`. */
  get name(): string {
    return fixtureName(this.fixture);
  }

  /** @throws Error before {@link boot} */
  get kernel(): Kernel {
    return this.guest().kernel;
  }

  /** Of all guests. @throws Error before {@link boot} */
  get kernels(): readonly Kernel[] {
    return this.guests.map(({ kernel }) => kernel);
  }

  /** The guest half of the bus. @throws Error before {@link boot} */
  get bus(): GuestBus {
    return this.guest().bus;
  }

  /** /sys in the shape of Node's `fs.promises`. @throws Error before {@link boot} */
  get fs(): SysfsFs {
    return this.kernel.fs;
  }

  /** The kernel's log. @throws Error before {@link boot} */
  get log(): KernelLog {
    return this.kernel.log;
  }

  /** Boots all guests: they scan for devices and, by default, register virtio devices for them. */
  async boot({ transport = true }: BootOptions = {}): Promise<void> {
    for (const guest of this.guests) {
      await guest.boot();
      if (transport) await guest.loadTransport();
    }
  }

  /** Registers drivers in all guests, as insmod does. @throws ErrnoError as Kernel.registerDriver */
  async load(...drivers: readonly DeviceDriver<never>[]): Promise<void> {
    for (const guest of this.guests) for (const driver of drivers) await guest.loadDriver(driver);
  }

  /** Takes drivers out of all guests, as rmmod does: their devices are unbound. */
  async unload(...drivers: readonly DeviceDriver<never>[]): Promise<void> {
    for (const guest of this.guests) for (const driver of drivers) await guest.unloadDriver(driver);
    await this.settle();
  }

  /** Devices that this driver has in one guest, in the order of their bus. */
  bound(driver: DeviceDriver<never>, guest = 0): Device[] {
    const devices = [...(this.guest(guest).kernel.busOf(driver.bus)?.devices() ?? [])];
    return devices.filter((dev) => dev.isBound && dev.driver?.def.name === driver.name);
  }

  /** Has a step fail from now on. @throws RangeError for a hypercall that this bus does not have */
  inject(fault: Fault): Injected {
    return this.#faults.inject(fault);
  }

  /**
   * The end of a test, which `eachBus` and mocha's tests come to by themselves: drivers that came after boot are taken
   * out, the last one first; devices are unplugged; then nothing may be left, and nothing may have gone wrong. Guests
   * that have ended or sleep are let alone. Only once: what comes later is not looked at.
   *
   * @throws NotClean unless `allow` names it: a warning or an error in a kernel's log (`warnings`), an error in the
   *   hypervisor's (`host-errors`), an oops (`oopses`), a task that waits for ever (`hung-tasks`), memory, a queue, a
   *   claim, an interrupt, an object, a class device (`leftovers`). And what a worker has thrown.
   */
  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.settle();
    const why = this.whyUnbound();
    await this.takeOut();
    await this.#check.unplug(this);
    const found = this.findings();
    if (found.length > 0) throw new NotClean(this.name, found, why);
  }

  /** Takes the drivers out that came after boot, of all guests, the last one first. What fails is a finding. */
  async takeOut(): Promise<void> {
    await this.#check.unload(this);
  }

  /** What {@link end} would throw for, of what has happened so far. */
  findings(): readonly Finding[] {
    return notAllowed(this.#check.findings(this), this.#options.allow ?? []);
  }

  /** Drivers that came after boot and have had a device, in the order of their first, be they loaded or not. */
  get users(): readonly Driver['def'][] {
    return [...new Set(this.guests.flatMap((guest) => this.#check.leftoversOf(guest)?.users ?? []))];
  }

  /** How often each step was called that can fail: until now, and until the first guest had looked for devices. */
  get faultCounts(): { readonly all: Counts; readonly atBoot: Counts | null } {
    return { all: this.#faults.counts, atBoot: this.#faults.countsAtBoot };
  }

  /** All steps work from now on. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** What the rules of the core say of each device that has no driver, of the drivers that were loaded. */
  whyUnbound(): readonly string[] {
    const all = this.guests.map((guest) => this.#check.leftoversOf(guest)?.loaded ?? null);
    return all.flatMap((loaded) => (loaded === null ? [] : whyUnbound(loaded)));
  }

  /** For tests: see {@link watchForeignWaits}; nothing when `allow` names `foreign-waits`. */
  watch(report: (error: Error) => void): { stop(): void } {
    if (this.#options.allow?.includes('foreign-waits') === true) return { stop: () => undefined };
    return watchForeignWaits(this.world, this.#options.realTime ?? realTime, report);
  }
}

/** What a type checker would have said. */
function checkFixture(bus: unknown): void {
  if (typeof bus === 'object' && bus !== null && 'install' in bus) return;
  const given = Array.isArray(bus) ? 'a list' : typeof bus === 'string' ? `'${bus}'` : String(bus);
  throw new TypeError(`world: bus is a fixture, such as vpci of linux-driver-model/buses/vpci, not ${given}`);
}

/**
 * Makes a world for one test; by default on vpci, empty, with one guest. A test of mocha ends it: see
 * {@link KitWorld.end}. Elsewhere, end it yourself.
 *
 * @throws TypeError if bus is no fixture
 */
export function world(options?: KitOptions & { readonly bus?: undefined }): KitWorld<typeof vpci>;
export function world<F extends BusFixture>(options: KitOptions & { readonly bus: F }): KitWorld<F>;
export function world({
  bus = vpci,
  ...options
}: KitOptions & { readonly bus?: BusFixture | undefined } = {}): KitWorld {
  checkFixture(bus);
  const made = makeWorld({ ...options, bus });
  currentTest()?.add(made);
  return made;
}

/** The same, which no test ends. */
export function makeWorld({ bus, ...options }: KitOptions & { readonly bus: BusFixture }): KitWorld {
  return new KitWorld(bus, options, new TraceRecord(), new Faults(), new EndCheck());
}
