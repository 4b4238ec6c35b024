import type { BackendQueue, VirtioBackend } from '../../lib/hypervisor';
import { COMMON, NO_VECTOR } from './layout';

/** One register of the common configuration structure. */
interface Register {
  readonly at: number;
  readonly width: number;
  read(): number;
  write?(value: number): void;
}

/** The device's side of the common configuration structure. VIRTIO 1.2 §4.1.4.3 */
export class CommonConfig {
  configVector = NO_VECTOR;
  readonly queueVectors: number[];
  readonly #backend: VirtioBackend;
  readonly #registers: readonly Register[];
  readonly #vectors: () => number;
  #deviceFeatureSelect = 0;
  #driverFeatureSelect = 0;
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
      { at: COMMON.DEVICE_FEATURE_SELECT, width: 4, read: () => this.#deviceFeatureSelect, write: (v) => void (this.#deviceFeatureSelect = v) },
      { at: COMMON.DEVICE_FEATURE, width: 4, read: () => word(backend.deviceFeatures, this.#deviceFeatureSelect) },
      { at: COMMON.DRIVER_FEATURE_SELECT, width: 4, read: () => this.#driverFeatureSelect, write: (v) => void (this.#driverFeatureSelect = v) },
      { at: COMMON.DRIVER_FEATURE, width: 4, read: () => word(backend.driverFeatures, this.#driverFeatureSelect), write: (v) => this.#writeFeatures(v) },
      { at: COMMON.CONFIG_MSIX_VECTOR, width: 2, read: () => this.configVector, write: (v) => void (this.configVector = this.#checked(v)) },
      { at: COMMON.NUM_QUEUES, width: 2, read: () => backend.queues.length },
      { at: COMMON.DEVICE_STATUS, width: 1, read: () => backend.status, write: (v) => this.#writeStatus(v) },
      { at: COMMON.CONFIG_GENERATION, width: 1, read: () => backend.configGeneration & 0xff },
      { at: COMMON.QUEUE_SELECT, width: 2, read: () => this.#queueSelect, write: (v) => void (this.#queueSelect = v) },
    ];
  }

  #queueRegisters(): Register[] {
    const queue = (): BackendQueue | undefined => this.#queue;
    return [
      { at: COMMON.QUEUE_SIZE, width: 2, read: () => queue()?.size ?? 0, write: (v) => this.#onQueue((q) => (q.size = v)) },
      { at: COMMON.QUEUE_MSIX_VECTOR, width: 2, read: () => this.queueVectors[this.#queueSelect] ?? NO_VECTOR, write: (v) => this.#setVector(v) },
      { at: COMMON.QUEUE_ENABLE, width: 2, read: () => Number(queue()?.ready ?? false), write: (v) => this.#enable(v) },
      { at: COMMON.QUEUE_NOTIFY_OFF, width: 2, read: () => this.#queueSelect },
      ...this.#address(COMMON.QUEUE_DESC, 'desc'),
      ...this.#address(COMMON.QUEUE_DRIVER, 'driver'),
      ...this.#address(COMMON.QUEUE_DEVICE, 'device'),
    ];
  }

  /** A 64-bit address is written as two words. */
  #address(at: number, field: 'desc' | 'driver' | 'device'): Register[] {
    const get = (): number => this.#queue?.[field] ?? 0;
    const set = (address: number): void => this.#onQueue((q) => (q[field] = address));
    const low = (): number => get() % 2 ** 32;
    const high = (): number => Math.floor(get() / 2 ** 32);
    return [
      { at, width: 4, read: low, write: (v) => set(high() * 2 ** 32 + v) },
      { at: at + 4, width: 4, read: high, write: (v) => set(v * 2 ** 32 + low()) },
    ];
  }

  #onQueue(change: (queue: BackendQueue) => void): void {
    if (this.#queue !== undefined) change(this.#queue);
  }

  /** Only ones are written; zero is what a reset does. §4.1.4.3.2 */
  #enable(value: number): void {
    if (value === 1) this.#onQueue((queue) => (queue.ready = true));
  }

  #writeFeatures(value: number): void {
    const shift = BigInt(32 * this.#driverFeatureSelect);
    if (this.#driverFeatureSelect > 1) return;
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
