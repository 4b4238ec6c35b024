import { EFAULT, EINVAL, ErrnoError } from '../errno';
import { FEATURE, STATUS, featureBit, hasFeature } from '../virtio/spec';
import { isFault, type Chain, type ChainFault } from './chain';
import type { DeviceModel } from './device-model';
import { totalLength, type Guest } from './guest';
import { hex } from './memory';
import { ModelServer } from './model-server';
import { isQueueSize, type RingFeatures, type SplitRing } from './split-ring';
import { BackendQueue, type QueueOwner } from './virtio-queue';
import { statusFault } from './virtio-status';

/** What a transport's host half gets to know. */
export interface BackendEvents {
  /** The driver is to be interrupted: for used buffers of `queue`, or for a change of configuration or status. */
  interrupt(kind: 'queue' | 'config', queue?: number): void;
}

const TRANSPORT_FEATURES =
  featureBit(FEATURE.VERSION_1) | featureBit(FEATURE.RING_INDIRECT_DESC) | featureBit(FEATURE.RING_EVENT_IDX);

/**
 * The device side of virtio, the same behind every transport: status, features, configuration, queues. Whatever a
 * driver does here, nothing is ever thrown: a refusal is logged and changes nothing, a queue that is broken makes the
 * device need a reset.
 */
export class VirtioBackend {
  readonly queues: readonly BackendQueue[];
  /** VIRTIO 1.2 §5; fixed when it is plugged. */
  readonly deviceId: number;
  /** What the device offers; fixed when it is plugged. */
  readonly deviceFeatures: bigint;
  readonly #events: BackendEvents;
  readonly #server: ModelServer;
  /** Of the queues, for refusals. */
  readonly #names: string[] = [];
  #driverFeatures = 0n;
  #status = 0;
  #generation = 0;
  #gone = false;

  /**
   * @param lastId the highest device id that the transport can represent
   * @throws ErrnoError EINVAL when the model's queue sizes are not powers of two up to 32768, or for a device id that
   *   cannot be represented
   */
  constructor(
    readonly model: DeviceModel,
    readonly guest: Guest,
    events: BackendEvents,
    lastId?: number,
  ) {
    this.#events = events;
    this.deviceId = checkedDeviceId(model, lastId);
    this.deviceFeatures = model.features() | TRANSPORT_FEATURES;
    this.queues = model.queueSizes().map((size, i) => new BackendQueue(i, checkedSize(model, size), this.#owner()));
    this.#server = new ModelServer(model, guest.world, {
      configChanged: () => this.#configChanged(),
      failed: (error, where) => this.#modelFailed(error, where),
      throttled: (what) => guest.log.warn(guest.name, `device ${model.name}: ${what}; the rest waits`),
      refused: (what) => this.#refuse(what),
      memory: () => (guest.alive ? guest.memory : null),
    });
  }

  /** Requests that the model has and did not complete. */
  get inFlight(): number {
    return this.#server.inFlight;
  }

  /** Device status field. VIRTIO 1.2 §2.1 */
  get status(): number {
    return this.#status;
  }

