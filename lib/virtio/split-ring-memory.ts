import type { DmaBuffer } from '../access/dma';
import type { SharedMemory } from '../hypervisor/port';
import {
  AVAIL,
  availEventOffset,
  availRingBytes,
  DESC,
  descTableBytes,
  USED,
  usedEventOffset,
  usedRingBytes,
} from './spec';

/** One descriptor. VIRTIO 1.2 §2.7.5 */
export interface Descriptor {
  readonly address: number;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/** Bytes of a whole ring, and where its three parts begin. VIRTIO 1.2 §2.7.2 */
export function ringLayout(size: number): { readonly bytes: number; readonly driver: number; readonly device: number } {
  const driver = descTableBytes(size);
  const device = Math.ceil((driver + availRingBytes(size)) / USED.ALIGN) * USED.ALIGN;
  return { bytes: device + usedRingBytes(size), driver, device };
}

/** The driver's view of the three parts of a split ring in memory: fields by name, nothing more. VIRTIO 1.2 §2.7 */
export class RingMemory {
  /** Addresses of descriptor table, driver area and device area. */
  readonly desc: number;
  readonly driver: number;
  readonly device: number;

  constructor(
    readonly memory: SharedMemory,
    readonly buffer: DmaBuffer,
    readonly size: number,
  ) {
    const { driver, device } = ringLayout(size);
    this.desc = buffer.address;
    this.driver = buffer.address + driver;
    this.device = buffer.address + device;
  }

  /** Writes descriptor `index` of the ring's own table, or of the indirect one at `table`. */
  writeDescriptor(index: number, { address, length, flags, next }: Descriptor, table = this.desc): void {
    const at = table + DESC.SIZE * index;
    this.memory.setU64(at + DESC.ADDR, address);
    this.memory.setU32(at + DESC.LEN, length);
    this.memory.setU16(at + DESC.FLAGS, flags);
    this.memory.setU16(at + DESC.NEXT, next);
  }

  /** Entry of the available ring for running index `index`. */
  writeAvailable(index: number, head: number): void {
    this.memory.setU16(this.driver + AVAIL.RING + AVAIL.ENTRY * (index % this.size), head);
  }

  set availIdx(index: number) {
    this.memory.setU16(this.driver + AVAIL.IDX, index);
  }

  set availFlags(flags: number) {
    this.memory.setU16(this.driver + AVAIL.FLAGS, flags);
  }

  /** The used entry after which the driver requests an interrupt. */
  set usedEvent(index: number) {
    this.memory.setU16(this.driver + usedEventOffset(this.size), index);
  }

  get usedIdx(): number {
    return this.memory.getU16(this.device + USED.IDX);
  }

  get usedFlags(): number {
    return this.memory.getU16(this.device + USED.FLAGS);
  }

  /** The available entry after which the device requests a notification. */
  get availEvent(): number {
    return this.memory.getU16(this.device + availEventOffset(this.size));
  }

  /** Entry of the used ring for running index `index`, as the device wrote it. */
  readUsed(index: number): { readonly id: number; readonly length: number } {
    const at = this.device + USED.RING + USED.ENTRY * (index % this.size);
    return { id: this.memory.getU32(at), length: this.memory.getU32(at + 4) };
  }
}
