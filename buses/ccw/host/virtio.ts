import { VECTOR, viewOf } from '../layout';
import { packSenseId } from '../layout/ccw';
import {
  unpackAddress,
  unpackLegacyVqInfo,
  unpackThinint,
  unpackVqInfo,
  VIRTIO_BYTES,
  VIRTIO_CMD,
  VIRTIO_CU_MODEL_MAX,
  VIRTIO_CU_TYPE,
  VIRTIO_REVISION_MAX,
  type Thinint,
} from '../layout/virtio';
import { FEATURE, featureBit, STATUS } from '../../../lib/virtio/spec';
import {
  VirtioBackend,
  type BackendEvents,
  type BackendQueue,
  type DeviceModel,
  type Guest,
} from '../../../lib/hypervisor';
import type { CommandData } from './data';
import { ControlUnit, ENDED } from './unit';

/** Callbacks of a virtio device to its subchannel. */
export interface VirtioUnitOwner {
  /** An unsolicited interruption: the guest reads the indicators. */
  alert(): void;
  /** The driver takes the device: it is going online. */
  claimed(): void;
  /** It is nobody's again. */
  released(): void;
}

/** Invalid commands end with a command reject: the driver gets an error and the device does not change. */
const REJECT = null;

/**
 * The control unit of a virtio device: its channel commands, its indicators, its notifications. VIRTIO 1.2 §4.3
 */
export class VirtioUnit extends ControlUnit {
  readonly senseId: Uint8Array;
  readonly backend: VirtioBackend;
  readonly #guest: Guest;
  readonly #owner: VirtioUnitOwner;
  readonly #maxRevision: number;
  /** Of the transport; null until the driver has chosen one. §4.3.2.1 */
  #revision: number | null = null;
  #indicator = 0;
  #configIndicator = 0;
  #thinint: Thinint | null = null;