  /**
   * The driver writes the status: 0 resets; an illegal step is refused; FEATURES_OK stays clear when the device does
   * not accept the features (§3.1.1 step 6).
   */
  set status(written: number) {
    if (this.#gone) return;
    if (written === 0) {
      this.reset();
      return;
    }
    const fault = statusFault(this.#status, written);
    if (fault !== undefined) this.#refuse(`status ${hex(this.#status)} to ${hex(written)}: ${fault}`);
    else this.#setStatus(written);
  }

  get driverFeatures(): bigint {
    return this.#driverFeatures;
  }

  /** The driver's choice; refused after FEATURES_OK. VIRTIO 1.2 §2.2 */
  set driverFeatures(features: bigint) {
    if ((this.#status & STATUS.FEATURES_OK) !== 0) this.#refuse('features written after FEATURES_OK');
    else this.#driverFeatures = features;
  }

  /** Counts changes of the configuration; a transport shows as many bits as it has. VIRTIO 1.2 §2.5.1 */
  get configGeneration(): number {
    return this.#generation;
  }

  /** Configuration as the driver reads it; all ones behind its end. */
  readConfig(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length).fill(0xff);
    this.#server.guard('config', () => bytes.set(this.model.config().subarray(offset, offset + length)));
    return bytes;
  }

  /** The driver writes configuration; bytes beyond its end are dropped. */
  writeConfig(offset: number, bytes: Uint8Array): void {
    this.#server.guard('writeConfig', () => {
      const room = this.model.config().length - offset;
      if (room > 0) this.model.writeConfig?.(offset, bytes.slice(0, room));
    });
  }

  /** Back to the state after power-on; requests in flight are dropped and never touch the guest again. §2.4 */
  reset(): void {
    this.#clear();
    this.#server.reset();
    // A model that fails to reset has been logged; a status other than 0 would have the driver wait for ever.
    this.#status = 0;
  }

  /** The device is broken until the driver resets it: no new request is taken. VIRTIO 1.2 §2.1.1 */
  needsReset(): void {
    if ((this.#status & STATUS.DEVICE_NEEDS_RESET) !== 0) return;
    this.#status |= STATUS.DEVICE_NEEDS_RESET;
    this.#interruptConfig();
  }

  /** The device leaves the machine: as {@link reset}, and nothing wakes it again. Safe to call twice. */
  unplug(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.guest.models.remove(this.model);
    this.#clear();
    this.#server.reset();
    this.#status = 0;
  }

  #clear(): void {
    this.#status = 0;
    this.#driverFeatures = 0n;
    for (const queue of this.queues) queue.reset();
  }

  #setStatus(written: number): void {
    const asks = (written & ~this.#status & STATUS.FEATURES_OK) !== 0;
    const refused = asks && !this.#acceptsFeatures();
    // What stands on FEATURES_OK falls with it when both were written at once.
    const taken = refused ? written & ~(STATUS.FEATURES_OK | STATUS.DRIVER_OK) : written;
    this.#status = taken | (this.#status & STATUS.DEVICE_NEEDS_RESET);
  }

  #acceptsFeatures(): boolean {
    const unknown = this.#driverFeatures & ~this.deviceFeatures;
    return unknown === 0n && hasFeature(this.#driverFeatures, FEATURE.VERSION_1);
  }

  #owner(): QueueOwner {
    return {
      memory: this.guest.memory,
      setupFault: () => this.#setupFault(),
      ringFeatures: () => this.#ringFeatures(),
      badQueue: (queue, reason) => this.#badQueue(queue, { reason, descriptor: null, address: queue.desc }),
      refused: (what) => this.#refuse(what),
      notified: (queue) => this.#notified(queue),
    };
  }

  #setupFault(): string | undefined {
    if (this.#gone) return 'after the device was unplugged';
    return (this.#status & STATUS.FEATURES_OK) === 0 ? 'before FEATURES_OK' : undefined;
  }

  #ringFeatures(): RingFeatures {
    return {
      indirect: hasFeature(this.#driverFeatures, FEATURE.RING_INDIRECT_DESC),
      eventIdx: hasFeature(this.#driverFeatures, FEATURE.RING_EVENT_IDX),
    };
  }

  #isRunning(): boolean {
    return (this.#status & (STATUS.DRIVER_OK | STATUS.DEVICE_NEEDS_RESET)) === STATUS.DRIVER_OK;
  }

  /** Takes what is available now, so that the work of one notification has an end whatever the driver writes. */
  #notified(queue: BackendQueue): void {
    const { ring } = queue;
    if (ring === null || !this.#isRunning() || !this.guest.reaches(queue.driver, this.#who(queue))) return;
    const pending = ring.pending();
    if (isFault(pending)) {
      this.#badQueue(queue, pending);
      return;
    }
    for (let i = 0; i < pending && queue.ring === ring && this.#isRunning(); i += 1) this.#takeOne(queue, ring);
    if (queue.ring === ring) ring.armNotification();
  }

  #takeOne(queue: BackendQueue, ring: SplitRing): void {
    const chain = ring.pop();
    if (isFault(chain)) {
      this.#badQueue(queue, chain);
      return;
    }
    this.#server.submit(queue.index, {
      readable: this.guest.gather(chain.readable, this.#who(queue)),
      writable: totalLength(chain.writable),
      done: (...written) => this.#complete(queue, ring, chain, written),
    });
  }

  /** VIRTIO 1.2 §2.7.8: buffers first, then the used ring, then the interrupt. */
  #complete(queue: BackendQueue, ring: SplitRing, chain: Chain, written: readonly Uint8Array[]): void {
    if (queue.ring !== ring || !this.guest.reaches(queue.device, this.#who(queue))) return;
    const length = this.guest.scatter(chain.writable, written, this.#who(queue));
    if (ring.push(chain.head, length)) this.#events.interrupt('queue', queue.index);
  }

  #badQueue(queue: BackendQueue, { reason, descriptor, address }: ChainFault): void {
    const where = descriptor === null ? '' : `, descriptor ${String(descriptor)}`;
    this.#refuse(`queue ${String(queue.index)}${where}, address ${hex(address)}: ${reason}; needs a reset`, EFAULT);
    this.needsReset();
  }

  #modelFailed(error: unknown, where: string): void {
    this.guest.log.fail(this.guest.name, `device ${this.model.name}: ${where} threw`, error);
    if (!this.#gone) this.needsReset();
  }

  #configChanged(): void {
    this.#generation += 1;
    this.#interruptConfig();
  }

  #interruptConfig(): void {
    if (!this.#gone && (this.#status & STATUS.DRIVER_OK) !== 0) this.#events.interrupt('config');
  }

  #refuse(what: string, no = EINVAL): void {
    this.guest.log.refuse(this.guest.name, `device ${this.model.name}: ${what}`, -no);
  }

  #who(queue: BackendQueue): string {
    return (this.#names[queue.index] ??= `device ${this.model.name}, queue ${String(queue.index)}`);
  }
}

function checkedSize(model: DeviceModel, size: number): number {
  if (isQueueSize(size)) return size;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${model.name}: queue size ${String(size)}` });
}

/** @throws ErrnoError EINVAL for a device id that cannot be represented */
export function checkedDeviceId({ name, deviceId }: DeviceModel, lastId = 0xffff_ffff): number {
  if (Number.isInteger(deviceId) && deviceId >= 0 && deviceId <= lastId) return deviceId;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${name}: device id ${String(deviceId)}` });
}
