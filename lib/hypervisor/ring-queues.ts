import { ErrnoError } from '../errno';
import { FEATURE, featureBit, hasFeature } from '../virtio/spec';
import { isFault, type Chain, type ChainFault } from './chain';
import type { DeviceModel } from './device-model';
import { totalLength, type MemoryArea } from './guest';
import { hex, type GuestMemory } from './memory';
import { checkServed } from './pair-end';
import { isQueueSize, type RingFeatures, type SplitRing } from './split-ring';
import type { VirtioHostDevice } from './virtio-host-device';
import { BackendQueue, type QueueOwner } from './virtio-queue';

/** What a device with rings offers. */
export const RING_FEATURES = featureBit(FEATURE.RING_INDIRECT_DESC) | featureBit(FEATURE.RING_EVENT_IDX);

/** Memory in which rings and data of a device lie: that of a {@link Guest}, or pages that it shares with its device. */
export interface RingMemorySpace {
  readonly memory: GuestMemory;
  /** May a device still touch it? When not, that is logged. */
  reaches(address: number, who: string): boolean;
  /** @throws ErrnoError EFAULT outside, ENXIO when the guest was destroyed */
  gather(areas: readonly MemoryArea[], who: string): Uint8Array;
  /** @returns how many bytes there were @throws ErrnoError as {@link gather} */
  scatter(areas: readonly MemoryArea[], pieces: readonly Uint8Array[], who: string): number;
}

/** The queues of a device as split rings in memory. A queue that is broken makes the device need a reset. */
export class RingQueues {
  readonly queues: readonly BackendQueue[];
  readonly #device: VirtioHostDevice;
  readonly #space: RingMemorySpace;
  readonly #interrupt: (queue: number) => void;
  /** Of the queues, for refusals. */
  readonly #names: string[] = [];

  /** @param device its model was found good by {@link checkRingSizes} */
  constructor(device: VirtioHostDevice, space: RingMemorySpace, interrupt: (queue: number) => void) {
    this.#device = device;
    this.#space = space;
    this.#interrupt = interrupt;
    this.queues = device.queueSizes.map((size, i) => new BackendQueue(i, size, this.#owner()));
  }

  /** Back to the state after power-on. */
  reset(): void {
    for (const queue of this.queues) queue.reset();
  }

  #owner(): QueueOwner {
    return {
      memory: this.#space.memory,
      setupFault: () => this.#device.setupFault,
      ringFeatures: () => this.#ringFeatures(),
      badQueue: (queue, reason) => this.#badQueue(queue, { reason, descriptor: null, address: queue.desc }),
      refused: (what) => this.#device.refuse(what),
      notified: (queue) => this.#notified(queue),
    };
  }

  #ringFeatures(): RingFeatures {
    const { driverFeatures } = this.#device;
    return {
      indirect: hasFeature(driverFeatures, FEATURE.RING_INDIRECT_DESC),
      eventIdx: hasFeature(driverFeatures, FEATURE.RING_EVENT_IDX),
    };
  }

  /** Takes what is available now, so that the work of one notification has an end whatever the driver writes. */
  #notified(queue: BackendQueue): void {
    const { ring } = queue;
    const device = this.#device;
    const goesOn = (): boolean => queue.ring === ring && device.isRunning;
    if (ring === null || !goesOn() || !this.#space.reaches(queue.driver, this.#who(queue))) return;
    const pending = ring.pending();
    if (isFault(pending)) {
      this.#badQueue(queue, pending);
      return;
    }
    for (let i = 0; i < pending && goesOn(); i += 1) this.#takeOne(queue, ring);
    if (queue.ring === ring) ring.armNotification();
  }

  #takeOne(queue: BackendQueue, ring: SplitRing): void {
    const chain = ring.pop();
    if (isFault(chain)) {
      this.#badQueue(queue, chain);
      return;
    }
    this.#device.submit(queue.index, {
      readable: this.#space.gather(chain.readable, this.#who(queue)),
      writable: totalLength(chain.writable),
      done: (...written) => this.#complete(queue, ring, chain, written),
    });
  }

  /** VIRTIO 1.2 §2.7.8: buffers first, then the used ring, then the interrupt. */
  #complete(queue: BackendQueue, ring: SplitRing, chain: Chain, written: readonly Uint8Array[]): void {
    if (queue.ring !== ring || !this.#space.reaches(queue.device, this.#who(queue))) return;
    const length = this.#space.scatter(chain.writable, written, this.#who(queue));
    if (ring.push(chain.head, length)) this.#interrupt(queue.index);
  }

  #badQueue(queue: BackendQueue, { reason, descriptor, address }: ChainFault): void {
    const where = descriptor === null ? '' : `, descriptor ${String(descriptor)}`;
    this.#device.badRequest(`queue ${String(queue.index)}${where}, address ${hex(address)}: ${reason}`);
  }

  #who(queue: BackendQueue): string {
    return (this.#names[queue.index] ??= `device ${this.#device.model.name}, queue ${String(queue.index)}`);
  }
}

/**
 * @returns the model
 * @throws ErrnoError EINVAL when its queue sizes are not powers of two up to 32768, and for an end of a pair
 */
export function checkRingSizes(model: DeviceModel): DeviceModel {
  checkServed(model);
  return checkPowersOfTwo(model);
}

/** {@link checkRingSizes} where ends of pairs are carried too. */
export function checkPowersOfTwo(model: DeviceModel): DeviceModel {
  const bad = model.queueSizes().find((size) => !isQueueSize(size));
  if (bad === undefined) return model;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${model.name}: queue size ${String(bad)}` });
}