  /**
   * @param maxRevision the highest revision of the transport; 0: the legacy interface only
   * @throws ErrnoError EINVAL when the model's queue sizes or its device id cannot be
   */
  constructor(model: DeviceModel, guest: Guest, owner: VirtioUnitOwner, maxRevision = VIRTIO_REVISION_MAX) {
    super();
    this.#maxRevision = maxRevision;
    this.#guest = guest;
    this.#owner = owner;
    const events: BackendEvents = {
      interrupt: (kind, queue) => (kind === 'queue' ? this.#interruptQueue(queue ?? 0) : this.#interruptConfig()),
    };
    this.backend = new VirtioBackend(model, guest, events, VIRTIO_CU_MODEL_MAX);
    this.senseId = packSenseId({ cuType: VIRTIO_CU_TYPE, cuModel: model.deviceId, devType: 0, devModel: 0 });
  }

  /** Has its driver taken it? */
  get isOnline(): boolean {
    return this.#revision !== null;
  }

  /** The driver notifies by DIAGNOSE. @returns the cookie, or undefined when there is no such queue */
  notify(queue: number, cookie: number): number | undefined {
    const found = this.backend.queues[queue];
    if (found === undefined) return undefined;
    found.notify();
    return cookie;
  }

  /** A revision does not outlive its subchannel's being enabled. §4.3.2.1.1 */
  override disabled(): void {
    if (this.#revision !== null) this.#owner.released();
    this.#revision = null;
  }

  override operate(code: number, data: CommandData): number {
    if (code === VIRTIO_CMD.SET_VIRTIO_REV) return this.#status(this.#setRevision(data));
    if (this.#revision === null) return this.reject();
    return this.#status(this.#command(code, data));
  }

  #status(result: true | null): number {
    return result === REJECT ? this.reject() : ENDED;
  }

  #command(code: number, data: CommandData): true | null {
    switch (code) {
      case VIRTIO_CMD.READ_FEAT:
        return this.#readFeatures(data);
      case VIRTIO_CMD.WRITE_FEAT:
        return this.#writeFeatures(data);
      case VIRTIO_CMD.READ_CONF:
        return this.#readConfig(data);
      case VIRTIO_CMD.WRITE_CONF:
        return this.#writeConfig(data);
      case VIRTIO_CMD.READ_STATUS:
        return this.#readStatus(data);
      case VIRTIO_CMD.WRITE_STATUS:
        return this.#writeStatus(data);
      case VIRTIO_CMD.VDEV_RESET:
        return this.#reset();
      case VIRTIO_CMD.READ_VQ_CONF:
        return this.#readQueue(data);
      case VIRTIO_CMD.SET_VQ:
        return this.#setQueue(data);
      case VIRTIO_CMD.SET_IND:
        return this.#setIndicator(data);
      case VIRTIO_CMD.SET_CONF_IND:
        return this.#setConfigIndicator(data);
      case VIRTIO_CMD.SET_IND_ADAPTER:
        return this.#setThinint(data);
      default:
        return REJECT;
    }
  }

  /** §4.3.2.1 */
  #setRevision(data: CommandData): true | null {
    const bytes = exactly(data, VIRTIO_BYTES.REV_INFO);
    if (bytes === null || this.#revision !== null) return REJECT;
    const wanted = viewOf(bytes).getUint16(0);
    const length = viewOf(bytes).getUint16(2);
    if (wanted > this.#maxRevision || length !== 0) return REJECT;
    this.#revision = wanted;
    this.#owner.claimed();
    return true;
  }

  /** The driver says which half and reads it, in one structure. §4.3.2.4 */
  #readFeatures(data: CommandData): true | null {
    const bytes = data.peek(VIRTIO_BYTES.FEATURE_DESC);
    if (bytes.length < VIRTIO_BYTES.FEATURE_DESC) return REJECT;
    const half = bytes[4] ?? 0;
    const { deviceFeatures } = this.backend;
    const word = half > (this.#isLegacy ? 0 : 1) ? 0n : (deviceFeatures >> BigInt(32 * half)) & 0xffff_ffffn;
    viewOf(bytes).setUint32(0, Number(word), true);
    data.give(bytes);
    return true;
  }

  #writeFeatures(data: CommandData): true | null {
    const bytes = exactly(data, VIRTIO_BYTES.FEATURE_DESC);
    if (bytes === null) return REJECT;
    const half = bytes[4] ?? 0;
    const value = BigInt(viewOf(bytes).getUint32(0, true));
    if (half > 1) return value === 0n ? true : REJECT;
    const { driverFeatures } = this.backend;
    const shift = BigInt(32 * half);
    this.backend.driverFeatures = (driverFeatures & ~(0xffff_ffffn << shift)) | (value << shift);
    return true;
  }

  #readConfig(data: CommandData): true {
    data.give(this.backend.readConfig(0, this.#configLength()), false);
    return true;
  }

  #writeConfig(data: CommandData): true {
    this.backend.writeConfig(0, data.take(this.#configLength(), false));
    return true;
  }

  /** A model that throws is reported when its configuration is read. */
  #configLength(): number {
    try {
      return this.backend.model.config().length;
    } catch {
      return 1;
    }
  }

  /** Came with revision 2. §4.3.2.1 */
  #readStatus(data: CommandData): true | null {
    if (this.#revision !== VIRTIO_REVISION_MAX) return REJECT;
    data.give(Uint8Array.of(this.backend.status));
    return true;
  }

  #writeStatus(data: CommandData): true | null {
    const bytes = exactly(data, VIRTIO_BYTES.STATUS);
    if (bytes === null) return REJECT;
    const status = bytes[0] ?? 0;
    if (this.#isLegacy && (status & STATUS.DRIVER_OK) !== 0) this.#acceptLegacy();
    this.backend.status = status === 0 ? 0 : status | (this.#isLegacy ? this.backend.status & STATUS.FEATURES_OK : 0);
    return true;
  }

  get #isLegacy(): boolean {
    return this.#revision === 0;
  }

  /**
   * What is behind the transport is always modern: for a legacy driver, which does not confirm features, the transport
   * does that when the queues are set up. Numbers in memory are little endian all the same.
   */
  #acceptLegacy(): void {
    const { backend } = this;
    const asked = STATUS.DRIVER | STATUS.FEATURES_OK | STATUS.DRIVER_OK;
    if ((backend.status & asked) !== STATUS.DRIVER) return;
    backend.driverFeatures |= featureBit(FEATURE.VERSION_1);
    backend.status |= STATUS.FEATURES_OK;
  }

  /** Indicators stay where they are until the driver says otherwise. */
  #reset(): true {
    this.backend.reset();
    return true;
  }

