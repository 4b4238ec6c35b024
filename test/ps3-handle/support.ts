import { codeOf } from '../support/errors';
import { Ps3Device, ps3Handle, type Ps3HostBus, type Ps3Options } from '../../buses/ps3-handle/index';
import { LV1, COMMAND } from '../../buses/ps3-handle/layout';
import { virtioBlk } from '../../drivers/virtio_blk';
import type { Driver } from '../../lib/base/driver';
import { Kernel } from '../../lib/base/kernel';
import type { DeviceDriver } from '../../lib/base/types';
import { BlockDevice, DeviceModel, EntropyDevice, Hypervisor } from '../../lib/hypervisor/index';
import type { Crossing, DeviceHost, DeviceRequest, Guest, HypercallResult } from '../../lib/hypervisor/index';
import { errnoName } from '../../lib/errno';
import type { MaySleep } from '../../lib/may-sleep';
import type { GuestBus, Plugged } from '../../lib/machine';
import { blockDisk, initSubsystems } from '../../lib/subsystems';
import { STATUS } from '../../lib/virtio/spec';
import { virtioBus, type VirtioDevice, type VirtioDriver, type Virtqueue } from '../../lib/virtio/index';
import { World, type WorldOptions } from '../../lib/world/index';

export const BLK = 2;
export const RNG = 4;
export const LIVE = STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK | STATUS.DRIVER_OK;

/** A model that answers what a test says. By default it gives back what was sent. */
export class EchoModel extends DeviceModel {
  readonly deviceId: number;
  bytes = new Uint8Array([1, 2, 3, 4]);
  host: DeviceHost | null = null;
  serve: (request: DeviceRequest, host: DeviceHost) => void;

  constructor(
    readonly name: string,
    deviceId = RNG,
    readonly delay = 1000,
  ) {
    super();
    this.deviceId = deviceId;
    this.serve = (request, host) =>
      host.after(delay, () => request.complete(request.readable.slice(0, request.writable)));
  }

  override queueSizes(): readonly number[] {
    return [8];
  }

  override config(): Uint8Array {
    return this.bytes;
  }

  override writeConfig(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }

  override attach(host: DeviceHost): void {
    this.host = host;
  }

  override handle(_queue: number, request: DeviceRequest, host: DeviceHost): void {
    this.serve(request, host);
  }
}

export type Ps3MachineOptions = Ps3Options & { readonly strategy?: string; readonly world?: WorldOptions };

/** A hypervisor with a pool, without guests' kernels. */
export class Ps3Machine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly bus: Ps3HostBus;

  constructor({ strategy = 'at-probe', world = {}, ...options }: Ps3MachineOptions = {}) {
    this.world = new World(world);
    this.hv = new Hypervisor(this.world);
    const fixture = ps3Handle.find((known) => known.strategy === strategy);
    if (fixture === undefined) throw new Error(`no strategy ${strategy}`);
    this.bus = fixture.install(this.hv, options);
  }

  guest(name: string, memory = 1 << 20): Guest {
    return this.hv.createGuest({ name, memory });
  }

  /** Into the pool, which is every guest's. */
  plug(model: DeviceModel): Plugged {
    return this.bus.plug(model);
  }

  /** `count` entropy devices rng0, rng1, ... */
  rngs(count: number): EntropyDevice[] {
    const models = Array.from({ length: count }, (_, i) => new EntropyDevice({ name: `rng${String(i)}`, seed: i }));
    for (const model of models) this.plug(model);
    return models;
  }

  blks(count: number): BlockDevice[] {
    const disk = (i: number): BlockDevice => new BlockDevice({ name: `disk${String(i)}`, image: new Uint8Array(8192) });
    const models = Array.from({ length: count }, (_, i) => disk(i));
    for (const model of models) this.plug(model);
    return models;
  }

  /** A disk whose image is given back. */
  disk(name = 'disk0'): Uint8Array {
    const image = new Uint8Array(8192);
    this.plug(new BlockDevice({ name, image }));
    return image;
  }

  /** Which device a handle means, by its host-side name. */
  deviceOf(handle: number): string | undefined {
    return this.bus.host.handles.get(handle)?.device.name;
  }

  /** Names of claimed devices and their owners. */
  get claims(): string[] {
    return this.hv.claims.list().map(({ device, guest }) => `${device.name}:${guest.name}`);
  }

  get refusals(): string[] {
    return this.hv.log.refusals.map((entry) => entry.refused ?? '');
  }
}

/** Raw hypercalls of one guest. */
export class Caller {
  constructor(readonly guest: Guest) {}

  call(nr: number, ...args: Crossing[]): HypercallResult {
    return this.guest.port.hypercall(nr, args);
  }

  /** The handle, or a negative status. */
  alloc(classId = RNG): number {
    return handleOf(this.call(LV1.ALLOC_DEVICE, classId));
  }

  open(devId: number, busId = 1): number {
    return handleOf(this.call(LV1.OPEN_DEVICE, busId, devId, 0));
  }

  free(handle: number): number {
    return this.call(LV1.FREE_DEVICE, handle).status;
  }

  command(handle: number, code: number, ...args: Crossing[]): HypercallResult {
    return this.call(LV1.DEVICE_COMMAND, handle, code, ...args);
  }

  /** As a driver does, up to DRIVER_OK. */
  start(handle: number): void {
    for (const status of [1, 3]) this.command(handle, COMMAND.SET_STATUS, status);
    this.command(handle, COMMAND.SET_FEATURES, 1n << 32n);
    for (const status of [11, LIVE]) this.command(handle, COMMAND.SET_STATUS, status);
  }
}

