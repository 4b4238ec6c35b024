import { Kernel } from '../base/kernel';
import type { Device } from '../base/device';
import type { DeviceDriver } from '../base/types';
import { ErrnoError, errnoName, strerror } from '../errno';
import { Hypervisor, type CostCounters, type DeviceModel, type Guest } from '../hypervisor';
import { initSubsystems } from '../subsystems';
import { registerVirtioBus } from '../virtio';
import { World } from '../world';
import { Evidence } from './evidence';
import type { AllocationPolicy, BusFixture, GuestBus, HostBus, Plugged } from './fixture';

/** The conditions of an experiment: the same for every bus. */
export interface Conditions {
  readonly seed: number;
  /** Devices of each class that the hypervisor has. */
  readonly devices: number;
  readonly policy: AllocationPolicy;
}

/** What a machine is given instead of what it would make itself. */
export interface MachineParts {
  readonly world?: World;
  /** Is there to be no evidence? For machines that are made by the thousand. */
  readonly unrecorded?: boolean;
  /** Told of each guest's kernel when it is made, before it looks for devices. */
  kernelMade?(kernel: Kernel): void;
}

/** A world with one bus, devices in the hypervisor, and guests that have not booted. */
export class Machine {
  readonly world: World;
  readonly hypervisor: Hypervisor;
  readonly evidence: Evidence;
  readonly guests: readonly StudyGuest[];
  readonly plugged: readonly Plugged[];
  /** The host half of the bus. */
  readonly host: HostBus;

  /**
   * @param models the hypervisor's devices; where configuration decides, they go to the guests in turn
   * @param guests how many guests there are
   */
  constructor(
    readonly fixture: BusFixture,
    conditions: Conditions,
    readonly models: readonly DeviceModel[],
    guests = 1,
    readonly parts: MachineParts = {},
  ) {
    // The seed is the hypervisor's chance. Tasks run in order: buses are compared, not schedules.
    this.world = parts.world ?? new World({ seed: conditions.seed, schedule: 'fifo' });
    this.hypervisor = new Hypervisor(this.world);
    this.evidence = new Evidence(parts.unrecorded === true ? null : this.hypervisor);
    this.host = fixture.install(this.hypervisor, { policy: conditions.policy });
    this.guests = Array.from({ length: guests }, (_, i) => new StudyGuest(this, this.host, `g${String(i + 1)}`));
    this.plugged = models.map((model, i) => this.host.plug(model, this.guest(i % guests).guest));
  }

  guest(index = 0): StudyGuest {
    const guest = this.guests[index];
    if (guest === undefined) throw new RangeError(`there is no guest ${String(index)}`);
    return guest;
  }

  /** Runs what is runnable, and waits for devices that answer later. Rethrows what a worker threw. */
  async settle(): Promise<void> {
    await this.world.advance(SETTLE_NS);
  }

  /** Devices that some guest holds a claim on. */
  get held(): number {
    return this.hypervisor.claims.list().length;
  }

  /** Claims that were ever made. */
  get allocations(): number {
    return this.hypervisor.claims.history.filter((event) => event.action === 'claim').length;
  }
}

/** How a guest boots. */
export interface GuestBootOptions {
  /** With what userspace configures then. Default: yes. */
  readonly configured?: boolean;
}

/** One guest and, once it has booted, its kernel. What is done to it is written down. */
export class StudyGuest {
  readonly guest: Guest;
  readonly #machine: Machine;
  readonly #host: HostBus;
  #kernel: Kernel | null = null;
  #bus: GuestBus | null = null;
  #namesAtBoot: readonly string[] = [];

  constructor(machine: Machine, host: HostBus, name: string) {
    this.#machine = machine;
    this.#host = host;
    this.guest = machine.hypervisor.createGuest({ name });
  }

  get name(): string {
    return this.guest.name;
  }

