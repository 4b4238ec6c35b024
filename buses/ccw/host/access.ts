import { OpenDevice, type HostStyles } from '../../../lib/access/styles/host';
import { VirtioHostDevice, type DeviceModel, type Guest, type Hypervisor } from '../../../lib/hypervisor';
import { VECTOR } from '../layout';
import { ACCESS_CMD, ACCESS_CU_TYPE, packPlace, PLACE_BYTES } from '../layout/access';
import { packSenseId } from '../layout/ccw';
import { VIRTIO_CU_MODEL_MAX } from '../layout/virtio';
import type { CommandData } from './data';
import { ControlUnit, ENDED } from './unit';

/** Windows: above all memory. */
const FIRST_WINDOW = 2 ** 45;
const WINDOW_STRIDE = 2 ** 24;
/** Handles are numbers of devices and this. */
const FIRST_HANDLE = 0x10_0000;

/** The control unit of a device that is accessed in one of several styles. */
export class AccessUnit extends ControlUnit {
  readonly senseId: Uint8Array;
  readonly device: VirtioHostDevice;
  readonly #hv: Hypervisor;
  readonly #guest: Guest;
  readonly #styles: HostStyles;
  readonly #number: number;
  #open: OpenDevice | null = null;

  /**
   * @param number of this device, unique in the guest
   * @throws ErrnoError EINVAL for queues that a style cannot have, or a device id that cannot be represented
   */
  constructor(model: DeviceModel, guest: Guest, hv: Hypervisor, styles: HostStyles, number: number) {
    super();
    styles.check(model);
    this.device = new VirtioHostDevice(model, hv.world, hv.log, VIRTIO_CU_MODEL_MAX);
    this.senseId = packSenseId({ cuType: ACCESS_CU_TYPE, cuModel: this.device.deviceId, devType: 0, devModel: 0 });
    this.#hv = hv;
    this.#guest = guest;
    this.#styles = styles;
    this.#number = number;
  }

  /** A device of a subchannel that is disabled is nobody's. */
  override disabled(): void {
    this.#close();
  }

  override operate(code: number, data: CommandData): number {
    if (code === ACCESS_CMD.CLOSE) {
      this.#close();
      return ENDED;
    }
    return code === ACCESS_CMD.READ_PLACE ? this.#readPlace(data) : this.reject();
  }

  /** It leaves the machine. */
  unplug(): void {
    this.#guest.models.remove(this.device.model);
    this.device.unplug();
    this.#open?.gone();
    this.#close();
  }

  #readPlace(data: CommandData): number {
    const bytes = data.peek(PLACE_BYTES);
    const style = [...bytes.subarray(0, 4)].map((code) => this.#styles.get(code)).find((one) => one !== undefined);
    if (bytes.length < PLACE_BYTES || style === undefined || this.#open !== null) return this.reject();
    const guest = this.#guest;
    const raise = (): void => guest.interrupt(VECTOR.ACCESS, BigInt(this.#number));
    const site = { guest, device: this.device, handle: FIRST_HANDLE + this.#number, raise };
    const base = FIRST_WINDOW + WINDOW_STRIDE * this.#number;
    this.#hv.claims.claim(this.device.model, guest);
    this.#open = new OpenDevice(this.#hv, style, site, { base, vector: VECTOR.ACCESS, value: this.#number });
    data.give(packPlace(style.code, this.#open.words));
    return ENDED;
  }

  #close(): void {
    if (this.#open === null) return;
    this.#open.close();
    this.#open = null;
    this.#hv.claims.release(this.device.model);
  }
}
