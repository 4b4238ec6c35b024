import type { MayNotSleep } from '../may-sleep';

/** What a driver hands to a queue in one piece. */
export interface Buffers {
  /** Bytes for the device to read, in order. */
  readonly out?: readonly Uint8Array[];
  /**
   * The areas for the device to write, in order; they come after the bytes to read. Given by length, each is new bytes
   * when it is done; given as bytes, what the device wrote is copied into them then, and not before.
   */
  readonly in?: readonly (number | Uint8Array)[];
}

/** What a device has done with one piece. */
export interface Completed {
  /** The driver's token of the buffer. */
  readonly token: unknown;
  /** The number of bytes that the device reports as written. */
  readonly length: number;
  /** The areas to write, as far as they were written. */
  readonly data: readonly Uint8Array[];
}

/**
 * A queue of one device, as drivers see it: buffers in, completions out. A driver cannot see whether it uses rings in
 * memory, hypercalls or something else. May not sleep.
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
  /** Notifies the device of new buffers, unless it has disabled that. False when it is broken. @see virtqueue_kick */
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

/** A queue that a driver requests. Without a callback there are no notifications. */
export interface VirtqueueSpec {
  readonly name: string;
  /** Called from an interrupt: may not sleep. */
  callback?(vq: Virtqueue): MayNotSleep;
}
