import { callAtomicVoid } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { EINVAL, EIO, ENOMEM, ENOSPC, ErrnoError, errnoOf } from '../errno';
import { AVAIL, DESC, DESC_F, FEATURE, hasFeature, MAX_QUEUE_SIZE, needEvent, USED } from './spec';
import { RingMemory, ringLayout } from './split-ring-memory';
import { collect, dmaAreaOf, segmentCount, stage, type DmaArea, type Segment, type Staged } from './staging';
import type { Buffers, Completed, Virtqueue, VirtqueueSpec } from './virtqueue';

/** What a transport knows of a queue before it exists. */
export interface SplitVirtqueueInit {
  readonly kernel: Kernel;
  readonly index: number;
  readonly spec: VirtqueueSpec;
  /** Descriptors: a power of two, as the device allows. */
  readonly size: number;
  /** What was agreed on: indirect descriptors and event indexes are used if they are in it. */
  readonly features: bigint;
  /** Where rings and data lie. Default: the guest's RAM. */
  readonly area?: DmaArea;
  /** Notifies the device of new buffers. False when it cannot be reached: the queue is broken then. */
  notify(vq: SplitVirtqueue): boolean;
}

/** A request that the device has. */
interface Pending {
  readonly token: unknown;
  readonly staged: Staged;
  /** Descriptors of the ring's own table, head first. */
  readonly chain: readonly number[];
}

/**
 * The driver's side of a split virtqueue, in memory that the device reaches. What the device writes is never trusted.
 *
 * @see drivers/virtio/virtio_ring.c, VIRTIO 1.2 §2.7
 */
export class SplitVirtqueue implements Virtqueue {
  readonly index: number;
  readonly name: string;
  readonly size: number;
  readonly ring: RingMemory;
  readonly #kernel: Kernel;
  readonly #area: DmaArea;
  readonly #spec: VirtqueueSpec;
  readonly #notify: (vq: SplitVirtqueue) => boolean;
  readonly #indirect: boolean;
  readonly #event: boolean;
  /** Free descriptors; the last one is taken next. */
  readonly #free: number[];
  readonly #pending = new Map<number, Pending>();
  #broken = false;
  #callbacks = true;
  #availIdx = 0;
  #lastUsed = 0;
  #added = 0;
  /** No head below it is in use. */
  #detachFrom = 0;

