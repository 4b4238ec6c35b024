import { ErrnoError } from '../../../../lib/errno';
import type { Plugged } from '../../../../lib/machine';
import type { MaySleep } from '../../../../lib/may-sleep';
import {
  FEATURE,
  featureBit,
  STATUS,
  virtioBus,
  VirtioDevice,
  type Virtqueue,
  type VirtioDriver,
  type VirtioTransport,
} from '../../../../lib/virtio';
import { vringTransportFeatures } from '../../../../lib/virtio/virtio-features';
import type { KitWorld } from '../world';
import { CONTRACT_DEVICE_ID, ContractDevice, OFFERED, QUEUE_SIZES } from './contract-device';
import { ensure, same } from './violation';

/** Bits of all that the device type offers. */
const ALL_OFFERED = OFFERED.reduce((bits, bit) => bits | featureBit(bit), 0n);
export const VERSION_1 = featureBit(FEATURE.VERSION_1);
const RINGS = featureBit(FEATURE.RING_INDIRECT_DESC) | featureBit(FEATURE.RING_EVENT_IDX);

/** A world with one contract device behind the transport that is checked, and what checks do with it. */
export class TransportBench {
  /** Callbacks: `q0`, `q1`, ... for queues, `config`, `broken`. */
  readonly told: string[] = [];
  model = new ContractDevice();
  #plugged: Plugged | null = null;
  #loaded: VirtioDriver | null = null;
  /** Queues of the driver, the device that came last behind all others. */
  readonly #bound = new Map<VirtioDevice, readonly Virtqueue[]>();

  constructor(readonly world: KitWorld) {}

  /** Boots the guest with the transport's driver, and gives it the device. */
  async boot(): Promise<void> {
    this.#plugged = this.world.plug(this.model);
    await this.world.boot();
    await this.#online();
  }

  /** The device came, or another one: the guest looks for it. */
  async plug(model = new ContractDevice()): Promise<void> {
    this.model = model;
    this.#plugged = this.world.plug(model);
    await this.world.settle();
    if (!(await this.#isThere())) {
      await this.world.guest().rescanAndConfigure();
      await this.#online();
    }
    if (!(await this.#isThere())) await this.#reload();
  }

  /** Has the guest the device that came last, and not one that is gone, which not every bus notices? */
  async #isThere(): Promise<boolean> {
    let bytes = new Uint8Array(0);
    const { found } = this;
    if (found === null) return false;
    await this.outcome(() =>
      this.in(async () => {
        bytes = Uint8Array.from(await found.transport.getConfig(0, 4));
      }),
    );
    return bytes.length === 4 && bytes.every((byte, i) => byte === this.model.bytes[i]);
  }

  /** What is left for a user to try where a bus does not find a device that comes later. */
  async #reload(): Promise<void> {
    const guest = this.world.guest();
    await guest.unloadDriver(guest.bus.transport);
    await guest.leave();
    await guest.loadTransport();
    await guest.rescanAndConfigure();
    await this.#online();
  }

  /** The device is gone, without a word before. */
  unplug(): void {
    this.#plugged?.unplug();
  }

  /** The same, and the guest has noticed it, or has looked. */
  async remove(): Promise<void> {
    this.unplug();
    await this.world.settle();
    if (this.found !== null) await this.world.guest().rescan();
  }

  /** What a user does where a device that came is not bound, or binding does not put it to use. */
  async #online(): Promise<void> {
    const guest = this.world.guest();
    if (this.found === null)
      for (const { isBound, name } of guest.devices()) if (!isBound) await guest.bindFile('bind', name ?? '');
    for (const name of guest.boundNames()) {
      const write = guest.bus.onlineWrite?.(name) ?? null;
      if (write !== null) await guest.write(write.path, write.text);
    }
  }

  /** The virtio device, if the guest knows it. */
  get found(): VirtioDevice | null {
    const devices = [...(this.world.kernel.busOf(virtioBus)?.devices() ?? [])];
    return devices.find((dev): dev is VirtioDevice => dev instanceof VirtioDevice) ?? null;
  }

  get dev(): VirtioDevice {
    const { found } = this;
    ensure(found !== null, 'there is no virtio device');
    return found;
  }

  get transport(): VirtioTransport {
    return this.dev.transport;
  }

  /** Calls the transport from a task, as drivers do. */
  async call<T>(body: (transport: VirtioTransport) => MaySleep<T>): Promise<T> {
    const { transport } = this;
    return this.in(() => body(transport));
  }

  /** Runs in a task of the guest. */
  async in<T>(body: () => MaySleep<T>): Promise<T> {
    const { kernel } = this.world;
    return kernel.world.run(body, 'conformance', kernel);
  }

  /** The errno with which something is refused, by name, or `done`. What else is thrown, is thrown. */
  async outcome(body: () => MaySleep<unknown>): Promise<string> {
    try {
      await body();
      return 'done';
    } catch (error) {
      if (error instanceof ErrnoError) return error.code;
      throw error;
    }
  }

  /** What a transport holds in its kernel: bytes for devices, interrupts. */
  get held(): string {
    const { dma, irq } = this.world.kernel;
    return `${String(dma?.inUse ?? 0)} bytes, ${String(irq.list().length)} interrupts`;
  }

  /** Sets of features with which queues have to work: without what rings can do, and with it. */
  async featureSets(): Promise<readonly bigint[]> {
    const offered = await this.call((t) => t.getFeatures());
    const plain = VERSION_1 | ALL_OFFERED;
    const rings = this.transportFeatures(plain | (offered & RINGS));
    return rings === plain ? [plain] : [plain, rings];
  }

  transportFeatures(features: bigint): bigint {
    const { transport } = this;
    return transport.transportFeatures?.(features) ?? vringTransportFeatures(features);
  }

