import { vpci } from '../../../buses/vpci';
import type { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { KernelLog } from '../../../lib/base/printk';
import type { DeviceDriver } from '../../../lib/base/types';
import type { DeviceModel } from '../../../lib/hypervisor';
import { columnName, Machine, type AllocationPolicy, type BusFixture, type GuestBus } from '../../../lib/study';
import type { SysfsFs } from '../../../lib/sysfs';
import { World, type WorldOptions } from '../../../lib/world';
import { Faults, type Fault, type Injected } from './faults';
import { TraceRecord } from './trace';

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
export class KitWorld<F extends BusFixture = BusFixture> extends Machine {
  declare readonly fixture: F;
  /** What the kernels and the host did. */
  readonly trace: TraceRecord;
  readonly #faults: Faults;

  /** Only for {@link world}. */
  constructor(fixture: F, options: KitOptions, trace: TraceRecord, faults: Faults) {
    const { devices = [], guests = 1, policy = 'lowest', seed = 0 } = options;
    super(fixture, { seed, policy, devices: 0 }, typeof devices === 'function' ? devices() : devices, guests, {
      world: new World(options),
      hypervisorMade: (hypervisor) => trace.watchHost(hypervisor),
      kernelMade: (kernel) => {
        trace.watch(kernel);
        faults.watch(kernel);
      },
    });
    this.trace = trace;
    this.#faults = faults;
    for (const fault of options.faults ?? []) this.inject(fault);
  }

  /** The host half of the bus, as its fixture makes it. */
  override get host(): ReturnType<F['install']> {
    return super.host as ReturnType<F['install']>;
  }

  /** Name of the bus and, where it has several, of its strategy: `vpci`, `ps3-handle/at-probe`. */
  get name(): string {
    return columnName(this.fixture);
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

  /** Boots all guests: they look for devices and, unless told otherwise, make virtio devices of them. */
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
    return this.#faults.inject(fault, this.hypervisor);
  }
}

/** What a type checker would have said. */
function checkFixture(bus: unknown): void {
  if (typeof bus === 'object' && bus !== null && 'install' in bus) return;
  const given = Array.isArray(bus) ? 'a list' : typeof bus === 'string' ? `'${bus}'` : String(bus);
  throw new TypeError(`world: bus is a fixture, such as vpci of linux-driver-model/buses/vpci, not ${given}`);
}

/** Makes a world for one test; by default on vpci, empty, with one guest. @throws TypeError if bus is no fixture */
export function world(options?: KitOptions & { readonly bus?: undefined }): KitWorld<typeof vpci>;
export function world<F extends BusFixture>(options: KitOptions & { readonly bus: F }): KitWorld<F>;
export function world({ bus = vpci, ...options }: KitOptions & { readonly bus?: BusFixture | undefined } = {}): KitWorld {
  checkFixture(bus);
  return new KitWorld(bus, options, new TraceRecord(), new Faults());
}
