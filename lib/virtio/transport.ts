import type { MayNotSleep, MaySleep } from '../may-sleep';
import type { VirtioDevice } from './virtio-device';

/** What a driver hands to a queue in one piece. */
export interface Buffers {
  /** Bytes for the device to read, in order. */
  readonly out?: readonly Uint8Array[];
  /** Lengths of the areas for the device to write, in order; they come after the bytes to read. */
  readonly in?: readonly number[];
}

/** What a device has done with one piece. */
export interface Completed {
  /** What the driver gave along with the buffers. */
  readonly token: unknown;
  /** Bytes that the device says it has written. */
  readonly length: number;
  /** The areas to write, as far as they were written. */
  readonly data: readonly Uint8Array[];
}

/**
 * A queue of one device, as drivers see it: buffers in, completions out. Whether there are rings in memory, hypercalls
 * or something else behind it, a driver cannot tell. May not sleep.
 *
 * @see drivers/virtio/virtio_ring.c struct virtqueue
 */
export interface Virtqueue {
  readonly index: number;
  readonly name: string;
  /** Pieces of buffers that it can hold. */
  readonly size: number;
  readonly numFree: number;
  /** The device is gone or misbehaves: nothing is taken any more. */
  readonly broken: boolean;
  /**
   * Puts buffers in; the device sees them at the next {@link kick}.
   *
   * @returns 0; -ENOSPC when it is full; -EIO when it is broken
   * @see virtqueue_add_sgs
   */
  add(buffers: Buffers, token: unknown): number;
  /** Tells the device of new buffers, if it wants to know. False when it is broken. @see virtqueue_kick */
  kick(): boolean;
  /** The next piece that the device is done with. @see virtqueue_get_buf */
  getBuf(): Completed | undefined;
  /** Asks for no more callbacks; some may still come. @see virtqueue_disable_cb */
  disableCb(): void;
  /** Asks for callbacks again. False when buffers came meanwhile: look again. @see virtqueue_enable_cb */
  enableCb(): boolean;
  /** Takes out a piece that the device has not used, after a reset: its token; undefined when there is none. */
  detachUnused(): unknown;
  /** Nothing is taken any more. @see __virtqueue_break */
  markBroken(): void;
}

/** A queue that a driver asks for. Without a callback it is never told. */
export interface VirtqueueSpec {
  readonly name: string;
  /** Called from an interrupt: may not sleep. */
  callback?(vq: Virtqueue): MayNotSleep;
}

/**
 * How a virtio device is reached over one bus: what a transport driver gives to the virtio bus.
 *
 * All may sleep, for on some buses each of them is an I/O operation.
 *
 * @see include/linux/virtio_config.h struct virtio_config_ops
 */
export interface VirtioTransport {
  /** Name of the device below, for messages. @see bus_name */
  readonly busName: string;
  /** Told once, before all else, which device this transport carries, for virtioConfigChanged. */
  attach?(dev: VirtioDevice): MayNotSleep;
  /**
   * One field of the device's configuration: a number of 1, 2, 4 or 8 bytes, which is accessed as such, or an array of
   * bytes.
   *
   * @throws ErrnoError EINVAL beyond its end
   */
  getConfig(offset: number, length: number): MaySleep<Uint8Array>;
  setConfig(offset: number, bytes: Uint8Array): MaySleep<void>;
  /** Changes whenever the configuration has changed. */
  generation(): MaySleep<number>;
  getStatus(): MaySleep<number>;
  /** Never 0: that is {@link reset}. */
  setStatus(status: number): MaySleep<void>;
  /** Returns when the device has forgotten all: status is 0, no queue is in use. */
  reset(): MaySleep<void>;
  getFeatures(): MaySleep<bigint>;
  /**
   * Takes out the features from bit 28 on that this transport or its queues cannot do; other bits stay. Called before
   * {@link finalizeFeatures}. Default: keeps what a split queue in memory can do.
   *
   * @see drivers/virtio/virtio_ring.c vring_transport_features
   */
  transportFeatures?(features: bigint): bigint;
  /** Tells the device what was agreed on. @returns 0; -EINVAL without VERSION_1 where the transport needs it */
  finalizeFeatures(features: bigint): MaySleep<number>;
  /**
   * Makes the queues, all or none.
   *
   * @throws ErrnoError ENOENT when the device has no such queue, ENOMEM, EBUSY
   */
  findVqs(specs: readonly VirtqueueSpec[]): MaySleep<readonly Virtqueue[]>;
  /** Gives up all queues; the device was reset before. */
  delVqs(): MaySleep<void>;
  /** Returns when no callback runs any more. */
  synchronizeCbs(): MaySleep<void>;
}
