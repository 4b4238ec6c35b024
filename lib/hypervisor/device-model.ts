/**
 * A device of the hypervisor: one class with an id, a configuration and queue handlers. It is independent of bus, rings
 * and guest; the same model works behind every transport.
 */
import type { MayNotSleep } from '../may-sleep';
import type { PairEnd } from './pair-end';

/** One request: a chain of buffers, seen as bytes. */
export interface DeviceRequest {
  /** What the driver sent, a copy. */
  readonly readable: Uint8Array;
  /** How many bytes the device may write. */
  readonly writable: number;
  /**
   * Ends the request: `written` and `more` (at most `writable` bytes together, default none) go to the start of the
   * writable buffers, one behind the other. They are copied before this returns. After a reset or an unplug it does
   * nothing.
   *
   * @throws Error when called twice, or with more bytes than `writable`; a model need not catch it
   */
  complete(written?: Uint8Array, more?: Uint8Array): void;
}

/** What the hypervisor gives a model. */
export interface DeviceHost {
  /** World time in ns. */
  readonly now: number;
  /** Has `fire` called when `ns` of world time have passed, unless the device is reset or unplugged before. */
  after(ns: number, fire: () => MayNotSleep): void;
  /** The configuration has changed: the driver gets a configuration interrupt. VIRTIO 1.2 §2.5 */
  configChanged(): void;
  /**
   * Takes a page of 4 KiB from the guest that has the device: its content is gone, and it takes no memory of the host
   * until the guest writes to it.
   *
   * @param page guest-physical address divided by 4096
   * @returns false when the guest has no such page, or no guest has the device
   */
  discardPage(page: number): boolean;
  /** Keeps in the hypervisor's log that the driver wanted what cannot be. */
  refuse(what: string): void;
}

/**
 * A device model. A model that throws, or gives a promise, breaks only itself: its request is completed with no bytes,
 * the device needs a reset, and the error is in the hypervisor's log.
 */
export abstract class DeviceModel {
  /** VIRTIO 1.2 §5 */
  abstract readonly deviceId: number;
  /** Host-side name, e.g. `disk0`; unique in one hypervisor. */
  abstract readonly name: string;
  /** For a device some of whose queues lead to another guest's device. */
  readonly pair?: PairEnd;
  /** Requests completed since the model was made; kept by what serves it. */
  served = 0;

  /** Feature bits of this device type; bits 24 and up belong to the transport. */
  features(): bigint {
    return 0n;
  }

  /** Largest size of each queue, powers of two. */
  abstract queueSizes(): readonly number[];

  /** Device-specific configuration as the driver reads it, little endian. */
  config(): Uint8Array {
    return new Uint8Array(0);
  }

  /** The driver wrote to the configuration; default: ignored. */
  writeConfig?(offset: number, bytes: Uint8Array): MayNotSleep;

  /** Serves one request; it may be completed at once or later. */
  abstract handle(queue: number, request: DeviceRequest, host: DeviceHost): MayNotSleep;

  /** The model was plugged into a machine; for models that act on their own. */
  attach?(host: DeviceHost): MayNotSleep;

  /** Back to the state after power-on; requests in flight are gone already. */
  reset?(): MayNotSleep;
}
