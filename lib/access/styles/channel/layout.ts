/**
 * What both ends of a channel know: access style (b) of the mail. A hypercall with a handle, a command code, and data
 * areas in guest memory. Statuses are 0 or negative error numbers.
 */

/** A hypercall that carries commands. */
export interface ChannelCall {
  readonly nr: number;
  /** For logs. */
  readonly name: string;
}

/** (handle, command, ...) -> see {@link COMMAND}; EBADF for a handle that the guest does not have, ENODEV when gone */
export const CHANNEL_CALL: ChannelCall = Object.freeze({ nr: 0x6000, name: 'channel_command' });

/** Commands: arguments behind handle and command -> values. */
export const COMMAND = Object.freeze({
  /** () -> [status]. VIRTIO 1.2 §2.1 */
  GET_STATUS: 1,
  /** (status) -> []; 0 resets; EINVAL for a step that is not legal */
  SET_STATUS: 2,
  /** () -> [features, 64 bits] */
  GET_FEATURES: 3,
  /** (features) -> []; EINVAL after FEATURES_OK */
  SET_FEATURES: 4,
  /** (offset, length, address) -> [generation], the bytes are at the address; EINVAL beyond the end, EFAULT */
  GET_CONFIG: 5,
  /** (offset, length, address) -> []; EINVAL beyond the end, EFAULT */
  SET_CONFIG: 6,
  /** (queue) -> [size]; ENOENT */
  QUEUE_INFO: 7,
  /**
   * (queue, cookie, number of areas to read, address, length, ...) -> []; the areas to write follow those to read.
   * EAGAIN before DRIVER_OK, EIO when the device needs a reset, ENOSPC when the queue is full, ENOENT without such a
   * queue, EFAULT for an area outside memory.
   */
  SUBMIT: 8,
  /** () -> [events, then queue, cookie, bytes written for each completion]. @see EVENT */
  COMPLETIONS: 9,
  /** () -> [VIRTIO device id] */
  IDENTIFY: 10,
});

/** First value of {@link COMMAND.COMPLETIONS}. */
export const EVENT = Object.freeze({
  /** The configuration or the status has changed. */
  CONFIG: 1,
  /** There are more completions: call again. */
  MORE: 2,
});

/** Maximum number of completions of one call. */
export const MAX_COMPLETIONS = 64;

/** Areas that one request has at most. */
export const MAX_AREAS = 1024;
