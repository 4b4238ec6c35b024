import { Device } from '../../lib/base/device';
import { Kernel, type KernelOptions } from '../../lib/base/kernel';
import { ErrnoError, type ErrnoName } from '../../lib/errno';
import { Hypervisor, VirtioBackend, type DeviceModel, type Guest } from '../../lib/hypervisor';
import type { MaySleep } from '../../lib/may-sleep';
import {
  registerVirtioBus,
  registerVirtioDevice,
  SplitVirtqueue,
  unregisterVirtioDevice,
  virtioBreakDevice,
  virtioConfigChanged,
  type VirtioDevice,
  type VirtioTransport,
  type Virtqueue,
  type VirtqueueSpec,
} from '../../lib/virtio';
import { World, type WorldOptions } from '../../lib/world';

/** The operations that a fake transport can refuse. */
export type TransportCall = Exclude<keyof VirtioTransport, 'busName' | 'transportFeatures' | 'attach'>;

/**
 * A virtio transport without a bus: registers are the device side's own fields, queues and interrupts go through the
 * guest's port. The guest's calls are in `calls`, and each can be made to fail or to sleep.
 */
export class FakeTransport implements VirtioTransport {
  readonly busName = 'fake';
  /** Each call in order, e.g. `setStatus 0x3`. */
  readonly calls: string[] = [];
  /** Calls that fail, and with what. */
  readonly refuse = new Map<TransportCall, ErrnoName>();
  readonly backend: VirtioBackend;
  /** Has each call sleep so many ns; 0: none sleeps. */
  sleepNs = 0;
  /** What the device offers, if that is to differ from the model. */
  offered: bigint | null = null;
  /** What finalizeFeatures gives. */
  finalizeResult = 0;
  /** False when the device has vanished: reads give all ones. */
  present = true;
  queues: readonly SplitVirtqueue[] = [];
  dev: VirtioDevice | null = null;
  #features = 0n;

  constructor(
    readonly kernel: Kernel,
    guest: Guest,
    model: DeviceModel,
    readonly vector: number,
  ) {
    this.backend = new VirtioBackend(model, guest, {
      interrupt: (kind, queue = 0) => guest.interrupt(kind === 'config' ? vector : vector + 1 + queue),
    });
    kernel.irq.request(vector, () => this.dev !== null && virtioConfigChanged(this.dev), 'fake-config');
  }

  attach(dev: VirtioDevice): void {
    this.dev = dev;
  }

  getConfig(offset: number, length: number): MaySleep<Uint8Array> {
    return this.#call('getConfig', `${String(offset)} ${String(length)}`, () =>
      this.backend.readConfig(offset, length),
    );
  }

  setConfig(offset: number, bytes: Uint8Array): MaySleep<void> {
    return this.#call('setConfig', `${String(offset)} ${String(bytes.length)}`, () =>
      this.backend.writeConfig(offset, bytes),
    );
  }

  generation(): MaySleep<number> {
    return this.#call('generation', '', () => this.backend.configGeneration);
  }

  getStatus(): MaySleep<number> {
    return this.#call('getStatus', '', () => (this.present ? this.backend.status : 0xff));
  }

  setStatus(status: number): MaySleep<void> {
    return this.#call('setStatus', `0x${status.toString(16)}`, () => void (this.backend.status = status));
  }

  reset(): MaySleep<void> {
    return this.#call('reset', '', () => void (this.backend.status = 0));
  }

  getFeatures(): MaySleep<bigint> {
    return this.#call('getFeatures', '', () => this.offered ?? this.backend.deviceFeatures);
  }

  finalizeFeatures(features: bigint): MaySleep<number> {
    return this.#call('finalizeFeatures', `0x${features.toString(16)}`, () => {
      this.backend.driverFeatures = this.#features = features;
      return this.finalizeResult;
    });
  }

  findVqs(specs: readonly VirtqueueSpec[]): MaySleep<readonly Virtqueue[]> {
    return this.#call('findVqs', specs.map(({ name }) => name).join(' '), () => {
      this.queues = specs.map((spec, index) => this.#makeQueue(spec, index));
      return this.queues;
    });
  }

  #makeQueue(spec: VirtqueueSpec, index: number): SplitVirtqueue {
    const register = this.backend.queues[index];
    if (register === undefined) throw new ErrnoError('ENOENT', { syscall: 'find_vqs', path: spec.name });
    const notify = (): boolean => {
      if (this.present) register.notify();
      return this.present;
    };
    const { kernel } = this;
    const vq = new SplitVirtqueue({ kernel, index, spec, size: register.maxSize, features: this.#features, notify });
    Object.assign(register, { size: vq.size, desc: vq.desc, driver: vq.driver, device: vq.device, ready: true });
    kernel.irq.request(this.vector + 1 + index, () => vq.vqInterrupt(), `fake-${spec.name}`);
    return vq;
  }

  delVqs(): MaySleep<void> {
    return this.#call('delVqs', '', () => {
      for (const vq of this.queues) {
        this.kernel.irq.free(this.vector + 1 + vq.index);
        vq.free();
      }
      this.queues = [];
    });
  }

  synchronizeCbs(): MaySleep<void> {
    return this.#call('synchronizeCbs', '', () => undefined);
  }

  /** The calls that change the device's status, e.g. `reset`, `0x1`, `0x3`. */
  get statusCalls(): string[] {
    return this.calls.filter((call) => /^(setStatus|reset)/.test(call)).map((call) => call.replace('setStatus ', ''));
  }

  #call<T>(name: TransportCall, args: string, body: () => T): MaySleep<T> {
    this.calls.push(args === '' ? name : `${name} ${args}`);
    const act = (): T => {
      const error = this.refuse.get(name);
      if (error !== undefined) throw new ErrnoError(error, { syscall: name, path: 'fake' });
      return body();
    };
    return this.sleepNs === 0 ? act() : this.kernel.world.sleep(this.sleepNs).then(act);
  }
}

