import type { Device } from '../base/device';
import type { DeviceDriver } from '../base/types';
import type { CostCounters } from '../hypervisor';
import type { MaySleep } from '../may-sleep';
import { GuestLife, type GuestBootOptions } from './guest-life';

/** One guest, and what users do in it. */
export class MachineGuest extends GuestLife {
  #namesAtBoot: readonly string[] = [];

  /** Directory of the bus below /sys. */
  get busPath(): string {
    return `/sys/bus/${this.bus.busName}`;
  }

  override async boot(options: GuestBootOptions = {}): Promise<void> {
    await super.boot(options);
    this.#namesAtBoot = this.deviceNames();
  }

  /** Names of the bus's devices when it had booted, without any driver. */
  get namesAtBoot(): readonly string[] {
    return this.#namesAtBoot;
  }

  async loadDriver(def: DeviceDriver<never>): Promise<void> {
    this.act(`insmod ${def.name}`);
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
    this.act(`rmmod ${name}`);
    const drv = this.kernel.busOf(bus)?.findDriver(name) ?? null;
    const registration = bus === this.bus.transport.bus ? this.bus.registration : undefined;
    if (drv !== null) await (registration === undefined ? drv.unregister() : registration.unregister(drv));
  }

  /** Gives back what it holds while nothing is bound. */
  async leave(): Promise<void> {
    if (this.bus.leave === undefined) return;
    this.act('give back all');
    await this.bus.leave();
    await this.settle();
  }

  async rescan(): Promise<void> {
    this.act('rescan');
    await this.bus.rescan();
    await this.settle();
  }

  /** A rescan after which userspace applies its configuration, as after boot. */
  async rescanAndConfigure(): Promise<void> {
    await this.rescan();
    await this.bus.configure?.();
    await this.settle();
  }

  /** Names of the bus's devices, in the order of the bus's list. */
  deviceNames(): string[] {
    return namesOf(this.devices());
  }

  /** Names of those that have a driver. */
  boundNames(): string[] {
    return namesOf(this.boundDevices());
  }

  boundDevices(): Device[] {
    return this.devices().filter(({ isBound }) => isBound);
  }

  devices(): Device[] {
    const bus = [...this.kernel.buses.values()].find(({ type }) => type.name === this.bus.busName);
    return [...(bus?.devices() ?? [])];
  }

  device(name: string): Device | undefined {
    return this.devices().find((dev) => dev.name === name);
  }

  /** From here on nothing is bound unless a user does it. */
  async bindByHand(): Promise<void> {
    await this.write(`${this.busPath}/drivers_autoprobe`, '0');
  }

  /** Writes a name to a driver's bind or unbind file, as a user does. @returns 0 or the negative errno */
  async bindFile(file: 'bind' | 'unbind', device: string): Promise<number> {
    return this.write(`${this.busPath}/drivers/${this.bus.transport.name}/${file}`, device);
  }

  /** Writes a text to a file of /sys. @returns 0 or the negative errno */
  async write(path: string, text: string): Promise<number> {
    this.act(`echo ${text} > ${path}`);
    const error = await this.writeOnly(path, text);
    if (error !== 0) this.noteRefusal(error);
    await this.settle();
    return error;
  }

  /** The same without waiting for the work that it causes, and without calling the observers. */
  async writeOnly(path: string, text: string): Promise<number> {
    const { kernel } = this;
    const write = (): MaySleep<number> => kernel.sysfs.open(path, 'w').write(text);
    return this.refusalOf(() => kernel.world.run(write, `write(${path})`, kernel));
  }

  counters(): CostCounters {
    return this.guest.port.counters();
  }
}

function namesOf(devices: readonly Device[]): string[] {
  return devices.map(({ name }) => name ?? '');
}
