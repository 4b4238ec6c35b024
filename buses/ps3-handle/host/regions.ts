import type { Guest, Hypervisor, Mapping } from '../../../lib/hypervisor';
import type { HostDevice } from './device';
import { UsbController } from './native';

/** Where the first window is put: far above any guest's memory. */
const FIRST_ADDRESS = 2 ** 40;

/** Mappings of one device at a time. */
const MAX_MAPPINGS = 64;

interface Mapped {
  readonly guest: Guest;
  readonly mapping: Mapping;
}

/** Windows of registers that guests have mapped. None outlives the guest's hold on the device. */
export class MappedRegions {
  readonly #hv: Hypervisor;
  readonly #mapped = new Map<HostDevice, readonly Mapped[]>();
  #next = FIRST_ADDRESS;

  constructor(hv: Hypervisor) {
    this.#hv = hv;
  }

  /** Has a device as many mappings as it may have? */
  isFull(device: HostDevice): boolean {
    return this.#of(device).length >= MAX_MAPPINGS;
  }

  /** @returns the address for this guest; undefined when the device has no such window */
  map(guest: Guest, device: HostDevice, busAddress: number, length: number): number | undefined {
    const { model, windows } = device;
    const window = windows.find((known) => known.busAddress === busAddress && known.length === length);
    if (window === undefined || !(model instanceof UsbController)) return undefined;
    const mapping = this.#hv.mapMmio(guest, this.#next, length, model.handlers(window), true);
    this.#mapped.set(device, [...this.#of(device), { guest, mapping }]);
    this.#next += length;
    return mapping.base;
  }

  /** False when nothing of this device is mapped there for the guest. */
  unmap(guest: Guest, device: HostDevice, address: number): boolean {
    return this.#drop(device, (one) => one.guest === guest && one.mapping.base === address);
  }

  /** Takes away all that is mapped of a device. */
  unmapAll(device: HostDevice): void {
    this.#drop(device, () => true);
  }

  #of(device: HostDevice): readonly Mapped[] {
    return this.#mapped.get(device) ?? [];
  }

  #drop(device: HostDevice, which: (one: Mapped) => boolean): boolean {
    const all = this.#of(device);
    const left = all.filter((one) => !which(one));
    for (const one of all) if (which(one)) one.mapping.unmap();
    if (left.length > 0) this.#mapped.set(device, left);
    else this.#mapped.delete(device);
    return left.length < all.length;
  }
}
