import type { Endpoint, HostStyles } from '../../../lib/access/styles/host';
import { VirtioHostDevice, type DeviceModel, type Guest, type Hypervisor } from '../../../lib/hypervisor';
import type { Width } from '../../../lib/hypervisor/port';
import { ACCESS, CAP, HEADER, PCI, STATUS_CAP_LIST, VIRTIO_PCI } from '../layout';
import { PciFunction, type BarSpec } from './function';

/** What a machine says of a function. */
export interface AccessOptions {
  /** In the styles that have handles; unique in its guest. */
  readonly handle: number;
  /** Are there others in its slot? */
  readonly multifunction: boolean;
}

/** A function whose device is accessed in the style that the guest selects. */
export class AccessFunction extends PciFunction {
  readonly #hv: Hypervisor;
  readonly #guest: Guest;
  readonly #styles: HostStyles;
  readonly #device: VirtioHostDevice;
  readonly #handle: number;
  #open: Endpoint | null = null;

  /**
   * @throws ErrnoError EINVAL for queues that a style cannot have, or a device id that cannot be represented
   */
  constructor(
    model: DeviceModel,
    guest: Guest,
    hv: Hypervisor,
    styles: HostStyles,
    { handle, multifunction }: AccessOptions,
  ) {
    styles.check(model);
    const device = new VirtioHostDevice(model, hv.world, hv.log, ACCESS.LAST_ID);
    // Asked after construction only.
    const late: { fn: AccessFunction | null } = { fn: null };
    const { windowSize } = styles;
    const window: BarSpec = {
      index: ACCESS.WINDOW_BAR,
      size: 2 ** Math.ceil(Math.log2(windowSize)),
      kind: 'mem64',
      prefetchable: true,
      window: () => late.fn?.openWindow ?? null,
    };
    const messages = { count: 1, cap: ACCESS.MSIX_CAP, bar: ACCESS.MSIX_BAR };
    const config = configSpace(device, styles, handle);
    if (multifunction) config[PCI.HEADER_TYPE] = HEADER.MULTIFUNCTION;
    super({ config, bars: windowSize > 0 ? [window] : [], messages });
    late.fn = this;
    this.#hv = hv;
    this.#guest = guest;
    this.#styles = styles;
    this.#device = device;
    this.#handle = handle;
  }

  /** What is behind the base register now. */
  get openWindow(): Endpoint['window'] {
    return this.#open?.window ?? null;
  }

  override writeConfig(offset: number, width: Width, value: number): void {
    super.writeConfig(offset, width, value);
    if (offset === ACCESS.CAP + ACCESS.SELECT && width === 1) this.#select(value);
  }

  override reset(): void {
    this.#close();
    super.reset();
  }

  override detach(): void {
    this.#device.unplug();
    this.#open?.gone();
    super.detach();
    this.#close();
    this.#guest.models.remove(this.#device.model);
  }

  /** A style that is not offered closes the device. */
  #select(code: number): void {
    this.#close();
    const style = this.#styles.get(code);
    if (style !== undefined && !this.#device.gone) {
      const { model } = this.#device;
      this.#hv.claims.claim(model, this.#guest);
      const raise = (): void => this.sendMessage(0);
      this.#open = style.open({ guest: this.#guest, device: this.#device, handle: this.#handle, raise });
    } else if (code !== 0) this.#device.refuse(`there is no style ${String(code)}`);
    this.setNumber(ACCESS.CAP + ACCESS.SELECT, 1, this.#open === null ? 0 : code);
    this.decodeAgain();
  }

  #close(): void {
    if (this.#open === null) return;
    this.#open.close();
    this.#open = null;
    this.forgetMessages();
    this.#hv.claims.release(this.#device.model);
  }
}

/** Header and capability at power-on. */
function configSpace(device: VirtioHostDevice, styles: HostStyles, handle: number): Uint8Array {
  const bytes = new Uint8Array(PCI.CFG_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(PCI.VENDOR_ID, ACCESS.VENDOR, true);
  view.setUint16(PCI.DEVICE_ID, ACCESS.FIRST_DEVICE + device.deviceId, true);
  view.setUint16(PCI.STATUS, STATUS_CAP_LIST, true);
  // Revision 1, no class that others know.
  view.setUint32(PCI.REVISION, 0x00ff_0001, true);
  view.setUint16(PCI.SUBSYSTEM_VENDOR_ID, ACCESS.VENDOR, true);
  view.setUint16(PCI.SUBSYSTEM_ID, VIRTIO_PCI.SUBSYSTEM, true);
  bytes[PCI.CAPABILITY_LIST] = ACCESS.CAP;
  bytes[ACCESS.CAP] = CAP.VENDOR;
  bytes[ACCESS.CAP + ACCESS.LENGTH] = ACCESS.BYTES;
  bytes[ACCESS.CAP + ACCESS.OFFERED] = styles.mask;
  view.setUint32(ACCESS.CAP + ACCESS.HANDLE, handle, true);
  return bytes;
}