  get kernel(): Kernel {
    if (this.#kernel === null) throw new Error(`guest ${this.name} has not booted`);
    return this.#kernel;
  }

  get hasBooted(): boolean {
    return this.#bus !== null;
  }

  get bus(): GuestBus {
    if (this.#bus === null) throw new Error(`guest ${this.name} has not booted`);
    return this.#bus;
  }

  /** Directory of the bus below /sys. */
  get busPath(): string {
    return `/sys/bus/${this.bus.busName}`;
  }

  /** A kernel that has looked for devices and has no driver. */
  async boot({ configured = true }: GuestBootOptions = {}): Promise<void> {
    this.#machine.evidence.act(this.name, 'boot');
    this.#kernel = new Kernel(this.#machine.world, { name: this.name, port: this.guest.port });
    this.#machine.evidence.watch(this.#kernel);
    this.#machine.parts.kernelMade?.(this.#kernel);
    await initSubsystems(this.#kernel);
    await registerVirtioBus(this.#kernel);
    this.#bus = await this.#host.boot(this.#kernel, this.guest);
    if (configured) await this.#bus.configure?.();
    await this.settle();
    this.#namesAtBoot = this.deviceNames();
  }

  /** Names of the bus's devices when it had booted, without any driver. */
  get namesAtBoot(): readonly string[] {
    return this.#namesAtBoot;
  }

  /** An orderly reboot: its devices are made quiet, its kernel ends, and another kernel looks for devices. */
  async reboot(): Promise<void> {
    this.#machine.evidence.act(this.name, 'reboot');
    await this.kernel.shutdownDevices();
    this.kernel.kill();
    await this.boot();
  }

  async loadDriver(def: DeviceDriver<never>): Promise<void> {
    this.#machine.evidence.act(this.name, `insmod ${def.name}`);
    const registration = def.bus === this.bus.transport.bus ? this.bus.registration : undefined;
    await (registration === undefined ? this.kernel.registerDriver(def) : registration.register(def, null));
    await this.settle();
  }

  /** The driver that makes virtio devices of the bus's devices. */
  async loadTransport(): Promise<void> {
    await this.loadDriver(this.bus.transport);
  }

  /** Takes a driver out, as rmmod does: its devices are unbound. */
  async unloadDriver({ bus, name }: DeviceDriver<never>): Promise<void> {
    this.#machine.evidence.act(this.name, `rmmod ${name}`);
    const drv = this.kernel.busOf(bus)?.findDriver(name) ?? null;
    const registration = bus === this.bus.transport.bus ? this.bus.registration : undefined;
    if (drv !== null) await (registration === undefined ? drv.unregister() : registration.unregister(drv));
  }

  /** Gives back what it holds while nothing is bound. */
  async leave(): Promise<void> {
    if (this.bus.leave === undefined) return;
    this.#machine.evidence.act(this.name, 'give back all');
    await this.bus.leave();
    await this.settle();
  }

  async rescan(): Promise<void> {
    this.#machine.evidence.act(this.name, 'rescan');
    await this.bus.rescan();
    await this.settle();
  }

  /** A rescan after which userspace does what its configuration says, as after boot. */
  async lookAgain(): Promise<void> {
    await this.rescan();
    await this.bus.configure?.();
    await this.settle();
  }

  /** As {@link Machine.settle}. Within a task nothing can be waited for: who started the task does that. */
  async settle(): Promise<void> {
    if (this.#machine.world.current === null) await this.#machine.settle();
  }

  /** Names of the bus's devices, in the order of the bus's list. */
  deviceNames(): string[] {
    return this.devices().map((dev) => dev.name ?? '');
  }

  devices(): Device[] {
    const bus = [...this.kernel.buses.values()].find(({ type }) => type.name === this.bus.busName);
    return [...(bus?.devices() ?? [])];
  }

  device(name: string): Device | undefined {
    return this.devices().find((dev) => dev.name === name);
  }

  /** Writes a name to a driver's bind or unbind file, as a user does. @returns 0 or the negative errno */
  async bindFile(file: 'bind' | 'unbind', device: string): Promise<number> {
    return this.write(`${this.busPath}/drivers/${this.bus.transport.name}/${file}`, device);
  }

  /** Writes a text to a file of /sys. @returns 0 or the negative errno */
  async write(path: string, text: string): Promise<number> {
    this.#machine.evidence.act(this.name, `echo ${text} > ${path}`);
    const error = await this.writeOnly(path, text);
    if (error !== 0) this.#machine.evidence.add(this.name, `write error: ${strerror(error)} (${errnoName(error)})`, 'error');
    await this.settle();
    return error;
  }

  /** The same without waiting for what it set going, and without a line of evidence. */
  async writeOnly(path: string, text: string): Promise<number> {
    const { kernel } = this;
    try {
      return Math.min(await kernel.world.run(() => kernel.sysfs.open(path, 'w').write(text), `write(${path})`, kernel), 0);
    } catch (error) {
      if (error instanceof ErrnoError) return error.errno;
      throw error;
    }
  }

  counters(): CostCounters {
    return this.guest.port.counters();
  }
}

/** Longer than any device model takes to answer. */
const SETTLE_NS = 10_000_000;
