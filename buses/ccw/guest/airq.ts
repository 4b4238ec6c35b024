import type { Port } from '../../../lib/hypervisor/port';
import type { SplitVirtqueue } from '../../../lib/virtio';

/** Indicators of one area. @see drivers/s390/virtio/virtio_ccw.c VIRTIO_IV_BITS */
const BITS = 256 * 8;
/** One summary indicator, and the indicators on a cache line of their own. */
const SUMMARY = 0;
const VECTOR = 256;

/** Bytes that {@link AdapterInterrupts} needs. */
export const AIRQ_BYTES = 512;

/** Indicators that belong to one device. */
export interface IndicatorBits {
  readonly first: number;
  readonly queues: readonly SplitVirtqueue[];
}

/**
 * Two-stage indicators that all devices share: one interrupt for all, a bit for each queue. Where all bits are taken,
 * devices do with an interrupt of their own.
 *
 * @see drivers/s390/virtio/virtio_ccw.c struct airq_info, drivers/s390/cio/airq.c
 */
export class AdapterInterrupts {
  readonly #memory: Port['memory'];
  readonly #base: number;
  readonly #queues = new Map<number, SplitVirtqueue>();
  /** No bit below it is free. */
  #lowestFree = 0;
  #wasUsed = false;

  constructor(memory: Port['memory'], base: number) {
    this.#memory = memory;
    this.#base = base;
  }

  /** Guest-physical addresses of the summary indicator and of the indicators. */
  get summary(): number {
    return this.#base + SUMMARY;
  }

  get indicator(): number {
    return this.#base + VECTOR;
  }

  /** Cache lines that were taken from the pool: one, from the first use on. @see cio/airq.c airq_iv_cache */
  get cacheLines(): number {
    return Number(this.#wasUsed);
  }

  /** Adjacent bits for queues; null when there are not so many. @see get_airq_indicator */
  alloc(queues: readonly SplitVirtqueue[]): IndicatorBits | null {
    while (this.#queues.has(this.#lowestFree)) this.#lowestFree += 1;
    for (let first = this.#lowestFree; first + queues.length <= BITS; first += 1) {
      if (queues.some((_, i) => this.#queues.has(first + i))) continue;
      queues.forEach((vq, i) => this.#queues.set(first + i, vq));
      this.#wasUsed = true;
      return { first, queues };
    }
    return null;
  }

  /** @see virtio_ccw_drop_indicators */
  free({ first, queues }: IndicatorBits): void {
    for (const i of queues.keys()) this.#queues.delete(first + i);
    this.#lowestFree = Math.min(this.#lowestFree, first);
  }

  /** Twice, so that what comes while the summary is still set is not lost. @see virtio_airq_handler */
  scan(): void {
    this.#scanOnce();
    this.#memory.setU8(this.summary, 0);
    this.#scanOnce();
  }

  /** The bits that are set, in their order, cleared one by one. @see airq_iv_scan */
  #scanOnce(): void {
    for (let at = 0; at < BITS / 8; at += 4) {
      if (this.#memory.getU32(this.indicator + at) === 0) continue;
      for (let bit = at * 8; bit < (at + 4) * 8; bit += 1) this.#take(bit);
    }
  }

  /** Bits are numbered from the left of each byte. */
  #take(bit: number): void {
    const vq = this.#queues.get(bit);
    if (vq === undefined) return;
    const at = this.indicator + (bit >> 3);
    const mask = 0x80 >> (bit & 7);
    const byte = this.#memory.getU8(at);
    if ((byte & mask) === 0) return;
    this.#memory.setU8(at, byte & ~mask);
    vq.vqInterrupt();
  }
}
