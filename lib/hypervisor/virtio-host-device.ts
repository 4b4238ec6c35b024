import { EAGAIN, EFAULT, EINVAL, EIO, ENODEV, ENOENT, ErrnoError } from '../errno';
import { FEATURE, STATUS, featureBit, hasFeature } from '../virtio/spec';
import type { World } from '../world/index';
import type { CallLog } from './call-log';
import type { DeviceModel } from './device-model';
import type { Guest } from './guest';
import { hex } from './memory';
import { ModelServer, type Submission } from './model-server';
import { statusFault } from './virtio-status';

/** Who uses a device, and how it is notified: the host half of a transport. */
export interface DeviceUser {
  readonly guest: Guest;
  /** Feature bits of the way in which requests travel: those of rings, or none. */
  readonly features: bigint;
  /** The driver is to be interrupted: for used buffers of `queue`, or for a change of configuration or status. */
  interrupt(kind: 'queue' | 'config', queue?: number): void;
  /** Configuration or status are others, whether the driver is to be interrupted or not. Default: it will look. */
  changed?(): void;
  /** The device was reset: queues, and what is pending for the driver, are forgotten. */
  cleared(): void;
}

/**
 * The device side of virtio without its queues: status, features, configuration, and the model. There is one for each
 * plugged device, whoever uses it and through whatever transport; without a {@link DeviceUser} nobody does.
 *
 * Whatever a driver does here, nothing is ever thrown: a refusal is logged and changes nothing.
 */
export class VirtioHostDevice {
  /** VIRTIO 1.2 §5; fixed when it is plugged. */
  readonly deviceId: number;
  /** Largest sizes of its queues; fixed when it is plugged. */
  readonly queueSizes: readonly number[];
  readonly #modelFeatures: bigint;
  readonly #log: CallLog;
  readonly #server: ModelServer;
  #user: DeviceUser | null = null;
  #driverFeatures = 0n;
  #status = 0;
  #generation = 0;
  #gone = false;

  /**
   * @param lastId the highest device id that the bus can represent
   * @throws ErrnoError EINVAL for a device id that cannot be represented
   */
  constructor(
    readonly model: DeviceModel,
    world: World,
    log: CallLog,
    lastId?: number,
  ) {
    this.#log = log;
    this.deviceId = checkedDeviceId(model, lastId);
    this.queueSizes = model.queueSizes();
    this.#modelFeatures = model.features() | featureBit(FEATURE.VERSION_1);
    this.#server = new ModelServer(model, world, {
      configChanged: () => this.#configChanged(),
      failed: (error, where) => this.#modelFailed(error, where),
      throttled: (what) => log.warn(this.#guestName, `device ${model.name}: ${what}; the rest waits`),
      refused: (what) => this.refuse(what),
      memory: () => (this.#user?.guest.alive === true ? this.#user.guest.memory : null),
    });
  }

  /** Who uses it; null: nobody. */
  get user(): DeviceUser | null {
    return this.#user;
  }

  /** True once it was unplugged. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Requests that the model has and did not complete. */
  get inFlight(): number {
    return this.#server.inFlight;
  }

  /** A guest begins to use the device, which is in the state after power-on. */
  attach(user: DeviceUser): void {
    this.#user = user;
  }

