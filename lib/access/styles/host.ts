/** The host halves of the styles of access, as a bus's host half uses them. */
import { EINVAL, ErrnoError } from '../../errno';
import type { DeviceModel, Guest, GuestMemory, Hypervisor, Mapping, MmioHandlers } from '../../hypervisor';
import type { VirtioHostDevice } from '../../hypervisor';
import { encodePlace, styleMask, type Place } from '../place';

/** What is to be in the guest's address space; where is the bus's matter. */
export type Window =
  { readonly size: number; readonly handlers: MmioHandlers } | { readonly size: number; readonly pages: GuestMemory };

/** One use of a device by one guest. */
export interface HostSite {
  readonly guest: Guest;
  /** Nobody uses it. */
  readonly device: VirtioHostDevice;
  /**
   * The name of the device where a style has handles. The bus chooses it, for firmware is written before there is a
   * device; unique in this guest and this style.
   */
  readonly handle: number;
  /** Interrupts the guest with the vector and value of the place. With MSI-X the guest chooses the vector. */
  raise(): void;
}

/** A device as a guest reaches it, until it is closed. */
export interface Endpoint {
  /** Null for a style that needs none. */
  readonly window: Window | null;
  /** The guest gives it up, or the host takes it back: the device is reset, and nobody uses it. */
  close(): void;
  /** The device has left the machine; the guest is notified as far as the style can. {@link close} comes later. */
  gone(): void;
}

/** The host half of a style: one in a hypervisor, with its hypercalls and tables. */
export interface HostStyle {
  readonly name: string;
  readonly code: number;
  /** Bytes of the window of each device, known before there is one; 0: none. */
  readonly windowSize: number;
  /** @throws ErrnoError EINVAL for a model with queues that the style cannot have */
  check(model: DeviceModel): void;
  open(site: HostSite): Endpoint;
}

/** The styles of one hypervisor that a bus offers. */
export class HostStyles {
  readonly #styles: ReadonlyMap<number, HostStyle>;

  /** @param styles the best-known first */
  constructor(styles: readonly HostStyle[]) {
    this.#styles = new Map(styles.map((style) => [style.code, style]));
  }

  get list(): readonly HostStyle[] {
    return [...this.#styles.values()];
  }

  /** As bits. */
  get mask(): number {
    return styleMask(this.#styles.keys());
  }

  /** Largest window of any of them. */
  get windowSize(): number {
    return Math.max(0, ...this.list.map(({ windowSize }) => windowSize));
  }

  get(code: number): HostStyle | undefined {
    return this.#styles.get(code);
  }

  /** The first of a guest's wishes that is offered. @throws ErrnoError EINVAL when none is */
  choose(codes: readonly number[]): HostStyle {
    const code = codes.find((wanted) => this.#styles.has(wanted));
    const style = code === undefined ? undefined : this.#styles.get(code);
    if (style !== undefined) return style;
    const path = `styles ${codes.join(', ')}; offered: ${this.list.map(({ name }) => name).join(', ')}`;
    throw new ErrnoError(EINVAL, { syscall: 'open_device', path });
  }

  /** @throws ErrnoError EINVAL for a model that one of the styles cannot carry */
  check(model: DeviceModel): void {
    for (const style of this.list) style.check(model);
  }
}

/** A device that a guest has open, with its window in the guest's address space. */
export class OpenDevice {
  readonly place: Place;
  readonly #endpoint: Endpoint;
  readonly #mapping: Mapping | null;
  #closed = false;

  /**
   * @param where what of the place is the bus's choice
   * @throws ErrnoError EBUSY when the window's addresses are taken, and what the style throws; nothing is kept then
   */
  constructor(hv: Hypervisor, style: HostStyle, site: HostSite, where: Pick<Place, 'base' | 'vector' | 'value'>) {
    this.#endpoint = style.open(site);
    try {
      this.#mapping = mapWindow(hv, site.guest, where.base, this.#endpoint.window);
    } catch (error) {
      this.#endpoint.close();
      throw error;
    }
    const { base, size } = this.#mapping ?? { base: 0, size: 0 };
    this.place = { ...where, base, size, handle: site.handle };
  }

  get words(): readonly number[] {
    return encodePlace(this.place);
  }

  /** See {@link Endpoint.close}. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mapping?.unmap();
    this.#endpoint.close();
  }

  /** See {@link Endpoint.gone}. */
  gone(): void {
    if (!this.#closed) this.#endpoint.gone();
  }
}

/** Puts a window into a guest's address space. @throws ErrnoError as Hypervisor.mapMmio */
export function mapWindow(hv: Hypervisor, guest: Guest, base: number, window: Window | null): Mapping | null {
  if (window === null) return null;
  if ('pages' in window) return hv.mapPages(guest, base, window.pages);
  return hv.mapMmio(guest, base, window.size, window.handlers, true);
}

/** Endpoints by guest and handle, for styles whose calls name a handle. */
export class HandleMap<T> {
  readonly #open = new WeakMap<Guest, Map<number, T>>();

  get(guest: Guest, handle: number): T | undefined {
    return this.#open.get(guest)?.get(handle);
  }

  /** @throws ErrnoError EBUSY when the guest has such a handle; nothing is made then */
  add(guest: Guest, handle: number, make: () => T): T {
    const handles = this.#open.get(guest) ?? new Map<number, T>();
    if (handles.has(handle))
      throw new ErrnoError('EBUSY', { syscall: 'open_device', path: `handle ${String(handle)}` });
    const made = make();
    this.#open.set(guest, handles.set(handle, made));
    return made;
  }

  delete(guest: Guest, handle: number): void {
    this.#open.get(guest)?.delete(handle);
  }
}