  /** From a reset to features that are written and confirmed. @returns the status then */
  async negotiate(features: bigint): Promise<number> {
    await this.call((t) => t.reset());
    await this.addStatus(STATUS.ACKNOWLEDGE);
    await this.addStatus(STATUS.DRIVER);
    const error = await this.call((t) => t.finalizeFeatures(features));
    if (error !== 0) return STATUS.ACKNOWLEDGE | STATUS.DRIVER;
    await this.addStatus(STATUS.FEATURES_OK);
    return this.call((t) => t.getStatus());
  }

  async addStatus(bits: number): Promise<void> {
    await this.in(() => this.dev.addStatus(bits));
  }

  /** A device that works, with so many queues and callbacks in {@link told}. */
  async start(features: bigint, queues = 2): Promise<readonly Virtqueue[]> {
    const status = await this.negotiate(features);
    ensure((status & STATUS.FEATURES_OK) !== 0, 'features that were offered are refused');
    const vqs = await this.findVqs(queues);
    await this.addStatus(STATUS.DRIVER_OK);
    return vqs;
  }

  async findVqs(queues: number): Promise<readonly Virtqueue[]> {
    return this.in(() => this.dev.findVqs(this.specs(queues)));
  }

  specs(queues: number) {
    const callback = (vq: Virtqueue): void => void this.told.push(vq.name);
    return Array.from({ length: queues }, (_, i) => ({ name: `q${String(i)}`, callback }));
  }

  async stop(): Promise<void> {
    await this.call((t) => t.reset());
    await this.in(() => this.dev.delVqs());
  }

  /** Puts one request in and notifies. */
  send(vq: Virtqueue | undefined, out: Uint8Array, room: number, token: unknown = out): void {
    ensure(vq !== undefined, 'there are fewer queues than were made');
    same(vq.add({ out: [out], in: [room] }, token), 0, `add to ${vq.name}`);
    ensure(vq.kick(), `${vq.name} breaks when it is kicked`);
  }

  /** The next completion, its areas joined. */
  receive(vq: Virtqueue): { token: unknown; length: number; bytes: Uint8Array } | undefined {
    const got = vq.getBuf();
    if (got === undefined) return undefined;
    return { token: got.token, length: got.length, bytes: Uint8Array.from(got.data.flatMap((area) => [...area])) };
  }

  /** A driver of the device, which keeps the contract of drivers; its queues are {@link bound}. */
  driver(queues = 2): VirtioDriver {
    const take = async (dev: VirtioDevice): Promise<void> => {
      this.#bound.delete(dev);
      this.#bound.set(dev, await dev.findVqs(this.specs(queues)));
    };
    const leave = async (dev: VirtioDevice): Promise<void> => {
      this.#bound.delete(dev);
      await dev.reset();
      await dev.delVqs();
    };
    return {
      name: 'virtio_contract',
      bus: virtioBus,
      idTable: [{ device: CONTRACT_DEVICE_ID }],
      featureTable: OFFERED,
      probe: take,
      remove: leave,
      freeze: leave,
      restore: take,
      configChanged: () => void this.told.push('config'),
      broken: () => void this.told.push('broken'),
    };
  }

  /** The queues of {@link driver}. */
  get bound(): readonly Virtqueue[] {
    return [...this.#bound.values()].pop() ?? [];
  }

  /** @throws Violation unless the driver has the device */
  async load(): Promise<readonly Virtqueue[]> {
    this.#loaded = this.driver();
    await this.world.load(this.#loaded);
    await this.#online();
    ensure(this.dev.isBound, 'the driver does not have the device');
    return this.bound;
  }

  /** The queues of the device whose configuration starts as this model's; null: the driver does not have it. */
  async boundOf({ bytes }: ContractDevice): Promise<readonly Virtqueue[] | null> {
    for (const [dev, vqs] of this.#bound) {
      const [first] = await this.in(() => dev.transport.getConfig(0, 1));
      if (first === bytes[0]) return vqs;
    }
    return null;
  }

  /** One request through each queue, there and back. @throws Violation */
  async works(vqs: readonly Virtqueue[] = this.bound): Promise<void> {
    ensure(vqs.length > 0, 'there is no queue');
    for (const [i, vq] of vqs.entries()) {
      this.told.length = 0;
      const out = Uint8Array.of(i, 7, 9);
      this.send(vq, out, 3);
      const arrival = this.model.arrived.pop();
      ensure(arrival !== undefined, `a request on ${vq.name} does not arrive`);
      same(arrival.queue, i, `queue of a request on ${vq.name}`);
      same(arrival.request.readable, out, 'bytes of a request');
      arrival.request.complete(Uint8Array.of(i, 1, 2));
      await this.world.settle();
      same(this.receive(vq)?.bytes, Uint8Array.of(i, 1, 2), `reply on ${vq.name}`);
      same(
        [...new Set(this.told)].filter((what) => what !== 'config'),
        [vq.name],
        'callbacks',
      );
    }
  }

  async unload(): Promise<void> {
    if (this.#loaded !== null) await this.world.unload(this.#loaded);
    this.#loaded = null;
  }

  /** After a check: whoever drives the device by hand lets it go. */
  async finish(): Promise<void> {
    const { found } = this;
    if (found !== null && found.driver === null) await this.stop();
  }

  /** Between two checks: all is as after {@link boot}. */
  async again(): Promise<void> {
    await this.finish();
    await this.unload();
    await this.world.settle();
    this.model.restore();
    this.told.length = 0;
    await this.call((t) => t.reset());
    await this.addStatus(STATUS.ACKNOWLEDGE);
    await this.world.settle();
    this.told.length = 0;
  }
}

/** Room of the largest queue. */
export const MOST_QUEUES = QUEUE_SIZES.length;