  /** @throws ErrnoError ENOMEM, ENODEV in a kernel without memory for devices, EINVAL for an impossible size */
  constructor(init: SplitVirtqueueInit) {
    const path = `queue ${String(init.index)} ${init.spec.name}, size ${String(init.size)}`;
    this.#area = init.area ?? dmaAreaOf(init.kernel, 'vring_create_virtqueue', path);
    if (!isQueueSize(init.size)) {
      init.kernel.log.warn(`${init.spec.name}: Bad virtqueue length ${String(init.size)}`);
      throw new ErrnoError('EINVAL', { syscall: 'vring_create_virtqueue', path });
    }
    this.index = init.index;
    this.name = init.spec.name;
    this.size = init.size;
    this.#kernel = init.kernel;
    this.#spec = init.spec;
    this.#notify = (vq) => init.notify(vq);
    this.#indirect = hasFeature(init.features, FEATURE.RING_INDIRECT_DESC);
    this.#event = hasFeature(init.features, FEATURE.RING_EVENT_IDX);
    this.#free = Array.from({ length: init.size }, (_, i) => init.size - 1 - i);
    const { dma, memory } = this.#area;
    this.ring = new RingMemory(memory, dma.alloc(ringLayout(init.size).bytes, undefined, this.#owner), init.size);
    if (init.spec.callback === undefined) this.disableCb();
  }

  /** Addresses in its memory, which the transport passes to the device. */
  get desc(): number {
    return this.ring.desc;
  }

  get driver(): number {
    return this.ring.driver;
  }

  get device(): number {
    return this.ring.device;
  }

  /** Descriptors of the ring's own table that are free. */
  get numFree(): number {
    return this.#free.length;
  }

  get broken(): boolean {
    return this.#broken;
  }

  get #owner(): string {
    return `virtqueue ${this.name}`;
  }

  /**
   * {@link Virtqueue.add}; also -ENOMEM when the buffers do not fit into memory that the device reaches, -EINVAL when
   * there is nothing in them (Linux: a BUG).
   *
   * @see drivers/virtio/virtio_ring.c virtqueue_add_split
   */
  add(buffers: Buffers, token: unknown): number {
    if (this.#broken) return -EIO;
    const total = segmentCount(buffers);
    if (total === 0) return -EINVAL;
    const indirect = this.#indirect && total > 1 && this.#free.length > 0;
    if (this.#free.length < (indirect ? 1 : total)) return this.#full(buffers);
    const error = this.#stageAndExpose(buffers, indirect, token);
    // Without memory for a table, the ring's own descriptors are used.
    if (error !== -ENOMEM || !indirect || this.#free.length < total) return error;
    return this.#stageAndExpose(buffers, false, token);
  }

  #stageAndExpose(buffers: Buffers, indirect: boolean, token: unknown): number {
    try {
      this.#expose(stage(this.#kernel, buffers, indirect, this.#owner, this.#area), indirect, token);
      return 0;
    } catch (error) {
      const no = errnoOf(error);
      if (no === undefined) throw error;
      return no;
    }
  }

  /** A device that has data to read is notified, so that it frees space. */
  #full({ out = [] }: Buffers): number {
    if (out.length > 0) this.#virtqueueNotify();
    return -ENOSPC;
  }

  /** Descriptors first, then the available entry, then the index. VIRTIO 1.2 §2.7.13 */
  #expose(staged: Staged, indirect: boolean, token: unknown): void {
    const { segments, buffer } = staged;
    const chain = this.#take(indirect ? 1 : segments.length);
    const [head = 0] = chain;
    if (indirect) {
      this.#writeChain(segments, null, buffer.address);
      const length = DESC.SIZE * segments.length;
      this.ring.writeDescriptor(head, { address: buffer.address, length, flags: DESC_F.INDIRECT, next: 0 });
    } else this.#writeChain(segments, chain);
    this.#pending.set(head, { token, staged, chain });
    this.#detachFrom = Math.min(this.#detachFrom, head);
    this.ring.writeAvailable(this.#availIdx, head);
    this.#availIdx = (this.#availIdx + 1) & 0xffff;
    this.ring.availIdx = this.#availIdx;
    this.#added += 1;
    // The distance from the last notification has 16 bits.
    if (this.#added === 0xffff) this.kick();
  }

  #take(count: number): number[] {
    const taken: number[] = [];
    for (let i = 0; i < count; i += 1) taken.push(this.#free.pop() ?? 0);
    return taken;
  }

  /** @param indexes of the descriptors; null: one after the other, in the table */
  #writeChain(segments: readonly Segment[], indexes: readonly number[] | null, table?: number): void {
    for (const [i, { address, length, write }] of segments.entries()) {
      const isLast = i + 1 === segments.length;
      const next = isLast ? 0 : (indexes?.[i + 1] ?? i + 1);
      const flags = (write ? DESC_F.WRITE : 0) | (isLast ? 0 : DESC_F.NEXT);
      this.ring.writeDescriptor(indexes?.[i] ?? i, { address, length, flags, next }, table);
    }
  }

  /** @see drivers/virtio/virtio_ring.c virtqueue_kick */
  kick(): boolean {
    if (this.#kickPrepare()) this.#virtqueueNotify();
    return !this.#broken;
  }

  /** Has the device notifications enabled? @see drivers/virtio/virtio_ring.c virtqueue_kick_prepare_split */
  #kickPrepare(): boolean {
    const old = (this.#availIdx - this.#added) & 0xffff;
    this.#added = 0;
    if (this.#event) return needEvent(this.ring.availEvent, this.#availIdx, old);
    return (this.ring.usedFlags & USED.F_NO_NOTIFY) === 0;
  }

  /** A device that cannot be reached breaks the queue. @see drivers/virtio/virtio_ring.c virtqueue_notify */
  #virtqueueNotify(): void {
    if (this.#broken) return;
    try {
      if (!this.#notify(this)) this.#broken = true;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      this.#broken = true;
    }
  }

  /** @see drivers/virtio/virtio_ring.c virtqueue_get_buf_ctx_split */
  getBuf(): Completed | undefined {
    if (this.#broken || !this.#moreUsed) return undefined;
    const { id, length } = this.ring.readUsed(this.#lastUsed);
    const pending = this.#pending.get(id);
    if (pending === undefined) return this.#badRing(id);
    const data = collect(this.#kernel, pending.staged, length, this.#area.memory);
    this.#detach(id, pending);
    this.#lastUsed = (this.#lastUsed + 1) & 0xffff;
    if (this.#event && this.#callbacks) this.ring.usedEvent = this.#lastUsed;
    return { token: pending.token, length, data };
  }

  get #moreUsed(): boolean {
    return this.ring.usedIdx !== this.#lastUsed;
  }

  /** @see drivers/virtio/virtio_ring.c BAD_RING */
  #badRing(id: number): undefined {
    const what = id < this.size ? 'is not a head!' : 'out of range';
    this.#kernel.log.err(`${this.name}:id ${String(id)} ${what}`);
    this.#broken = true;
    return undefined;
  }

  #detach(head: number, { chain, staged }: Pending): void {
    this.#pending.delete(head);
    for (let i = chain.length - 1; i >= 0; i -= 1) this.#free.push(chain[i] ?? 0);
    staged.buffer.free();
  }

  /** @see drivers/virtio/virtio_ring.c virtqueue_disable_cb_split */
  disableCb(): void {
    if (!this.#callbacks) return;
    this.#callbacks = false;
    // An event index just behind is reached again only after 65535 entries.
    if (this.#event) this.ring.usedEvent = (this.#lastUsed - 1) & 0xffff;
    else this.ring.availFlags = AVAIL.F_NO_INTERRUPT;
  }

  /** @see drivers/virtio/virtio_ring.c virtqueue_enable_cb_prepare_split, virtqueue_poll_split */
  enableCb(): boolean {
    this.#callbacks = true;
    if (this.#event) this.ring.usedEvent = this.#lastUsed;
    else this.ring.availFlags = 0;
    return this.#broken || !this.#moreUsed;
  }

  /** The lowest head first. @see drivers/virtio/virtio_ring.c virtqueue_detach_unused_buf_split */
  detachUnused(): unknown {
    for (; this.#detachFrom < this.size; this.#detachFrom += 1) {
      const pending = this.#pending.get(this.#detachFrom);
      if (pending === undefined) continue;
      this.#detach(this.#detachFrom, pending);
      this.#availIdx = (this.#availIdx - 1) & 0xffff;
      this.ring.availIdx = this.#availIdx;
      return pending.token;
    }
    return undefined;
  }

  /** @see drivers/virtio/virtio_ring.c __virtqueue_break */
  markBroken(): void {
    this.#broken = true;
  }

  /**
   * For the transport, from its interrupt: calls the driver if there is something for it.
   *
   * @returns was the interrupt this queue's?
   * @see drivers/virtio/virtio_ring.c vring_interrupt
   */
  vqInterrupt(): boolean {
    if (!this.#moreUsed) return false;
    if (!this.#broken && this.#spec.callback !== undefined) {
      const where = (): string => `vring_interrupt: queue ${this.name}`;
      callAtomicVoid(this.#kernel, where, () => this.#spec.callback?.(this));
    }
    return true;
  }

  /**
   * For the transport, when the device has been reset: frees all memory, also that of requests still in the queue. The
   * queue may not be used afterwards.
   *
   * @see drivers/virtio/virtio_ring.c vring_del_virtqueue
   */
  free(): void {
    this.#broken = true;
    for (const [head, pending] of [...this.#pending]) this.#detach(head, pending);
    this.ring.buffer.free();
  }
}

function isQueueSize(size: number): boolean {
  return Number.isInteger(size) && size > 0 && size <= MAX_QUEUE_SIZE && (size & (size - 1)) === 0;
}
