import { check, ENODEV, ENOENT, errno, errnoName } from '../../../errno';
import {
  checkedResult,
  failed,
  oneNumber,
  type Crossing,
  type HypercallResult,
  type SharedMemory,
} from '../../../hypervisor/port';
import type { AccessStyle } from '../../../virtio/access-style';
import type { Segment } from '../../../virtio/staging';
import type { Virtqueue, VirtqueueSpec } from '../../../virtio/virtqueue';
import { STYLE } from '../../place';
import { HypercallQueue } from '../channel/guest-queue';
import { HEADER, QUEUE, queueAt } from '../header';
import { HeaderTransport } from '../header-transport';
import { FD, FD_NAMES, IOCTL, POLL } from './layout';

/** A device behind a descriptor: its state is read and written at offsets, requests are writev and readv. */
class FdTransport extends HeaderTransport {
  #queues: readonly HypercallQueue[] = [];

  override reset(): void {
    if (!this.gone) this.#tell(FD.IOCTL, IOCTL.RESET);
  }

  transportFeatures(features: bigint): bigint {
    return this.withoutRings(features);
  }

  /** The header, for a process of the guest. @throws ErrnoError EBUSY when it is mapped, ENODEV */
  mmap(): SharedMemory {
    const base = check(oneNumber(this.#call(FD.MMAP)), 'mmap', this.busName);
    return this.port.pages(base, HEADER.BYTES);
  }

  protected load(offset: number, length: number): Uint8Array {
    const { status, values } = this.#call(FD.READ, offset, length);
    const [bytes] = values;
    const isRead = status === 0 && bytes instanceof Uint8Array && bytes.length === length;
    return isRead ? bytes : new Uint8Array(length).fill(0xff);
  }

  protected store(offset: number, bytes: Uint8Array): void {
    this.#tell(FD.WRITE, offset, bytes);
  }

  protected makeQueues(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    this.#queues = specs.map((spec, index) => this.#makeQueue(spec, index));
    return this.#queues;
  }

  protected freeQueues(): void {
    for (const queue of this.#queues) queue.free();
    this.#queues = [];
  }

  #makeQueue(spec: VirtqueueSpec, index: number): HypercallQueue {
    const size = index < this.number(HEADER.QUEUES) ? this.number(queueAt(index) + QUEUE.MAX, 2) : 0;
    if (size === 0) throw this.error(ENOENT, 'find_vqs');
    return new HypercallQueue({
      kernel: this.kernel,
      index,
      size,
      spec,
      submit: (queue, cookie, segments) => this.#submit(queue, cookie, segments),
    });
  }

  #submit(queue: number, cookie: number, segments: readonly Segment[]): number {
    const room = segments.reduce((sum, { write, length }) => sum + (write ? length : 0), 0);
    const pieces = segments.filter(({ write }) => !write).map((one) => this.port.memory.read(one.address, one.length));
    return this.#call(FD.WRITEV, queue, cookie, room, ...pieces).status;
  }

  protected interrupt(): void {
    const { status, values } = this.#call(FD.POLL);
    const events = Number(values[0] ?? 0);
    if (status !== 0 || (events & POLL.HUP) !== 0) {
      if (status !== 0 && status !== -ENODEV) this.report(`poll failed: ${errnoName(status)}`);
      for (const queue of this.#queues) queue.markBroken();
      this.notifyGone();
      return;
    }
    for (let i = 1; i < values.length; i += 3) this.#finish(values.slice(i, i + 3).map(Number));
    if ((events & POLL.PRI) !== 0) this.notifyConfig();
    for (const queue of this.#queues) queue.notify();
  }

  /** Reads the bytes of a request that is done; what the host says is not trusted. */
  #finish([queue = -1, cookie = 0, length = 0]: readonly number[]): void {
    const vq = this.#queues[queue];
    if (vq === undefined) {
      this.report(`poll tells of queue ${String(queue)}, which there is not`);
      return;
    }
    if (length > 0 && !this.#read(queue, cookie, vq.segmentsOf(cookie))) {
      this.report(`${vq.name}: request ${String(cookie)} cannot be read`);
      vq.markBroken();
      return;
    }
    vq.complete(cookie, length);
  }

  /** @returns false when the host does not give what it should */
  #read(queue: number, cookie: number, segments: readonly Segment[]): boolean {
    const areas = segments.filter(({ write }) => write);
    const { status, values } = this.#call(FD.READV, queue, cookie, ...areas.map(({ length }) => length));
    if (status !== 0) return false;
    return areas.every(({ address, length }, i) => {
      const bytes = values[i];
      if (!(bytes instanceof Uint8Array) || bytes.length > length) return false;
      this.port.memory.write(address, bytes);
      return true;
    });
  }

  /** What a device that is gone is told is lost, as with registers. */
  #tell(nr: number, ...args: readonly Crossing[]): void {
    const { status } = this.#call(nr, ...args);
    if (status !== -ENODEV) check(status, FD_NAMES[nr] ?? '', this.busName);
  }

  /** The descriptor of a device that is gone is closed, and may be another one's by now. */
  #call(nr: number, ...args: readonly Crossing[]): HypercallResult {
    if (this.gone) return failed(ENODEV);
    const result = checkedResult(this.port.hypercall(nr, [this.place.handle, ...args]));
    return result.status === -errno.EBADF ? failed(ENODEV) : result;
  }
}

/** Style (d) of the mail. */
export const fdStyle: AccessStyle = {
  name: 'fd',
  code: STYLE.FD,
  transport: (site) => new FdTransport(site),
};