  #readQueue(data: CommandData): true | null {
    const bytes = data.peek(VIRTIO_BYTES.VQ_CONFIG);
    if (bytes.length < VIRTIO_BYTES.VQ_CONFIG) return REJECT;
    const index = viewOf(bytes).getUint16(0);
    viewOf(bytes).setUint16(2, this.backend.queues[index]?.maxSize ?? 0);
    data.give(bytes);
    return true;
  }

  #setQueue(data: CommandData): true | null {
    const bytes = exactly(data, this.#isLegacy ? VIRTIO_BYTES.VQ_INFO_LEGACY : VIRTIO_BYTES.VQ_INFO);
    if (bytes === null) return REJECT;
    const { index, size, desc, driver, device } = this.#isLegacy ? unpackLegacyVqInfo(bytes) : unpackVqInfo(bytes);
    if (this.#isLegacy) this.#acceptLegacy();
    const queue = this.backend.queues[index];
    if (queue === undefined) return REJECT;
    queue.ready = false;
    if (size === 0) return true;
    Object.assign(queue, { size, desc, driver, device });
    queue.ready = true;
    return isReady(queue) ? true : REJECT;
  }

  #setIndicator(data: CommandData): true | null {
    const address = this.#address(data);
    if (address === null) return REJECT;
    this.#indicator = address;
    this.#thinint = null;
    return true;
  }

  #setConfigIndicator(data: CommandData): true | null {
    const address = this.#address(data);
    if (address === null) return REJECT;
    this.#configIndicator = address;
    return true;
  }

  #address(data: CommandData): number | null {
    const bytes = exactly(data, VIRTIO_BYTES.INDICATOR);
    if (bytes === null) return null;
    const address = unpackAddress(bytes);
    return this.#guest.memory.contains(address, 8) ? address : null;
  }

  /** Indicator 0 takes them back. §4.3.2.6.3 */
  #setThinint(data: CommandData): true | null {
    const bytes = exactly(data, VIRTIO_BYTES.THININT);
    if (bytes === null) return REJECT;
    const area = unpackThinint(bytes);
    const bits = area.bit + this.backend.queues.length;
    if (!Number.isSafeInteger(bits) || area.isc > 7) return REJECT;
    const { memory } = this.#guest;
    if (!memory.contains(area.indicator, Math.ceil(bits / 8)) || !memory.contains(area.summary, 1)) return REJECT;
    this.#thinint = area.indicator === 0 ? null : area;
    this.#indicator = 0;
    return true;
  }

  /** Two stages if the driver set them, else a bit in the word and an interruption of the subchannel. §4.3.3.2 */
  #interruptQueue(queue: number): void {
    if (this.#thinint !== null) this.#interruptAdapter(this.#thinint, queue);
    else if (this.#indicator !== 0) this.#setWordBit(this.#indicator, queue);
  }

  #interruptConfig(): void {
    if (this.#configIndicator !== 0) this.#setWordBit(this.#configIndicator, 0);
  }

  /** If the summary indicator is set already, the guest will read the indicators anyway. */
  #interruptAdapter({ indicator, bit, summary, isc }: Thinint, queue: number): void {
    const { memory } = this.#guest;
    const number = bit + queue;
    const at = indicator + Math.floor(number / 8);
    memory.setU8(at, memory.getU8(at) | (0x80 >> (number % 8)));
    const before = memory.getU8(summary);
    memory.setU8(summary, before | 1);
    if (before === 0) this.#guest.interrupt(VECTOR.THIN, BigInt(isc));
  }

  /** Bit 0 is the lowest of a big-endian 64-bit word. */
  #setWordBit(address: number, bit: number): void {
    if (bit > 63 || !this.#guest.reaches(address, `device ${this.backend.model.name}, indicators`)) return;
    const { memory } = this.#guest;
    const at = address + 7 - Math.floor(bit / 8);
    memory.setU8(at, memory.getU8(at) | (1 << (bit % 8)));
    this.#owner.alert();
  }
}

/** Setting it to ready may have been refused. */
function isReady(queue: BackendQueue): boolean {
  return queue.ready;
}

/** All that a command needs, or null when the program has less. */
function exactly(data: CommandData, length: number): Uint8Array | null {
  const bytes = data.take(length);
  return bytes.length < length ? null : bytes;
}
