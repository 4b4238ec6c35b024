import { DeviceModel, Hypervisor, VirtioBackend } from '../../lib/hypervisor/index';
import type { DeviceHost, DeviceRequest, Guest, GuestMemory } from '../../lib/hypervisor/index';
import { AVAIL, DESC, FEATURE, STATUS, USED } from '../../lib/virtio/spec';
import { availEventOffset, featureBit, usedEventOffset } from '../../lib/virtio/spec';
import { World, type WorldOptions } from '../../lib/world/index';

export const ACK_DRIVER = STATUS.ACKNOWLEDGE | STATUS.DRIVER;
export const FEATURES_DONE = ACK_DRIVER | STATUS.FEATURES_OK;
export const LIVE = FEATURES_DONE | STATUS.DRIVER_OK;
export const VERSION_1 = featureBit(FEATURE.VERSION_1);

export interface Segment {
  readonly address: number;
  readonly length: number;
  readonly write?: boolean;
}

/** Buffers that most tests use. */
export const READ: Segment = { address: 0x8000, length: 4 };
export const WRITE: Segment = { address: 0x9000, length: 4, write: true };

/** The driver's side of one split queue, written for tests: it writes whatever it is told to. */
export class DriverRing {
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
  #availIdx = 0;
  #usedSeen = 0;

  constructor(
    readonly memory: GuestMemory,
    readonly size = 8,
    base = 0x1000,
  ) {
    this.desc = base;
    this.driver = base + 0x1000;
    this.device = base + 0x2000;
  }

  descriptor(index: number, segment: Segment, flags: number, next = 0, table = this.desc): void {
    const at = table + DESC.SIZE * index;
    this.memory.setU64(at, BigInt(segment.address));
    this.memory.setU32(at + DESC.LEN, segment.length);
    this.memory.setU16(at + DESC.FLAGS, flags);
    this.memory.setU16(at + DESC.NEXT, next);
  }

  /** Writes a chain that begins at descriptor `first` and makes it available. */
  chain(segments: readonly Segment[], first = 0, table = this.desc): void {
    segments.forEach((segment, i) => {
      const last = i === segments.length - 1;
      this.descriptor(first + i, segment, (last ? 0 : 1) | (segment.write === true ? 2 : 0), first + i + 1, table);
    });
    if (table === this.desc) this.offer(first);
  }

  offer(head: number): void {
    this.memory.setU16(this.driver + AVAIL.RING + AVAIL.ENTRY * (this.#availIdx % this.size), head);
    this.#availIdx = (this.#availIdx + 1) & 0xffff;
    this.memory.setU16(this.driver + AVAIL.IDX, this.#availIdx);
  }

  get usedIdx(): number {
    return this.memory.getU16(this.device + USED.IDX);
  }

  /** The next used entry, if there is one. */
  used(): { id: number; length: number } | undefined {
    if (this.usedIdx === this.#usedSeen) return undefined;
    const at = this.device + USED.RING + USED.ENTRY * (this.#usedSeen % this.size);
    this.#usedSeen = (this.#usedSeen + 1) & 0xffff;
    return { id: this.memory.getU32(at), length: this.memory.getU32(at + 4) };
  }

  set noInterrupt(on: boolean) {
    this.memory.setU16(this.driver + AVAIL.FLAGS, on ? AVAIL.F_NO_INTERRUPT : 0);
  }

  set usedEvent(index: number) {
    this.memory.setU16(this.driver + usedEventOffset(this.size), index);
  }

  get availEvent(): number {
    return this.memory.getU16(this.device + availEventOffset(this.size));
  }
}

/** One guest with one device behind a bare backend. */
export class BackendMachine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly guest: Guest;
  readonly backend: VirtioBackend;
  ring: DriverRing;
  readonly interrupts: string[] = [];

  constructor(model: DeviceModel, options: { memory?: number; size?: number; world?: WorldOptions } = {}) {
    this.world = new World(options.world);
    this.hv = new Hypervisor(this.world);
    this.guest = this.hv.createGuest({ name: 'g1', memory: options.memory ?? 1 << 20 });
    this.backend = new VirtioBackend(model, this.guest, {
      interrupt: (kind, queue) => void this.interrupts.push(queue === undefined ? kind : `${kind} ${String(queue)}`),
    });
    this.ring = new DriverRing(this.guest.memory, options.size);
  }

  get queue(): VirtioBackend['queues'][number] {
    const [queue] = this.backend.queues;
    if (queue === undefined) throw new Error('the model has no queue');
    return queue;
  }

  negotiate(features = VERSION_1): this {
    for (const status of [STATUS.ACKNOWLEDGE, ACK_DRIVER]) this.backend.status = status;
    this.backend.driverFeatures = features;
    this.backend.status = FEATURES_DONE;
    return this;
  }

  /** As a driver does: features, one queue, DRIVER_OK. */
  start(features = VERSION_1): this {
    this.negotiate(features);
    this.queue.size = this.ring.size;
    this.queue.desc = this.ring.desc;
    this.queue.driver = this.ring.driver;
    this.queue.device = this.ring.device;
    this.queue.ready = true;
    this.backend.status = LIVE;
    return this;
  }

  /** Resets the device and has a fresh ring for the next start. */
  restart(): this {
    this.backend.status = 0;
    this.guest.memory.write(this.ring.desc, new Uint8Array(0x3000));
    this.ring = new DriverRing(this.guest.memory, this.ring.size);
    this.interrupts.length = 0;
    return this.start();
  }

  get refusals(): string[] {
    return this.hv.log.refusals.map((entry) => entry.refused ?? '');
  }

  get errors(): string[] {
    return this.hv.log.errors.map((entry) => `${entry.message ?? ''}: ${String(entry.error)}`);
  }
}

/** A model whose behaviour a test gives. */
export class TestModel extends DeviceModel {
  readonly deviceId: number = 42;
  readonly name: string = 'test0';
  readonly seen: Uint8Array[] = [];
  sizes: readonly number[] = [8];
  bytes = new Uint8Array([1, 2, 3, 4]);
  resets = 0;
  host: DeviceHost | null = null;

  constructor(readonly serve: (request: DeviceRequest, host: DeviceHost, queue: number) => void = (r) => r.complete()) {
    super();
  }

  override features(): bigint {
    return 0b101n;
  }

  override queueSizes(): readonly number[] {
    return this.sizes;
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

  override reset(): void {
    this.resets += 1;
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    this.seen.push(request.readable);
    this.serve(request, host, queue);
  }
}
