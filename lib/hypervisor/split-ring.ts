import { AVAIL, DESC, USED, availEventOffset, needEvent, usedEventOffset } from '../virtio/spec';
import { availRingBytes, descTableBytes, usedRingBytes, MAX_QUEUE_SIZE } from '../virtio/spec';
import { walkChain, type Chain, type ChainFault } from './chain';
import { hex, type GuestMemory } from './memory';

/** Where a queue lies in guest memory. VIRTIO 1.2 §2.7 */
export interface RingLayout {
  readonly size: number;
  /** Guest-physical addresses of descriptor table, driver area and device area. */
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
}

export interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIdx: boolean;
}

/** A power of two that a split queue may have. VIRTIO 1.2 §2.7 */
export function isQueueSize(size: number): boolean {
  return Number.isInteger(size) && size > 0 && size <= MAX_QUEUE_SIZE && (size & (size - 1)) === 0;
}

/** Why a layout cannot be used; undefined when it can. */
export function layoutFault(memory: GuestMemory, { size, desc, driver, device }: RingLayout): string | undefined {
  if (!isQueueSize(size)) return `size ${String(size)} is no power of two`;
  const areas = [
    ['descriptor table', desc, descTableBytes(size), DESC.ALIGN],
    ['driver area', driver, availRingBytes(size), AVAIL.ALIGN],
    ['device area', device, usedRingBytes(size), USED.ALIGN],
  ] as const;
  for (const [what, address, length, align] of areas) {
    if (!memory.contains(address, length)) return `${what} at ${hex(address)} lies outside memory`;
    if (address % align !== 0) return `${what} at ${hex(address)} is not aligned to ${String(align)}`;
  }
  return undefined;
}

/**
 * The device's side of a split virtqueue. The layout was found good, so the ring's own fields are always inside memory;
 * everything that is read from them is not trusted.
 */
export class SplitRing {
  readonly #memory: GuestMemory;
  readonly #layout: RingLayout;
  readonly #features: RingFeatures;
  #nextAvail = 0;
  #nextUsed = 0;
  /** Chains that were taken and not given back. */
  #inUse = 0;

  /** @param layout one that {@link layoutFault} has nothing against */
  constructor(memory: GuestMemory, layout: RingLayout, features: RingFeatures) {
    this.#memory = memory;
    this.#layout = layout;
    this.#features = features;
  }

  /** How many chains the driver has made available, as of now; a fault when it cannot be that many. */
  pending(): number | ChainFault {
    const { driver, size } = this.#layout;
    const count = (this.#memory.getU16(driver + AVAIL.IDX) - this.#nextAvail) & 0xffff;
    if (count <= size) return count;
    const reason = `available index is ${String(count)} ahead in a queue of ${String(size)}`;
    return { reason, descriptor: null, address: driver + AVAIL.IDX };
  }

  /** Takes the next chain; only to be called when one is pending. A fault when the driver has not that many. */
  pop(): Chain | ChainFault {
    const { driver, size } = this.#layout;
    if (this.#inUse >= size) {
      const reason = `more than ${String(size)} chains at a time in a queue of that size`;
      return { reason, descriptor: null, address: driver + AVAIL.IDX };
    }
    const slot = driver + AVAIL.RING + AVAIL.ENTRY * (this.#nextAvail % size);
    this.#nextAvail = (this.#nextAvail + 1) & 0xffff;
    const table = { address: this.#layout.desc, entries: size };
    this.#inUse += 1;
    return walkChain(this.#memory, table, this.#memory.getU16(slot), this.#features.indirect);
  }

  /** Asks for a notification on the next chain. VIRTIO 1.2 §2.7.10 */
  armNotification(): void {
    const { device, size } = this.#layout;
    if (this.#features.eventIdx) this.#memory.setU16(device + availEventOffset(size), this.#nextAvail);
  }

  /**
   * Adds a chain to the used ring. VIRTIO 1.2 §2.7.8.2
   *
   * @returns does the driver want an interrupt for it? §2.7.7
   */
  push(head: number, written: number): boolean {
    const { device, size } = this.#layout;
    this.#inUse -= 1;
    const entry = device + USED.RING + USED.ENTRY * (this.#nextUsed % size);
    this.#memory.setU32(entry, head);
    this.#memory.setU32(entry + 4, written);
    const old = this.#nextUsed;
    this.#nextUsed = (old + 1) & 0xffff;
    this.#memory.setU16(device + USED.IDX, this.#nextUsed);
    return this.#wantsInterrupt(old);
  }

  #wantsInterrupt(old: number): boolean {
    const { driver, size } = this.#layout;
    if (!this.#features.eventIdx) {
      return (this.#memory.getU16(driver + AVAIL.FLAGS) & AVAIL.F_NO_INTERRUPT) === 0;
    }
    return needEvent(this.#memory.getU16(driver + usedEventOffset(size)), this.#nextUsed, old);
  }
}
