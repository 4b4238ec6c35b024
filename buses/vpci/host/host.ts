import { EBUSY, EEXIST, EINVAL, ErrnoError, errnoOf, ENOSPC } from '../../../lib/errno';
import type { Guest, Hypervisor, Mapping, Width } from '../../../lib/hypervisor';
import type { BarSpec, PciFunction } from './function';
import { bdfName, HOTPLUG, MACHINE } from '../layout';

/** Functions by device and function number. */
type Slots = ReadonlyMap<number, PciFunction>;

/** How a root complex is made. */
export interface RootComplexOptions {
  /** Highest bus number of the configuration window. Default 0: there are no bridges. */
  readonly lastBus?: number;
}

/** Where a function goes. */
export interface FunctionPlace {
  /** The bridge in front of it; absent: the root bus. */
  readonly bridge?: PciFunction;
  readonly devfn: number;
}

/** The PCI of one guest's machine: a window of configuration spaces, slots, a hot-plug controller. */
export class PciRootComplex {
  readonly lastBus: number;
  readonly #hv: Hypervisor;
  readonly #guest: Guest;
  readonly #root = new Map<number, PciFunction>();
  readonly #decoded = new Map<BarSpec, Mapping>();
  #events = 0;
  #enabled = false;
  #nextPin: number = MACHINE.FIRST_PIN_VECTOR;

  /** @throws ErrnoError EBUSY when the guest has memory or another root complex where the windows are */
  constructor(hv: Hypervisor, guest: Guest, { lastBus = 0 }: RootComplexOptions = {}) {
    this.#hv = hv;
    this.#guest = guest;
    this.lastBus = lastBus;
    hv.mapMmio(guest, MACHINE.ECAM, (lastBus + 1) * MACHINE.ECAM_BUS, {
      read: (offset, width) => this.#readConfig(offset, width),
      write: (offset, width, value) => this.#writeConfig(offset, width, value),
    });
    hv.mapMmio(guest, MACHINE.HOTPLUG, HOTPLUG.BYTES, {
      read: (offset) => (offset === HOTPLUG.EVENTS ? this.#events : Number(this.#enabled)),
      write: (offset, _width, value) => this.#writeHotplug(offset, value),
    });
  }

  /** Functions on the root bus, in the order of plugging. */
  functions(): readonly PciFunction[] {
    return [...this.#root.values()];
  }

  /** A vector for the pin of a function; 0 when there are no more. */
  allocPin(): number {
    return this.#nextPin > MACHINE.LAST_PIN_VECTOR ? 0 : this.#nextPin++;
  }

  /** The lowest slot of the root bus that is free, from 1 on. @throws ErrnoError ENOSPC when there is none */
  freeSlot(): number {
    for (let slot = 1; slot < 32; slot++) {
      if (![0, 1, 2, 3, 4, 5, 6, 7].some((fn) => this.#root.has(slot * 8 + fn))) return slot;
    }
    throw new ErrnoError(ENOSPC, { syscall: 'plug_device', path: `${this.#guest.name}: all slots of bus 0 are taken` });
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
    fn.detach();
    for (const [inner, below] of fn.behind) this.unplug(below, { bridge: fn, devfn: inner });
    this.#notifyGuest(HOTPLUG.EVENT_UNPLUGGED);
  }

  #readConfig(offset: number, width: Width): number {
    const fn = this.#find(offset);
    return fn === undefined ? 0xffff_ffff : fn.readConfig(offset % 4096, width, this.#hv.world.now);
  }

  #writeConfig(offset: number, width: Width, value: number): void {
    this.#find(offset)?.writeConfig(offset % 4096, width, value);
  }

  #find(offset: number): PciFunction | undefined {
    const bus = Math.floor(offset / MACHINE.ECAM_BUS);
    const slots = bus === 0 ? this.#root : slotsOfBus(this.#root, bus);
    return slots?.get(Math.floor(offset / 4096) % 256);
  }

  /** An address in use is the guest's error: this function is not mapped there, and it is logged. */
  #decode(bar: BarSpec, address: number | null): void {
    const current = this.#decoded.get(bar);
    if (current !== undefined && current.base === address) return;
    current?.unmap();
    this.#decoded.delete(bar);
    if (address === null || address === 0 || bar.handlers === undefined) return;
    try {
      this.#decoded.set(bar, this.#hv.mapMmio(this.#guest, address, bar.size, bar.handlers));
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
