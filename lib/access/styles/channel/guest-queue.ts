import { callAtomicVoid } from '../../../base/guard';
import type { Kernel } from '../../../base/kernel';
import { EAGAIN, EINVAL, EIO, ENOSPC, errnoName, errnoOf } from '../../../errno';
import { collect, segmentCount, stage, type Segment, type Staged } from '../../../virtio/staging';
import type { Buffers, Completed, Virtqueue, VirtqueueSpec } from '../../../virtio/virtqueue';

/** What a transport knows of a queue before it exists. */
export interface HypercallQueueInit {
  readonly kernel: Kernel;
  readonly index: number;
  readonly size: number;
  readonly spec: VirtqueueSpec;
  /** Hands a request to the device. @returns 0 or a negative errno; -EAGAIN while the device does not work yet */
  submit(queue: number, cookie: number, segments: readonly Segment[]): number;
}

interface Entry {
  readonly cookie: number;
  readonly token: unknown;
  readonly staged: Staged;
}

/**
 * A queue without rings: each request is a call of its own, made by kick, and completions are fetched by a
 * hypercall when the device interrupts. The data lies in guest memory. The device's results are never trusted.
 */
export class HypercallQueue implements Virtqueue {
  readonly index: number;
  readonly name: string;
  readonly size: number;
  readonly #kernel: Kernel;
  readonly #spec: VirtqueueSpec;
  readonly #submit: HypercallQueueInit['submit'];
  /** Added, and not yet with the device. */
  readonly #waiting: Entry[] = [];
  readonly #flying = new Map<number, Entry>();
  readonly #done: { readonly entry: Entry; readonly length: number }[] = [];
  #numFree: number;
  #broken = false;
  #callbacks = true;
  #lastCookie = 0;

  constructor(init: HypercallQueueInit) {
    this.index = init.index;
    this.name = init.spec.name;
    this.size = init.size;
    this.#kernel = init.kernel;
    this.#spec = init.spec;
    this.#submit = (queue, cookie, segments) => init.submit(queue, cookie, segments);
    this.#numFree = init.size;
  }

  get numFree(): number {
    return this.#numFree;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** {@link Virtqueue.add}; also -EINVAL when there is nothing in it, -ENOMEM when it does not fit into memory. */
  add(buffers: Buffers, token: unknown): number {
    if (this.#broken) return -EIO;
    const pieces = segmentCount(buffers);
    if (pieces === 0) return -EINVAL;
    if (pieces > this.#numFree) return -ENOSPC;
    try {
      const staged = stage(this.#kernel, buffers, false, `queue ${this.name}`);
      this.#lastCookie += 1;
      this.#waiting.push({ cookie: this.#lastCookie, token, staged });
      this.#numFree -= pieces;
      return 0;
    } catch (error) {
      const no = errnoOf(error);
      if (no === undefined) throw error;
      return no;
    }
  }

  /** What the device does not take yet stays for the next kick. A device that refuses breaks the queue. */
  kick(): boolean {
    for (let entry = this.#waiting[0]; entry !== undefined && !this.#broken; entry = this.#waiting[0]) {
      const status = this.#submit(this.index, entry.cookie, entry.staged.segments);
      if (status === -EAGAIN) return true;
      if (status !== 0) this.#break(`request ${String(entry.cookie)} was refused: ${errnoName(status)}`);
      else {
        this.#flying.set(entry.cookie, entry);
        this.#waiting.shift();
      }
    }
    return !this.#broken;
  }

  #break(why: string): void {
    this.#kernel.log.err(`${this.name}: ${why}`);
    this.#broken = true;
  }

  getBuf(): Completed | undefined {
    const next = this.#broken ? undefined : this.#done.shift();
    if (next === undefined) return undefined;
    const { entry, length } = next;
    const data = collect(this.#kernel, entry.staged, length);
    this.#release(entry);
    return { token: entry.token, length, data };
  }

  disableCb(): void {
    this.#callbacks = false;
  }

  enableCb(): boolean {
    this.#callbacks = true;
    return this.#broken || this.#done.length === 0;
  }

  /** Oldest first. */
  detachUnused(): unknown {
    const [oldest] = this.#flying.values();
    const entry = this.#done.shift()?.entry ?? oldest ?? this.#waiting.shift();
    if (entry === undefined) return undefined;
    this.#flying.delete(entry.cookie);
    this.#release(entry);
    return entry.token;
  }

  markBroken(): void {
    this.#broken = true;
  }

  /**
   * For the transport: the device has completed a request. An invalid completion breaks the queue.
   *
   * @returns whether the completion is valid
   */
  complete(cookie: number, length: number): boolean {
    const entry = this.#flying.get(cookie);
    if (entry === undefined || !Number.isSafeInteger(length) || length < 0 || length > room(entry)) {
      const wrong = entry === undefined ? 'is not with the device' : `has no room for ${String(length)} bytes`;
      this.#break(`completed request ${String(cookie)} ${wrong}`);
      return false;
    }
    this.#flying.delete(cookie);
    this.#done.push({ entry, length });
    return true;
  }

  /** For the transport: the memory of a request that the device has; none of another one. */
  segmentsOf(cookie: number): readonly Segment[] {
    return this.#flying.get(cookie)?.staged.segments ?? [];
  }

  /** For the transport, after completions: calls the driver, also to let it see that the queue broke. */
  notify(): void {
    if (!this.#broken && !(this.#callbacks && this.#done.length > 0)) return;
    callAtomicVoid(
      this.#kernel,
      () => `notify: queue ${this.name}`,
      () => this.#spec.callback?.(this),
    );
  }

  /** For the transport, when the device has been reset: frees all memory. The queue may not be used afterwards. */
  free(): void {
    this.#broken = true;
    const isEmpty = (): boolean => this.#done.length + this.#flying.size + this.#waiting.length === 0;
    while (!isEmpty()) this.detachUnused();
  }

  #release({ staged }: Entry): void {
    staged.buffer.free();
    this.#numFree += staged.segments.length;
  }
}

function room({ staged }: Entry): number {
  return staged.areas.reduce((sum, area) => sum + area.length, 0);
}