/** A virtio device that a test has plugged. */
export interface Plugged {
  readonly dev: VirtioDevice;
  readonly transport: FakeTransport;
  /** Takes the device away in good order. */
  remove(this: void): MaySleep<void>;
  /** The device vanishes, and then the guest finds out. */
  surpriseRemove(this: void): MaySleep<void>;
}

/** A world with one guest whose virtio devices have fake transports. */
export class VirtioMachine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly guest: Guest;
  readonly kernel: Kernel;
  readonly parent: Device;
  #vector = 0x40;

  constructor(options: WorldOptions & { readonly memory?: number; readonly kernel?: KernelOptions } = {}) {
    this.world = new World(options);
    this.hv = new Hypervisor(this.world);
    this.guest = this.hv.createGuest({ name: 'g1', memory: options.memory ?? 4 << 20 });
    this.kernel = new Kernel(this.world, { ...options.kernel, port: this.guest.port });
    this.parent = new Device(this.kernel, { name: 'fake0', release: () => undefined });
    void this.parent.add();
    void registerVirtioBus(this.kernel);
  }

  transport(model: DeviceModel): FakeTransport {
    this.#vector += 0x10;
    return new FakeTransport(this.kernel, this.guest, model, this.#vector);
  }

  /** Registers a device; `prepare` may change its transport before. */
  async plug(model: DeviceModel, prepare?: (transport: FakeTransport) => void, parent = this.parent): Promise<Plugged> {
    const transport = this.transport(model);
    prepare?.(transport);
    const id = { device: model.deviceId, vendor: 0x1af4 };
    const dev = await registerVirtioDevice(this.kernel, { parent, transport, id });
    return {
      dev,
      transport,
      remove: () => unregisterVirtioDevice(dev),
      surpriseRemove: () => {
        transport.present = false;
        transport.backend.unplug();
        virtioBreakDevice(dev);
        return unregisterVirtioDevice(dev);
      },
    };
  }

  /** Text of a file below /sys. */
  async read(path: string): Promise<string> {
    const text = await this.kernel.world.run(() => this.kernel.sysfs.open(path, 'r').read());
    if (typeof text === 'number') throw new ErrnoError(text, { syscall: 'read', path });
    return text;
  }

  /** Writes a text to a file below /sys. */
  async write(path: string, text: string): Promise<void> {
    const taken = await this.kernel.world.run(() => this.kernel.sysfs.open(path, 'w').write(text));
    if (taken < 0) throw new ErrnoError(taken, { syscall: 'write', path });
  }

  /** Names in a directory below /sys. */
  list(path: string): string[] {
    return this.kernel.sysfs.readdir(path);
  }

  /**
   * What devices still hold: bytes of memory, and interrupts by name, those of fake transports for configuration left
   * out.
   */
  get held(): { readonly bytes: number; readonly interrupts: readonly string[] } {
    const interrupts = this.kernel.irq
      .list()
      .map(({ name }) => name)
      .filter((name) => name !== 'fake-config');
    return { bytes: this.kernel.dma?.inUse ?? 0, interrupts };
  }
}
