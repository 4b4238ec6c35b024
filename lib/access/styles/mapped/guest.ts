import { EINVAL, ENOENT } from '../../../errno';
import type { SharedMemory } from '../../../hypervisor/port';
import type { AccessStyle, TransportSite } from '../../../virtio/access-style';
import { SplitVirtqueue } from '../../../virtio/split-virtqueue';
import type { DmaArea } from '../../../virtio/staging';
import type { Virtqueue, VirtqueueSpec } from '../../../virtio/virtqueue';
import { DmaPool } from '../../dma';
import { STYLE, type Place } from '../../place';
import { HEADER, QUEUE, queueAt } from '../header';
import { bytesOf, HeaderTransport } from '../header-transport';
import { pairQueue } from './guest-pair-ends';
import type { PairQueue } from './guest-pair-queue';
import { HEADER_WRITTEN, OWN_BYTES, SHARED, SIGNAL, WAKE_ME } from './layout';

/** A device that is memory: header, rings and data in pages that both sides have; one hypercall signals. */
class MappedTransport extends HeaderTransport {
  #area: DmaArea;
  #queues: readonly (SplitVirtqueue | PairQueue)[] = [];

  constructor(site: TransportSite) {
    super(site);
    this.#area = areaOf(this.port.pages(0, 0));
  }

  /** Addresses in rings count from the start of the memory, so that they mean the same to all who have it. */
  override connect(place: Place): void {
    if (place.size < 2 * HEADER.BYTES) throw this.error(EINVAL, 'virtio_mapped');
    const memory = this.port.pages(place.base, place.size);
    const hasPeer = memory.getU32(HEADER.PEER) !== 0;
    this.#area = areaOf(memory, hasPeer ? Math.min(OWN_BYTES, place.size) : place.size);
    super.connect(place);
  }

  mmap(): SharedMemory {
    return this.#area.memory;
  }

  protected load(offset: number, length: number): Uint8Array {
    return this.gone ? new Uint8Array(length).fill(0xff) : this.#area.memory.read(offset, length);
  }

  protected store(offset: number, bytes: Uint8Array): void {
    this.#area.memory.write(offset, bytes);
    this.#signal(HEADER_WRITTEN);
  }

  protected makeQueues(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    try {
      specs.forEach((spec, index) => (this.#queues = [...this.#queues, this.#makeQueue(spec, index)]));
    } catch (error) {
      this.freeQueues();
      throw error;
    }
    this.#signal(HEADER_WRITTEN);
    return this.#queues;
  }

  #makeQueue(spec: VirtqueueSpec, index: number): SplitVirtqueue | PairQueue {
    const at = queueAt(index);
    const size = index < this.number(HEADER.QUEUES) ? this.number(at + QUEUE.MAX, 2) : 0;
    if (size === 0) throw this.error(ENOENT, 'find_vqs');
    if (this.number(HEADER.PEER) !== 0 && this.number(at + QUEUE.RING) !== 0) return this.#makePair(spec, index, size);
    const { kernel, features } = this;
    const notify = (): boolean => this.#signal(index);
    const vq = new SplitVirtqueue({ kernel, index, spec, size, features, area: this.#area, notify });
    const { memory } = this.#area;
    memory.setU16(at + QUEUE.SIZE, vq.size);
    memory.write(at + QUEUE.DESC, bytesOf(vq.desc));
    memory.write(at + QUEUE.DRIVER, bytesOf(vq.driver));
    memory.write(at + QUEUE.DEVICE, bytesOf(vq.device));
    memory.write(at + QUEUE.READY, bytesOf(1));
    return vq;
  }

  /** A queue that the peer serves, in memory that it has too. */
  #makePair(spec: VirtqueueSpec, index: number, size: number): PairQueue {
    const { kernel } = this;
    const { memory } = this.#area;
    const at = queueAt(index);
    const ring = {
      offset: this.number(at + QUEUE.RING),
      bytes: this.number(at + QUEUE.RING_BYTES),
      piece: this.number(at + QUEUE.PIECE),
    };
    const isInside = ring.offset >= OWN_BYTES && ring.offset + SHARED.DATA + ring.bytes <= memory.size;
    const isPower = ring.bytes > 0 && (ring.bytes & (ring.bytes - 1)) === 0;
    if (!isInside || !isPower || ring.piece === 0 || ring.piece > ring.bytes - SHARED.LENGTH_BYTES)
      throw this.error(EINVAL, 'find_vqs');
    const signal = (): boolean => this.#signal(index);
    return pairQueue({ kernel, index, spec, size, memory, ring, signal, wakeMe: () => void this.#signal(WAKE_ME) });
  }

  protected freeQueues(): void {
    for (const vq of this.#queues) {
      if (vq instanceof SplitVirtqueue) this.#area.memory.write(queueAt(vq.index) + QUEUE.READY, bytesOf(0));
      vq.free();
    }
    if (this.#queues.length > 0 && !this.gone) this.#signal(HEADER_WRITTEN);
    this.#queues = [];
  }

  #signal(what: number): boolean {
    return this.port.hypercall(SIGNAL.nr, [this.place.handle, what]).status === 0;
  }

  protected interrupt(): void {
    if (this.fetchEvents()) for (const vq of this.#queues) vq.vqInterrupt();
  }
}

/** @param size of what is this guest's and its host's */
function areaOf(memory: SharedMemory, size = memory.size): DmaArea {
  return { memory, dma: new DmaPool({ size, clear: (address, length) => memory.clear(address, length) }) };
}

/** Style (c) of the mail. */
export const mappedStyle: AccessStyle = {
  name: 'mapped',
  code: STYLE.MAPPED,
  transport: (site) => new MappedTransport(site),
};
