import { mapWindow } from '../../../lib/access/styles/host';
import { EBUSY, EEXIST, EINVAL, ErrnoError, errnoOf } from '../../../lib/errno';
import { busFull, type Guest, type Hypervisor, type Mapping, type Width } from '../../../lib/hypervisor';
import type { BarSpec, PciFunction } from './function';
import { PciPlaces, shapeFor, type FunctionPlace } from './places';
import { bdfName, HOTPLUG, MACHINE } from '../layout';

/** Functions by device and function number. */
type Slots = ReadonlyMap<number, PciFunction>;

/** How a root complex is made. */
export interface RootComplexOptions {
  /** Highest bus number of the configuration window. Default 0: there are no bridges. */
  readonly lastBus?: number;
  /** How many devices there is at least room for, as far as bridges and functions go. Default: the slots of bus 0. */
  readonly places?: number;
}

/** The PCI of one guest's machine: a window of configuration spaces, slots, a hot-plug controller. */
export class PciRootComplex {
  readonly lastBus: number;
  readonly #hv: Hypervisor;
  readonly #guest: Guest;
  readonly #root = new Map<number, PciFunction>();
  readonly #decoded = new Map<BarSpec, Mapping>();
  /** Where configuration accesses of a bus go, as long as no bridge changes. */
  readonly #routes = new Map<number, Slots | undefined>();
  /** Places for devices that are plugged without saying where. */
  readonly places: PciPlaces;
  #events = 0;
  #enabled = false;
  #nextPin: number = MACHINE.FIRST_PIN_VECTOR;

