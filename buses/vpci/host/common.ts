import type { BackendQueue, VirtioBackend } from '../../../lib/hypervisor';
import { FEATURE, hasFeature } from '../../../lib/virtio/spec';
import { COMMON, NO_VECTOR } from '../layout';

/** One register of the common configuration structure. */
interface Register {
  readonly at: number;
  readonly width: number;
  read(): number;
  write?(value: number): unknown;
}

function register(at: number, width: number, read: () => number, write?: (value: number) => unknown): Register {
  return write === undefined ? { at, width, read } : { at, width, read, write };
}

/** The device's side of the common configuration structure. VIRTIO 1.2 §4.1.4.3 */
export class CommonConfig {
  configVector = NO_VECTOR;
  readonly queueVectors: number[];
  readonly #backend: VirtioBackend;
  readonly #registers: readonly Register[];
  readonly #vectors: () => number;
  #deviceSelect = 0;
  #driverSelect = 0;
  #queueSelect = 0;

  /** @param vectors how many entries the table of messages has */
  constructor(backend: VirtioBackend, vectors: () => number) {
    this.#backend = backend;
    this.#vectors = vectors;
    this.queueVectors = backend.queues.map(() => NO_VECTOR);
    this.#registers = [...this.#deviceRegisters(), ...this.#queueRegisters()];
  }

  /** An access of another width than the register's reads as zero. */
  read(offset: number, width: number): number {
    return this.#registers.find((reg) => reg.at === offset && reg.width === width)?.read() ?? 0;
  }

  /** An access of another width than the register's is dropped. */
  write(offset: number, width: number, value: number): void {
    this.#registers.find((reg) => reg.at === offset && reg.width === width)?.write?.(value);
  }

  get #queue(): BackendQueue | undefined {
    return this.#backend.queues[this.#queueSelect];
  }

  #deviceRegisters(): Register[] {
    const backend = this.#backend;
    return [
      register(
        COMMON.DEVICE_FEATURE_SELECT,
        4,
        () => this.#deviceSelect,
        (v) => (this.#deviceSelect = v),
      ),
      register(COMMON.DEVICE_FEATURE, 4, () => word(backend.deviceFeatures, this.#deviceSelect)),
      register(
        COMMON.DRIVER_FEATURE_SELECT,
        4,
        () => this.#driverSelect,
        (v) => (this.#driverSelect = v),
      ),
      register(
        COMMON.DRIVER_FEATURE,
        4,
        () => this.#driverFeatureWord,
        (v) => this.#writeFeatures(v),
      ),
      register(
        COMMON.CONFIG_MSIX_VECTOR,
        2,
        () => this.configVector,
        (v) => (this.configVector = this.#checked(v)),
      ),
      register(COMMON.NUM_QUEUES, 2, () => backend.queues.length),
      register(
        COMMON.DEVICE_STATUS,
        1,
        () => backend.status,
        (v) => this.#writeStatus(v),
      ),
      register(COMMON.CONFIG_GENERATION, 1, () => backend.configGeneration & 0xff),
      register(
        COMMON.QUEUE_SELECT,
        2,
        () => this.#queueSelect,
        (v) => (this.#queueSelect = v),
      ),
    ];
  }

  #queueRegisters(): Register[] {
    const vector = (): number => this.queueVectors[this.#queueSelect] ?? NO_VECTOR;
    return [
      register(
        COMMON.QUEUE_SIZE,
        2,
        () => this.#queue?.size ?? 0,
        (v) => this.#onQueue((q) => (q.size = v)),
      ),
      register(COMMON.QUEUE_MSIX_VECTOR, 2, vector, (v) => this.#setVector(v)),
      register(
        COMMON.QUEUE_ENABLE,
        2,
        () => Number(this.#queue?.ready ?? false),
        (v) => this.#enable(v),
      ),
      register(COMMON.QUEUE_NOTIFY_OFF, 2, () => this.#queueSelect),
      ...this.#address(COMMON.QUEUE_DESC, 'desc'),
      ...this.#address(COMMON.QUEUE_DRIVER, 'driver'),
      ...this.#address(COMMON.QUEUE_DEVICE, 'device'),
      register(
        COMMON.QUEUE_RESET,
        2,
        () => 0,
        (v) => this.#resetQueue(v),
      ),
    ];
  }

  get #driverFeatureWord(): number {
    return word(this.#backend.driverFeatures, this.#driverSelect);
  }

  /** A 64-bit address is written as two words. */
  #address(at: number, field: 'desc' | 'driver' | 'device'): Register[] {
    const get = (): number => this.#queue?.[field] ?? 0;
    const set = (address: number): void => this.#onQueue((q) => (q[field] = address));
    const low = (): number => get() % 2 ** 32;
    const high = (): number => Math.floor(get() / 2 ** 32);
    return [
      register(at, 4, low, (v) => set(high() * 2 ** 32 + v)),
      register(at + 4, 4, high, (v) => set(v * 2 ** 32 + low())),
    ];
  }

  #onQueue(change: (queue: BackendQueue) => void): void {
    if (this.#queue !== undefined) change(this.#queue);
  }

  /** Only ones are written; zero is what a reset does. §4.1.4.3.2 */
  #enable(value: number): void {
    if (value === 1) this.#onQueue((queue) => (queue.ready = true));
  }

  /** It is done at once. §4.1.4.3 queue_reset, §2.6.1 */
  #resetQueue(value: number): void {
    const agreed = hasFeature(this.#backend.driverFeatures, FEATURE.RING_RESET);
    if (value === 1 && agreed) this.#onQueue((queue) => queue.reset());
  }

  #writeFeatures(value: number): void {
    const shift = BigInt(32 * this.#driverSelect);
    if (this.#driverSelect > 1) return;
    const rest = this.#backend.driverFeatures & ~(0xffff_ffffn << shift);
    this.#backend.driverFeatures = rest | (BigInt(value) << shift);
  }

  /** A reset takes the vectors too. §4.1.5.1.2.1 */
  #writeStatus(value: number): void {
    this.#backend.status = value;
    if (value !== 0) return;
    this.configVector = NO_VECTOR;
    this.queueVectors.fill(NO_VECTOR);
  }

  #setVector(value: number): void {
    if (this.#queue !== undefined) this.queueVectors[this.#queueSelect] = this.#checked(value);
  }

  #checked(vector: number): number {
    return vector < this.#vectors() ? vector : NO_VECTOR;
  }
}

function word(features: bigint, select: number): number {
  return select > 1 ? 0 : Number((features >> BigInt(32 * select)) & 0xffff_ffffn);
}
