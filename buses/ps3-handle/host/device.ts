import { EAGAIN, EINVAL, EIO, ENOENT, ENOSPC, ErrnoError } from '../../../lib/errno';
import { checkedDeviceId, hex, ModelServer, type DeviceModel, type Guest } from '../../../lib/hypervisor';
import { statusFault } from '../../../lib/hypervisor/virtio-status';
import { FEATURE, featureBit, hasFeature, MAX_QUEUE_SIZE, STATUS } from '../../../lib/virtio/spec';
import type { World } from '../../../lib/world';
import { UsbController } from './native';
import { BUS_ID_SB, DEV_TYPE_SB_USB, DEV_TYPE_VIRTIO, HANDLE_VECTOR, MAX_COMPLETIONS } from '../layout';
import type { RegisterWindow } from '../layout';

/** The guest that has a device open, and its handle. */
interface Holder {
  readonly guest: Guest;
  readonly handle: number;
}

/** A range of guest memory; it is valid. */
export interface Area {
  readonly address: number;
  readonly length: number;
}

/** A request of a guest to a queue. The cookie is the guest's own and is returned with the completion. */
export interface Request {
  readonly queue: number;
  readonly cookie: number;
  readonly readable: readonly Area[];
  readonly writable: readonly Area[];
}

/** A request that is done. */
export interface Completion {
  readonly queue: number;
  readonly cookie: number;
  readonly length: number;
}

/** Events since the guest's last call. */
export interface Events {
  readonly configChanged: boolean;
  readonly completions: readonly Completion[];
  readonly more: boolean;
}

/** The host's callbacks for a device; `guest` has it open. */
export interface HostDeviceEvents {
  /** The model threw. */
  failed(error: unknown, where: string, guest: Guest | null): void;
  /** The model is kept from going on before the world has rested. */
  throttled(what: string, guest: Guest | null): void;
  /** The model refused what the guest wanted. */
  refused(what: string, guest: Guest | null): void;
}

/**
 * The device side of one device of the pool: the virtio state machine, and queues to which requests come one by one.
 * The device model behind it does not know its guest.
 */
export class HostDevice {
  readonly busId = BUS_ID_SB;
  /** VIRTIO device id; 0 for a device that is not a virtio device. */
  readonly classId: number;
  /** As in the repository. */
  readonly devType: number;
  /** Registers that can be mapped; a virtio device has none. */
  readonly windows: readonly RegisterWindow[];
  readonly features: bigint;
  readonly queueSizes: readonly number[];
  readonly #server: ModelServer;
  /** Areas of requests in flight, by queue. */
  readonly #inUse: number[];
  #holder: Holder | null = null;
  #completions: Completion[] = [];
  #configChanged = false;
  /** An interrupt is pending, and the guest has not fetched events since. */
  #interrupted = false;
  #driverFeatures = 0n;
  #status = 0;
  #generation = 0;
  #gone = false;