  /** @throws ErrnoError EBUSY when the guest has memory or another root complex where the windows are */
  constructor(hv: Hypervisor, guest: Guest, { lastBus = 0, places = 0 }: RootComplexOptions = {}) {
    const shape = shapeFor(places);
    this.#hv = hv;
    this.#guest = guest;
    this.lastBus = Math.max(lastBus, shape.bridges);
    hv.mapMmio(guest, MACHINE.ECAM, (this.lastBus + 1) * MACHINE.ECAM_BUS, {
      read: (offset, width) => this.#readConfig(offset, width),
      write: (offset, width, value) => this.#writeConfig(offset, width, value),
    });
    hv.mapMmio(guest, MACHINE.HOTPLUG, HOTPLUG.BYTES, {
      read: (offset) => (offset === HOTPLUG.EVENTS ? this.#events : Number(this.#enabled)),
      write: (offset, _width, value) => this.#writeHotplug(offset, value),
    });
    this.places = new PciPlaces(shape, this);
  }

  /** Functions on the root bus, in the order of plugging. */
  functions(): readonly PciFunction[] {
    return [...this.#root.values()];
  }

  /** A vector for the pin of a function; 0 when there are no more. */
  allocPin(): number {
    return this.#nextPin > MACHINE.LAST_PIN_VECTOR ? 0 : this.#nextPin++;
  }

  /** The error for a device that has no place. */
  full(path: string, limit: string): ErrnoError {
    return busFull(this.#hv.log, path, limit);
  }

  /** Is there a function? */
  has({ bridge, devfn }: FunctionPlace): boolean {
    return (bridge === undefined ? this.#root : bridge.behind).has(devfn);
  }

  /**
   * Plugs a function and notifies the guest.
   *
   * @throws ErrnoError EEXIST when the place is taken, EBUSY for a function that has one, EINVAL for an invalid place
   */
  plug(fn: PciFunction, { bridge, devfn }: FunctionPlace): void {
    const slots = bridge === undefined ? this.#root : bridge.behind;
    const path = `${this.#guest.name}: ${bdfName(0, devfn)}`;
    if (!Number.isInteger(devfn) || devfn < 0 || devfn > 255) {
      throw new ErrnoError(EINVAL, { syscall: 'plug_device', path });
    }
    if (slots.has(devfn)) throw new ErrnoError(EEXIST, { syscall: 'plug_device', path });
    if (fn.isPlugged) throw new ErrnoError(EBUSY, { syscall: 'plug_device', path, reason: 'it is plugged already' });
    slots.set(devfn, fn);
    this.#routes.clear();
    fn.attach({
      decode: (bar, address) => this.#decode(bar, address),
      interrupt: (vector) => this.#guest.interrupt(vector),
    });
    this.#notifyGuest(HOTPLUG.EVENT_PLUGGED);
  }

  /** Takes a function out, whatever it does; its registers read as all ones from now on. Safe to call twice. */
  unplug(fn: PciFunction, { bridge, devfn }: FunctionPlace): void {
    const slots = bridge === undefined ? this.#root : bridge.behind;
    if (slots.get(devfn) !== fn) return;
    slots.delete(devfn);
    this.#routes.clear();
    fn.detach();
    this.places.freed(bridge === undefined ? { devfn } : { bridge, devfn });
    for (const [inner, below] of fn.behind) this.unplug(below, { bridge: fn, devfn: inner });
    this.#notifyGuest(HOTPLUG.EVENT_UNPLUGGED);
  }

  #readConfig(offset: number, width: Width): number {
    const fn = this.#find(offset);
    return fn === undefined ? 0xffff_ffff : fn.readConfig(offset % 4096, width, this.#hv.world.now);
  }

  #writeConfig(offset: number, width: Width, value: number): void {
    const fn = this.#find(offset);
    if (fn?.isBridge === true) this.#routes.clear();
    fn?.writeConfig(offset % 4096, width, value);
  }

  #find(offset: number): PciFunction | undefined {
    const bus = Math.floor(offset / MACHINE.ECAM_BUS);
    return this.#slotsOf(bus)?.get(Math.floor(offset / 4096) % 256);
  }

  #slotsOf(bus: number): Slots | undefined {
    if (!this.#routes.has(bus)) this.#routes.set(bus, bus === 0 ? this.#root : slotsOfBus(this.#root, bus));
    return this.#routes.get(bus);
  }

  /** An address in use is the guest's error: this function is not mapped there, and it is logged. */
  #decode(bar: BarSpec, address: number | null): void {
    const current = this.#decoded.get(bar);
    if (current !== undefined && current.base === address) return;
    current?.unmap();
    this.#decoded.delete(bar);
    const window = bar.handlers === undefined ? bar.window?.() : { size: bar.size, handlers: bar.handlers };
    if (address === null || address === 0 || window === undefined) return;
    try {
      const mapping = mapWindow(this.#hv, this.#guest, address, window);
      if (mapping !== null) this.#decoded.set(bar, mapping);
    } catch (error) {
      const no = errnoOf(error);
      if (no === undefined) throw error;
      const what = `BAR ${String(bar.index)} (${String(bar.size)} bytes) cannot be at 0x${address.toString(16)}`;
      this.#hv.refuse(this.#guest, `guest ${this.#guest.name}: ${what}`, no);
    }
  }

  #writeHotplug(offset: number, value: number): void {
    if (offset === HOTPLUG.EVENTS) this.#events &= ~value;
    else if (offset === HOTPLUG.ENABLE) {
      this.#enabled = value === 1;
      this.#interrupt();
    }
  }

  /** An event is pending until the guest clears it, also while interrupts are disabled; a guest scans at boot. */
  #notifyGuest(event: number): void {
    if (this.#guest.entry === null) return;
    this.#events |= event;
    this.#interrupt();
  }

  #interrupt(): void {
    if (this.#enabled && this.#events !== 0) this.#guest.interrupt(MACHINE.HOTPLUG_VECTOR);
  }
}

/** The slots behind the bridge that has this bus number, through bridges that pass it on. */
function slotsOfBus(slots: Slots, bus: number): Slots | undefined {
  for (const fn of slots.values()) {
    if (!fn.isBridge) continue;
    const [secondary, subordinate] = fn.busRange;
    if (secondary === bus) return fn.behind;
    if (secondary !== 0 && secondary < bus && bus <= subordinate) return slotsOfBus(fn.behind, bus);
  }
  return undefined;
}
