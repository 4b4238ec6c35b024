import { ENODEV } from '../../errno';
import { littleEndian } from '../../hypervisor/port';
import { checkConfigRange } from '../../virtio/config-field';
import { NO_STATUS, VIRTIO_PCI_VENDOR } from '../../virtio/spec';
import type { VirtioId } from '../../virtio/virtio-device';
import { HEADER, MAX_CONFIG } from './header';
import { PlacedTransport } from './placed-transport';

/** What mapped and fd have in common: a device whose state is a header that is loaded and stored. */
export abstract class HeaderTransport extends PlacedTransport {
  #events = 0;

  /** Bytes of the header; all ones when there is none. */
  protected abstract load(offset: number, length: number): Uint8Array;
  /** Writes bytes of the header, and has the device act on them. */
  protected abstract store(offset: number, bytes: Uint8Array): void;

  identify(): VirtioId | number {
    if (this.number(HEADER.MAGIC) !== HEADER.MAGIC_VALUE || this.#isGone(this.number(HEADER.EVENTS))) return -ENODEV;
    return { device: this.number(HEADER.DEVICE_ID), vendor: VIRTIO_PCI_VENDOR };
  }

  /** @throws ErrnoError EINVAL behind the end of the configuration */
  getConfig(offset: number, length: number): Uint8Array {
    this.#checkConfig(offset, length, 'get_config');
    const bytes = this.load(HEADER.CONFIG + offset, length);
    this.port.countCopy(length);
    return bytes;
  }

  /** @throws ErrnoError EINVAL behind the end of the configuration */
  setConfig(offset: number, bytes: Uint8Array): void {
    this.#checkConfig(offset, bytes.length, 'set_config');
    this.port.countCopy(bytes.length);
    if (!this.gone) this.store(HEADER.CONFIG + offset, bytes);
  }

  generation(): number {
    return this.number(HEADER.GENERATION);
  }

  getStatus(): number {
    return this.gone ? 0 : this.number(HEADER.STATUS) & NO_STATUS;
  }

  setStatus(status: number): void {
    if (!this.gone) this.store(HEADER.STATUS, bytesOf(status));
  }

  getFeatures(): bigint {
    return BigInt(this.number(HEADER.DEVICE_FEATURES)) | (BigInt(this.number(HEADER.DEVICE_FEATURES + 4)) << 32n);
  }

  protected writeFeatures(features: bigint): number {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, features, true);
    if (!this.gone) this.store(HEADER.DRIVER_FEATURES, bytes);
    return 0;
  }

  protected number(offset: number, width: 2 | 4 = 4): number {
    return littleEndian(this.load(offset, width), 0, width);
  }

  /** Looks what has happened. @returns false when the device is gone, which is notified then */
  protected fetchEvents(): boolean {
    const events = this.number(HEADER.EVENTS);
    if (this.#isGone(events)) {
      this.notifyGone();
      return false;
    }
    if (events !== this.#events) this.notifyConfig();
    this.#events = events;
    return true;
  }

  #isGone(events: number): boolean {
    return (events & HEADER.GONE) !== 0;
  }

  #checkConfig(offset: number, length: number, syscall: string): void {
    checkConfigRange(offset, length, Math.min(MAX_CONFIG, this.number(HEADER.CONFIG_BYTES)), {
      syscall,
      path: this.busName,
    });
  }
}

export function bytesOf(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}