  /** @throws ErrnoError EINVAL when a queue of the model has no size from 1 to 32768 */
  constructor(
    readonly model: DeviceModel,
    readonly devId: number,
    world: World,
    readonly events: HostDeviceEvents,
  ) {
    this.classId = checkedDeviceId(model);
    this.devType = model instanceof UsbController ? DEV_TYPE_SB_USB : DEV_TYPE_VIRTIO + this.classId;
    this.windows = model instanceof UsbController ? model.windows : [];
    this.queueSizes = model.queueSizes().map((size) => checkedSize(model, size));
    this.#inUse = this.queueSizes.map(() => 0);
    this.features = model.features() | featureBit(FEATURE.VERSION_1);
    this.#server = new ModelServer(model, world, {
      configChanged: () => this.#noteConfigChange(),
      failed: (error, where) => this.#fail(error, where),
      throttled: (what) => events.throttled(what, this.#holder?.guest ?? null),
      refused: (what) => events.refused(what, this.#holder?.guest ?? null),
      memory: () => (this.#holder?.guest.alive === true ? this.#holder.guest.memory : null),
    });
  }

  get name(): string {
    return this.model.name;
  }

  /** True once it was unplugged. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Requests that the model has and did not complete. */
  get inFlight(): number {
    return this.#server.inFlight;
  }

  /** A guest gets the device, in the state after power-on. */
  open(guest: Guest, handle: number): void {
    this.#holder = { guest, handle };
  }

  /** The guest releases it: requests in flight are dropped. */
  close(): void {
    this.reset();
    this.#holder = null;
  }

  /** The device is unplugged: requests in flight are dropped, and the guest that has it open is interrupted. */
  unplug(): void {
    this.reset();
    this.#gone = true;
    this.#holder?.guest.interrupt(HANDLE_VECTOR, BigInt(this.#holder.handle));
  }

  /** Device status field. VIRTIO 1.2 §2.1 */
  get status(): number {
    return this.#status;
  }

  /** @returns undefined, or why the step is not legal. VIRTIO 1.2 §3.1.1 */
  writeStatus(written: number): string | undefined {
    if (written === 0) {
      this.reset();
      return undefined;
    }
    const fault = statusFault(this.#status, written);
    if (fault !== undefined) return `status ${hex(this.#status)} to ${hex(written)}: ${fault}`;
    const asks = (written & ~this.#status & STATUS.FEATURES_OK) !== 0;
    const refused = asks && !this.#acceptsFeatures() ? STATUS.FEATURES_OK | STATUS.DRIVER_OK : 0;
    this.#status = (written & ~refused) | (this.#status & STATUS.DEVICE_NEEDS_RESET);
    return undefined;
  }

  /** @returns undefined, or why they may not be written. VIRTIO 1.2 §2.2 */
  writeFeatures(features: bigint): string | undefined {
    if ((this.#status & STATUS.FEATURES_OK) !== 0) return 'features written after FEATURES_OK';
    this.#driverFeatures = features;
    return undefined;
  }

  /** Counts changes of the configuration. VIRTIO 1.2 §2.5.1 */
  get generation(): number {
    return this.#generation;
  }

  /** A copy of the configuration; none from a model that fails to give it. */
  config(): Uint8Array {
    let bytes = new Uint8Array(0);
    this.#server.guard('config', () => (bytes = this.model.config().slice()));
    return bytes;
  }

  writeConfig(offset: number, bytes: Uint8Array): void {
    this.#server.guard('writeConfig', () => this.model.writeConfig?.(offset, bytes));
  }

  /** Back to the state after power-on; requests in flight never touch the guest again. VIRTIO 1.2 §2.4 */
  reset(): void {
    this.#driverFeatures = 0n;
    this.#completions = [];
    this.#configChanged = false;
    // An interrupt without a handler must not block the notification of the next driver.
    this.#interrupted = false;
    this.#inUse.fill(0);
    this.#server.reset();
    // A model that fails to reset has been logged; a status other than 0 would have the driver wait for ever.
    this.#status = 0;
  }

  /** Why a request may not come now: an error number, or 0. */
  submitFault({ queue, readable, writable }: Request): number {
    const size = this.queueSizes[queue];
    if (size === undefined) return ENOENT;
    if ((this.#status & STATUS.DEVICE_NEEDS_RESET) !== 0) return EIO;
    if ((this.#status & STATUS.DRIVER_OK) === 0) return EAGAIN;
    const areas = readable.length + writable.length;
    if (areas === 0) return EINVAL;
    return (this.#inUse[queue] ?? 0) + areas > size ? ENOSPC : 0;
  }

  /** Hands a request that {@link submitFault} found good to the model. @throws ErrnoError ENXIO from a dead guest */
  submit(request: Request, guest: Guest): void {
    const areas = request.readable.length + request.writable.length;
    const readable = guest.gather(request.readable, this.#who(request.queue));
    this.#inUse[request.queue] = (this.#inUse[request.queue] ?? 0) + areas;
    this.#server.submit(request.queue, {
      readable,
      writable: total(request.writable),
      done: (...written) => {
        this.#inUse[request.queue] = (this.#inUse[request.queue] ?? areas) - areas;
        this.#complete(request, guest, written);
      },
    });
  }

  /** Takes out what the guest has not seen yet; from now on it can be interrupted again. */
  takeEvents(): Events {
    const completions = this.#completions.splice(0, MAX_COMPLETIONS);
    const configChanged = this.#configChanged;
    this.#configChanged = false;
    this.#interrupted = this.#completions.length > 0;
    return { configChanged, completions, more: this.#interrupted };
  }

  #acceptsFeatures(): boolean {
    return (this.#driverFeatures & ~this.features) === 0n && hasFeature(this.#driverFeatures, FEATURE.VERSION_1);
  }

  #complete({ queue, cookie, writable }: Request, guest: Guest, written: readonly Uint8Array[]): void {
    const who = this.#who(queue);
    if (!guest.reaches(writable[0]?.address ?? 0, who)) return;
    this.#completions.push({ queue, cookie, length: guest.scatter(writable, written, who) });
    this.#interrupt();
  }

  #noteConfigChange(): void {
    this.#generation += 1;
    this.#notifyConfig();
  }

  #fail(error: unknown, where: string): void {
    this.events.failed(error, where, this.#holder?.guest ?? null);
    if (this.#gone || this.#holder === null) return;
    this.#status |= STATUS.DEVICE_NEEDS_RESET;
    this.#notifyConfig();
  }

  #notifyConfig(): void {
    if ((this.#status & STATUS.DRIVER_OK) === 0) return;
    this.#configChanged = true;
    this.#interrupt();
  }

  /** One interrupt until the guest has fetched events: later events are returned together. */
  #interrupt(): void {
    if (this.#holder === null || this.#interrupted) return;
    this.#interrupted = true;
    this.#holder.guest.interrupt(HANDLE_VECTOR, BigInt(this.#holder.handle));
  }

  #who(queue: number): string {
    return `device ${this.name}, queue ${String(queue)}`;
  }
}

function total(areas: readonly Area[]): number {
  return areas.reduce((sum, area) => sum + area.length, 0);
}

function checkedSize(model: DeviceModel, size: number): number {
  if (Number.isInteger(size) && size > 0 && size <= MAX_QUEUE_SIZE) return size;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${model.name}: queue size ${String(size)}` });
}