  /** Nobody uses it from now on; requests in flight are dropped. */
  detach(): void {
    if (!this.#gone) this.reset();
    this.#user = null;
  }

  /** What the device offers. */
  get deviceFeatures(): bigint {
    return this.#modelFeatures | (this.#user?.features ?? 0n);
  }

  /** Device status field. VIRTIO 1.2 §2.1 */
  get status(): number {
    return this.#status;
  }

  set status(written: number) {
    this.writeStatus(written);
  }

  /**
   * The driver writes the status: 0 resets; an illegal step is refused; FEATURES_OK stays clear when the device does
   * not accept the features (§3.1.1 step 6).
   *
   * @returns false for an illegal step
   */
  writeStatus(written: number): boolean {
    if (this.#gone) return true;
    if (written === 0) {
      this.reset();
      return true;
    }
    const fault = statusFault(this.#status, written);
    if (fault === undefined) this.#setStatus(written);
    else this.refuse(`status ${hex(this.#status)} to ${hex(written)}: ${fault}`);
    return fault === undefined;
  }

  get driverFeatures(): bigint {
    return this.#driverFeatures;
  }

  set driverFeatures(features: bigint) {
    this.writeFeatures(features);
  }

  /** The driver's choice. VIRTIO 1.2 §2.2 @returns false after FEATURES_OK, when it is refused */
  writeFeatures(features: bigint): boolean {
    const isLate = (this.#status & STATUS.FEATURES_OK) !== 0;
    if (isLate) this.refuse('features written after FEATURES_OK');
    else this.#driverFeatures = features;
    return !isLate;
  }

  /** Counts changes of the configuration; a transport shows as many bits as it has. VIRTIO 1.2 §2.5.1 */
  get configGeneration(): number {
    return this.#generation;
  }

  /** A copy of the configuration; none from a model that fails to give it. */
  config(): Uint8Array {
    let bytes = new Uint8Array(0);
    this.#server.guard('config', () => (bytes = this.model.config().slice()));
    return bytes;
  }

  /** Configuration as registers show it: all ones behind its end. */
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

  /** Is the driver ready for its requests? */
  get isRunning(): boolean {
    return (this.#status & (STATUS.DRIVER_OK | STATUS.DEVICE_NEEDS_RESET)) === STATUS.DRIVER_OK;
  }

  /** Why queues may not be set up now; undefined when they may. VIRTIO 1.2 §3.1.1 */
  get setupFault(): string | undefined {
    if (this.#gone) return 'after the device was unplugged';
    return (this.#status & STATUS.FEATURES_OK) === 0 ? 'before FEATURES_OK' : undefined;
  }

  /** Why a request may not come to a queue now: ENODEV, ENOENT, EIO, EAGAIN before DRIVER_OK, or 0. */
  submitFault(queue: number): number {
    if (this.#gone) return ENODEV;
    if (this.queueSizes[queue] === undefined) return ENOENT;
    if ((this.#status & STATUS.DEVICE_NEEDS_RESET) !== 0) return EIO;
    return (this.#status & STATUS.DRIVER_OK) === 0 ? EAGAIN : 0;
  }

  /** Hands a request to the model. */
  submit(queue: number, submission: Submission): void {
    this.#server.submit(queue, submission);
  }

  /** Back to the state after power-on; requests in flight are dropped and never touch the guest again. §2.4 */
  reset(): void {
    this.#status = 0;
    this.#driverFeatures = 0n;
    this.#user?.cleared();
    this.#server.reset();
    // A model that fails to reset has been logged; a status other than 0 would have the driver wait for ever.
    this.#status = 0;
  }

  /** The device is broken until the driver resets it: no new request is taken. VIRTIO 1.2 §2.1.1 */
  needsReset(): void {
    if ((this.#status & STATUS.DEVICE_NEEDS_RESET) !== 0) return;
    this.#status |= STATUS.DEVICE_NEEDS_RESET;
    this.#changed();
  }

  /** The device leaves the machine: as {@link reset}, and nothing wakes it again. Safe to call twice. */
  unplug(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.reset();
  }

  /** Keeps in the hypervisor's log that the driver wanted what cannot be. @param no error number, default EINVAL */
  refuse(what: string, no = EINVAL): void {
    this.#log.refuse(this.#guestName, `device ${this.model.name}: ${what}`, -no);
  }

  /** The driver's requests cannot be understood any more. */
  badRequest(what: string): void {
    this.refuse(`${what}; needs a reset`, EFAULT);
    this.needsReset();
  }

  get #guestName(): string | null {
    return this.#user?.guest.name ?? null;
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

  #modelFailed(error: unknown, where: string): void {
    this.#log.fail(this.#guestName, `device ${this.model.name}: ${where} threw`, error);
    if (!this.#gone && this.#user !== null) this.needsReset();
  }

  #configChanged(): void {
    this.#generation += 1;
    this.#changed();
  }

  #changed(): void {
    this.#user?.changed?.();
    if (!this.#gone && (this.#status & STATUS.DRIVER_OK) !== 0) this.#user?.interrupt('config');
  }
}

/** @throws ErrnoError EINVAL for a device id that cannot be represented */
function checkedDeviceId({ name, deviceId }: DeviceModel, lastId = 0xffff_ffff): number {
  if (Number.isInteger(deviceId) && deviceId >= 0 && deviceId <= lastId) return deviceId;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${name}: device id ${String(deviceId)}` });
}