function handleOf({ status, values }: HypercallResult): number {
  return status === 0 ? Number(values[0]) : status;
}

/** A kernel that has booted on the bus, with the transport driver unless told otherwise. */
export interface Booted {
  readonly guest: Guest;
  readonly kernel: Kernel;
  readonly bus: GuestBus;
}

export async function boot(
  rig: Ps3Machine,
  who: string | Guest,
  options: { transport?: boolean; subsystems?: boolean } = {},
): Promise<Booted> {
  const guest = typeof who === 'string' ? rig.guest(who) : who;
  const kernel = new Kernel(rig.world, { name: guest.name, port: guest.port });
  if (options.subsystems === true) await initSubsystems(kernel);
  const bus = await rig.bus.boot(kernel, guest);
  await bus.configure?.();
  const booted = { guest, kernel, bus };
  if (options.transport !== false) await load(booted);
  // What goes online by itself does so in a worker.
  await rig.world.settle();
  return booted;
}

/** Registers a driver as the bus does it; default: the transport driver. */
export async function load({ bus }: Booted, def: DeviceDriver<never> = bus.transport): Promise<Driver> {
  if (bus.registration === undefined) throw new Error('the bus has no registration');
  return bus.registration.register(def, null);
}

/** Writes to a file of /sys. @returns the name of the error it is refused with; empty if it works */
export async function write({ kernel }: Booted, path: string, data: string): Promise<string> {
  const open = (): MaySleep<number> => kernel.sysfs.open(path, 'w').write(data);
  let written = 0;
  const refused = await codeOf(async () => {
    written = await kernel.world.run(open, `write(${path})`, kernel);
  });
  return written < 0 ? errnoName(written) : refused;
}

/** Reads a file of /sys. @returns its text, or the name of the error */
export async function read({ kernel }: Booted, path: string): Promise<string> {
  const open = (): MaySleep<string | number> => kernel.sysfs.open(path, 'r').read();
  const result = await kernel.world.run(open, `read(${path})`, kernel);
  return typeof result === 'number' ? errnoName(result) : result;
}

/** The host-side name of the device behind a name; undefined without a handle. */
export function backingDevice(rig: Ps3Machine, booted: Booted, name: string): string | undefined {
  const { handle } = device(booted, name);
  return handle === null ? undefined : rig.deviceOf(handle);
}

/** How often a hypercall was made. */
export const calls = (rig: Ps3Machine, nr: number): number =>
  rig.hv.log.calls().filter((entry) => entry.nr === nr).length;

/** Writes a sector of the first disk, reads it back and looks for it in the hypervisor's image; loads virtio_blk. */
export async function diskWorks(rig: Ps3Machine, booted: Booted, image: Uint8Array): Promise<boolean> {
  await booted.kernel.registerDriver(virtioBlk);
  await rig.world.advance(1_000_000);
  const disk = blockDisk(booted.kernel, 'vda');
  if (disk === null) return false;
  const bytes = Uint8Array.from({ length: 512 }, (_, i) => (i * 3) & 0xff);
  await disk.writeSectors(1, bytes);
  const back = await disk.readSectors(1, 1);
  return bytes.every((byte, i) => byte === back[i] && byte === image[512 + i]);
}

/** The devices of the bus, by name. */
export function devicesOf({ kernel }: Booted): Map<string, Ps3Device> {
  const [registered] = [...kernel.buses.values()].filter(({ type }) => type.name === 'ps3_system_bus');
  const devices = [...(registered?.devices() ?? [])].filter((dev) => dev instanceof Ps3Device);
  return new Map(devices.map((dev) => [dev.name ?? '', dev]));
}

export function device(booted: Booted, name: string): Ps3Device {
  const dev = devicesOf(booted).get(name);
  if (dev === undefined) throw new Error(`no device ${name}`);
  return dev;
}

/** The names of the devices that are bound to the transport driver. */
export function boundNames(booted: Booted): string[] {
  return [...devicesOf(booted).values()].filter((dev) => dev.isBound).map((dev) => dev.name ?? '');
}

/** What a test's virtio driver knows of its device. */
export interface Echo {
  readonly vq: Virtqueue;
  readonly got: { token: unknown; length: number; text: string }[];
  readonly configChanges: number[];
}

/** A virtio driver that only makes a queue and collects what comes; it does not wait for anything when it leaves. */
export function echoDriver(overrides: Partial<VirtioDriver> = {}): VirtioDriver & { echoOf(dev: VirtioDevice): Echo } {
  return {
    name: 'echo',
    bus: virtioBus,
    idTable: [{ device: RNG }, { device: 42 }],
    echoOf: (dev) => dev.drvdata as Echo,
    async probe(dev) {
      const got: Echo['got'] = [];
      const callback = (vq: Virtqueue): void => {
        for (let done = vq.getBuf(); done !== undefined; done = vq.getBuf()) {
          const text = done.data.map((bytes) => String.fromCharCode(...bytes)).join('|');
          got.push({ token: done.token, length: done.length, text });
        }
      };
      dev.drvdata = { vq: await dev.findSingleVq({ name: 'requests', callback }), got, configChanges: [] };
    },
    configChanged(dev) {
      (dev.drvdata as Echo).configChanges.push(dev.kernel.world.now);
    },
    async remove(dev) {
      await dev.reset();
      await dev.delVqs();
    },
    ...overrides,
  };
}

/** The virtio devices of a kernel. */
export function virtioDevices({ kernel }: Booted): VirtioDevice[] {
  return [...(kernel.busOf(virtioBus)?.devices() ?? [])] as VirtioDevice[];
}

export const text = (value: string): Uint8Array => Uint8Array.from(value, (c) => c.charCodeAt(0));
