import { MmioRegisters } from '../../../lib/access/styles/mmio/host';
import { OpenDevice, type HostStyles } from '../../../lib/access/styles/host';
import { EBUSY, EINVAL, ENODEV } from '../../../lib/errno';
import { checkRingSizes, hex, VirtioHostDevice } from '../../../lib/hypervisor';
import type { DeviceModel, Guest, Hypervisor } from '../../../lib/hypervisor';
import type { SlotResources } from './machine';

/** One place for a device in the machine of one guest. */
export abstract class Slot {
  #device: VirtioHostDevice | null = null;

  constructor(
    readonly place: SlotResources,
    readonly guest: Guest,
  ) {}

  get isEmpty(): boolean {
    return this.#device === null;
  }

  /** What is in it. */
  get device(): VirtioHostDevice | null {
    return this.#device;
  }

  /** @throws ErrnoError EINVAL for a model with queues that the place cannot have */
  plug(model: DeviceModel): void {
    this.check(model);
    this.#device = new VirtioHostDevice(model, this.guest.world, this.guest.log);
    this.plugged(this.#device);
  }

  unplug(): void {
    const device = this.#device;
    if (device === null) return;
    this.#device = null;
    this.guest.models.remove(device.model);
    device.unplug();
    this.unplugged();
  }

  protected abstract check(model: DeviceModel): void;
  protected abstract plugged(device: VirtioHostDevice): void;
  protected abstract unplugged(): void;
}

/** A virtio-mmio transport: its registers are there always. VIRTIO 1.2 §4.2 */
export class MmioSlot extends Slot {
  readonly registers: MmioRegisters;

  constructor(place: SlotResources, guest: Guest) {
    super(place, guest);
    this.registers = new MmioRegisters(guest, hex(place.base), () => guest.interrupt(place.vector));
  }

  protected check(model: DeviceModel): void {
    checkRingSizes(model);
  }

  protected plugged(device: VirtioHostDevice): void {
    this.registers.attach(device);
  }

  protected unplugged(): void {
    this.registers.detach();
  }
}

/** A place whose device is accessed in the style with which the guest opens it. */
export class AccessSlot extends Slot {
  readonly #hv: Hypervisor;
  readonly #styles: HostStyles;
  #open: OpenDevice | null = null;

  constructor(place: SlotResources, guest: Guest, hv: Hypervisor, styles: HostStyles) {
    super(place, guest);
    this.#hv = hv;
    this.#styles = styles;
  }

  /** @returns 0; -ENODEV when it is empty, -EBUSY when it is open, -EINVAL for a style that is not offered */
  open(styleName: string): number {
    const { device, guest, place } = this;
    const style = this.#styles.list.find(({ name }) => name === styleName);
    if (device === null) return -ENODEV;
    if (style === undefined) return -EINVAL;
    if (this.#open !== null) return -EBUSY;
    const raise = (): void => guest.interrupt(place.vector);
    const site = { guest, device, handle: place.handle, raise };
    this.#hv.claims.claim(device.model, guest);
    this.#open = new OpenDevice(this.#hv, style, site, { base: place.base, vector: place.vector, value: null });
    return 0;
  }

  /** @returns false when it is not open */
  close(): boolean {
    const open = this.#open;
    this.#open = null;
    open?.close();
    if (this.device !== null) this.#hv.claims.release(this.device.model);
    return open !== null;
  }

  protected check(model: DeviceModel): void {
    this.#styles.check(model);
  }

  protected plugged(): void {
    return undefined;
  }

  override unplug(): void {
    if (this.device !== null) this.#hv.claims.release(this.device.model);
    super.unplug();
  }

  /** What is mapped stays until the guest closes. */
  protected unplugged(): void {
    this.#open?.gone();
  }
}
