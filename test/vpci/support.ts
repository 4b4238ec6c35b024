import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  PciFunction,
  PciRootComplex,
  VpciHost,
  type BarSpec,
  type FunctionOptions,
  type PciDevice,
} from '../../buses/vpci';
import { Kernel } from '../../lib/base/kernel';
import { errnoName } from '../../lib/errno';
import { Hypervisor, type DeviceModel, type Guest } from '../../lib/hypervisor';
import type { GuestBus, Plugged } from '../../lib/machine';
import { World, type WorldOptions } from '../../lib/world';

/** What the recorded machine is and what its kernel said. */
export interface RecordedMachine {
  readonly functions: Readonly<Record<string, RecordedFunction>>;
  readonly scanLog: readonly string[];
  readonly bridgeLog: readonly string[];
}

interface RecordedFunction {
  readonly config: string;
  readonly bars: readonly BarSpec[];
  readonly modalias: string;
  readonly class: string;
  readonly resource: readonly string[];
  readonly uevent: readonly string[];
}

const DATA = join(__dirname, '..', 'data', 'x86-pci');

export const recorded = JSON.parse(readFileSync(join(DATA, 'machine.json'), 'utf8')) as RecordedMachine;

/** The device and function number in a name like 0000:00:1f.3. */
export function devfnOfName(name: string): number {
  const [, slot = '', fn = ''] = /:([0-9a-f]{2})\.([0-7])$/.exec(name) ?? [];
  return parseInt(slot, 16) * 8 + Number(fn);
}

/** One guest with PCI, its kernel, and what users and the log see. */
export class PciMachine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly guest: Guest;
  readonly host: VpciHost;
  kernel: Kernel;
  readonly uevents: string[] = [];
  #bus: GuestBus | null = null;

  constructor({ lastBus = 0, world = {} }: { lastBus?: number; world?: WorldOptions } = {}) {
    this.world = new World(world);
    this.hv = new Hypervisor(this.world);
    this.guest = this.hv.createGuest({ name: 'g1' });
    this.host = new VpciHost(this.hv, { lastBus });
    this.kernel = this.#newKernel();
    this.kernel.uevents.subscribe(({ action, devpath }) => void this.uevents.push(`${action} ${devpath}`));
  }

  get complex(): PciRootComplex {
    return this.host.complexOf(this.guest);
  }

  plug(model: DeviceModel): Plugged {
    return this.host.plug(model, this.guest);
  }

  /** A function made of bytes. */
  plugBytes(options: FunctionOptions, devfn: number, bridge?: PciFunction): PciFunction {
    const fn = new PciFunction(options);
    this.complex.plug(fn, bridge === undefined ? { devfn } : { devfn, bridge });
    return fn;
  }

  /** All functions of the recorded machine. */
  plugRecorded(): this {
    for (const [name, { config, bars }] of Object.entries(recorded.functions)) {
      this.plugBytes({ config: new Uint8Array(readFileSync(join(DATA, config))), bars }, devfnOfName(name));
    }
    return this;
  }

  async boot(): Promise<this> {
    this.#bus = await this.host.boot(this.kernel, this.guest);
    return this;
  }

  #newKernel(): Kernel {
    return new Kernel(this.world, { name: 'g1', port: this.guest.port });
  }

  /** Another kernel in the same guest. */
  async reboot(): Promise<void> {
    this.kernel = this.#newKernel();
    await this.boot();
  }

  get bus(): GuestBus {
    if (this.#bus === null) throw new Error('not booted');
    return this.#bus;
  }

  async loadTransport(): Promise<void> {
    await this.kernel.registerDriver(this.bus.transport);
  }

  /** Texts of the log. */
  get log(): string[] {
    return this.kernel.log.entries.map((entry) => entry.text);
  }

  /** Names on the bus in the order of its list. */
  names(bus = 'pci'): string[] {
    return this.devices(bus).map((dev) => dev.name ?? '');
  }

  devices(busName = 'pci'): PciDevice[] {
    const bus = [...this.kernel.buses.values()].find(({ type }) => type.name === busName);
    return [...(bus?.devices() ?? [])] as PciDevice[];
  }

  device(name: string): PciDevice {
    const dev = this.devices().find((each) => each.name === name);
    if (dev === undefined) throw new Error(`no device ${name}`);
    return dev;
  }

  /** Name of the driver that has a device. */
  driverOf(name: string): string | null {
    return this.device(name).driver?.def.name ?? null;
  }

  /** As `echo TEXT > PATH` below /sys: "0" or the name of the error. */
  async echo(text: string, path: string): Promise<string> {
    const file = this.kernel.sysfs.open(`/sys/${path}`, 'w');
    const taken = await this.world.run(() => file.write(`${text}\n`), `echo ${path}`);
    return taken < 0 ? errnoName(taken) : '0';
  }

  async cat(path: string): Promise<string | number> {
    const file = this.kernel.sysfs.open(`/sys/${path}`, 'r');
    return this.world.run(() => file.read(), `cat ${path}`);
  }

  exists(path: string): boolean {
    try {
      this.kernel.sysfs.lookup(`/sys/${path}`);
      return true;
    } catch {
      return false;
    }
  }

  takeUevents(): string[] {
    return this.uevents.splice(0);
  }
}

/** Bytes of a configuration space: numbers by offset and width. */
export function configBytes(fields: readonly (readonly [number, number, number])[], length = 256): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [offset, width, value] of fields) {
    for (let i = 0; i < width; i++) bytes[offset + i] = Math.floor(value / 256 ** i) % 256;
  }
  return bytes;
}

/** A header of type 0 that says 1234:11e8. */
export function plainConfig(more: readonly (readonly [number, number, number])[] = []): Uint8Array {
  const ids = [
    [0, 2, 0x1234],
    [2, 2, 0x11e8],
    [8, 4, 0x00ff_0010],
    [0x2c, 2, 0x1af4],
    [0x2e, 2, 0x1100],
  ] as const;
  return configBytes([...ids, ...more]);
}

/** A bridge that nobody has set up. */
export function bridgeConfig(more: readonly (readonly [number, number, number])[] = []): Uint8Array {
  return configBytes([[0, 2, 0x1b36], [2, 2, 0x0001], [8, 4, 0x0604_0000], [0x0e, 1, 1], ...more]);
}

/** A PCI Express capability at 0x54 as the only one: version 2, a link of one lane that runs at 2.5 GT/s. */
export function expressFields(type: number, { slot = 0, devcap = 0x8001 } = {}): [number, number, number][] {
  const flags = 2 + 16 * type + (slot === 0 ? 0 : 0x100);
  return [
    [6, 2, 0x10],
    [0x34, 1, 0x54],
    [0x54, 2, 0x0010],
    [0x56, 2, flags],
    [0x58, 4, devcap],
    [0x60, 4, 0x11],
    [0x66, 2, 0x11],
    [0x68, 4, slot],
  ];
}
