import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cells,
  cString,
  installOfTree,
  PlatformDevice,
  writeFdt,
  type FdtNode,
  type OfTreeBus,
  type OfTreeOptions,
} from '../../buses/of-tree';
import type { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import { errnoName } from '../../lib/errno';
import { Hypervisor, type DeviceModel, type Guest } from '../../lib/hypervisor';
import type { GuestBus, Plugged } from '../../lib/machine';
import { virtioBus, type VirtioDevice, type VirtioDriver } from '../../lib/virtio';
import { World, type WorldOptions } from '../../lib/world';
import { HeldDevice } from '../support/held-device';

const DATA = join(__dirname, '..', 'data', 'arm64-of');

/** What the real kernel made of the recorded machine. */
export interface RecordedMachine {
  /** In the order of the tree. */
  readonly devices: readonly RecordedDevice[];
  readonly iomem: readonly string[];
  readonly virtio: readonly { readonly name: string; readonly below: string; readonly id: number }[];
  /** Below /sys/firmware/devicetree/base: null for a directory, else the bytes in base64. */
  readonly tree: Readonly<Record<string, string | null>>;
}

interface RecordedDevice {
  readonly name: string;
  readonly bus: 'platform' | 'amba';
  readonly ofNode: string;
  readonly modalias?: string;
  readonly id?: string;
  readonly resource?: string;
  /** Lines of `uevent` without DRIVER. */
  readonly uevent: readonly string[];
}

export const recorded = JSON.parse(readFileSync(join(DATA, 'machine.json'), 'utf8')) as RecordedMachine;

/** The tree of a recorded machine. */
export function machineDtb(): Uint8Array {
  return new Uint8Array(readFileSync(join(DATA, 'machine.dtb')));
}

/** A property's value: a text, texts, cells or bytes. */
export type Value = string | readonly string[] | readonly number[] | Uint8Array;

/** A node, briefly. */
export function node(
  name: string,
  properties: Readonly<Record<string, Value>>,
  children: readonly FdtNode[] = [],
): FdtNode {
  const list = Object.entries(properties).map(([key, value]) => ({ name: key, value: bytesOf(value) }));
  return { name, properties: list, children };
}

function bytesOf(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return cString(value);
  const [first] = value;
  if (typeof first === 'number') return cells(...(value as readonly number[]));
  return Uint8Array.from((value as readonly string[]).flatMap((text) => [...cString(text)]));
}

/** A device of a given class that holds what it is asked. */
export class AnyDevice extends HeldDevice {
  override readonly name: string;

  constructor(
    override readonly deviceId: number,
    name = `device${String(deviceId)}`,
  ) {
    super([8], 0n);
    this.name = name;
  }
}

/** A driver that takes one queue and leaves nothing behind. */
export function queueDriver(name: string, device: number): VirtioDriver {
  return {
    name,
    bus: virtioBus,
    idTable: [{ device }],
    probe: async (dev: VirtioDevice) =>
      void (await dev.findSingleVq({
        name: 'q',
        callback: (vq) => void vq.getBuf(),
      })),
    remove: async (dev: VirtioDevice) => {
      await dev.reset();
      while (dev.vqs[0]?.detachUnused() !== undefined);
      await dev.delVqs();
    },
  };
}

/** One guest with a device tree, its kernel, and what users see. */
export class OfMachine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly guest: Guest;
  readonly of: OfTreeBus;
  readonly kernel: Kernel;
  /** Variables of each event. */
  readonly uevents: (readonly string[])[] = [];
  #bus: GuestBus | null = null;

  constructor({ world = {}, ...options }: OfTreeOptions & { readonly world?: WorldOptions } = {}) {
    this.world = new World(world);
    this.hv = new Hypervisor(this.world);
    this.guest = this.hv.createGuest({ name: 'g1' });
    this.of = installOfTree(this.hv, options);
    this.kernel = new Kernel(this.world, { name: 'g1', port: this.guest.port });
    this.kernel.uevents.subscribe(({ env }) => void this.uevents.push(env));
  }

  /** A machine with this tree and nothing else. */
  static of(root: FdtNode): OfMachine {
    return new OfMachine({ dtb: writeFdt({ root }) });
  }

  /** The recorded machine: devices of the classes that it had in the places where they were. */
  static recorded(world: WorldOptions = {}): OfMachine {
    const rig = new OfMachine({ dtb: machineDtb(), world });
    for (const [index, id] of [
      [0, 2],
      [1, 1],
      [2, 4],
      [3, 3],
      [4, 5],
      [6, 4],
    ] as const) {
      rig.of.host.plug(new AnyDevice(id, `device${String(index)}`), rig.guest, index);
    }
    return rig;
  }

  plug(model: DeviceModel): Plugged {
    return this.of.plug(model, this.guest);
  }

  async boot(): Promise<this> {
    this.#bus = await this.of.boot(this.kernel, this.guest);
    return this;
  }

  /** Boots with the transport driver and drivers for all classes of the recorded machine. */
  async bootAll(): Promise<this> {
    await this.boot();
    await this.kernel.registerDriver(this.bus.transport);
    for (const [name, id] of DRIVERS) await this.kernel.registerDriver(queueDriver(name, id));
    this.takeUevents();
    return this;
  }

  get bus(): GuestBus {
    if (this.#bus === null) throw new Error('not booted');
    return this.#bus;
  }

  get log(): string[] {
    return this.kernel.log.entries.map(({ text }) => text);
  }

  get refusals(): string[] {
    return this.hv.log.refusals.map(({ refused }) => refused ?? '');
  }

  devices(busName = 'platform'): Device[] {
    const bus = [...this.kernel.buses.values()].find(({ type }) => type.name === busName);
    return [...(bus?.devices() ?? [])];
  }

  names(busName = 'platform'): string[] {
    return this.devices(busName).map(({ name }) => name ?? '');
  }

  device(name: string, busName = 'platform'): Device {
    const found = this.devices(busName).find((dev) => dev.name === name);
    if (found === undefined) throw new Error(`no device ${name}`);
    return found;
  }

  /** A device of the platform bus. */
  pdev(name: string): PlatformDevice {
    const found = this.device(name);
    if (found instanceof PlatformDevice) return found;
    throw new Error(`${name} is on another bus`);
  }

  /** As `echo TEXT > PATH`: "0" or the name of the error. */
  async echo(text: string, path: string): Promise<string> {
    const file = this.kernel.sysfs.open(path, 'w');
    const taken = await this.world.run(() => file.write(`${text}\n`), `echo ${path}`);
    return taken < 0 ? errnoName(taken) : '0';
  }

  async cat(path: string): Promise<string | number> {
    const file = this.kernel.sysfs.open(path, 'r');
    return this.world.run(() => file.read(), `cat ${path}`);
  }

  ls(path: string): string[] {
    return this.kernel.sysfs.readdir(path);
  }

  readlink(path: string): string {
    return this.kernel.sysfs.readlink(path);
  }

  exists(path: string): boolean {
    try {
      this.kernel.sysfs.lookup(path, true);
      return true;
    } catch {
      return false;
    }
  }

  /** The events so far, each as its variables without SEQNUM. */
  takeUevents(): string[][] {
    return this.uevents.splice(0).map((env) => env.filter((text) => !text.startsWith('SEQNUM=')));
  }

  /** Runs what is runnable, and 10 ms of world time. */
  async settle(): Promise<void> {
    await this.world.advance(10_000_000);
  }
}

const DRIVERS: readonly (readonly [string, number])[] = [
  ['virtio_net', 1],
  ['virtio_blk', 2],
  ['virtio_rng', 4],
  ['virtio_console', 3],
  ['virtio_balloon', 5],
];
