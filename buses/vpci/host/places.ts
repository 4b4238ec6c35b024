import { ENOENT, ErrnoError } from '../../../lib/errno';
import { CLASS, devfnOf, HEADER, PCI } from '../layout';
import { PciFunction } from './function';

/** Slots of a bus, and functions of a slot. PCI Local Bus 3.0 §3.2.2.3.2 */
const SLOTS = 32;
const FUNCTIONS = 8;
/** Slot 0 of bus 0 is the host bridge's. */
const ROOT_SLOTS = SLOTS - 1;
/** A bridge as QEMU has it: its ids are reserved for it. */
const BRIDGE_IDS = Object.freeze({ VENDOR: 0x1b36, DEVICE: 0x0001 });

/** Where a function goes. */
export interface FunctionPlace {
  /** The bridge in front of it; absent: the root bus. */
  readonly bridge?: PciFunction;
  readonly devfn: number;
}

/** A machine's slots, as far as places for devices need them. */
export interface PlaceOwner {
  plug(fn: PciFunction, place: FunctionPlace): void;
  has(place: FunctionPlace): boolean;
  /** The error when no place is left. */
  full(path: string, limit: string): ErrnoError;
}

/** What a machine has for its devices. */
export interface PciShape {
  /** They are in the last slots of bus 0, and each has a bus behind it. */
  readonly bridges: number;
  /** How many functions of each slot are used: one or all. */
  readonly functions: number;
}

/**
 * The smallest machine with so many places: one function in each slot of bus 0, then all functions, then with bridges.
 * The largest has a bridge in every slot of bus 0.
 */
export function shapeFor(places: number): PciShape {
  if (places <= ROOT_SLOTS) return { bridges: 0, functions: 1 };
  // A bridge takes a slot and brings a bus of them.
  const bridges = Math.ceil((places / FUNCTIONS - ROOT_SLOTS) / (SLOTS - 1));
  return { bridges: Math.min(ROOT_SLOTS, Math.max(0, bridges)), functions: FUNCTIONS };
}

/** The places for devices in one machine, by number: functions of slots of bus 0, then of those behind each bridge. */
export class PciPlaces {
  /** Bus 0, and the bus behind each bridge. */
  readonly #buses: readonly { readonly bridge?: PciFunction; readonly firstSlot: number; readonly slots: number }[];
  readonly #shape: PciShape;
  readonly #owner: PlaceOwner;
  /** No place below it is free. */
  #lowest = 0;

  /** Plugs the bridges. */
  constructor(shape: PciShape, owner: PlaceOwner) {
    this.#shape = shape;
    this.#owner = owner;
    const bridges = Array.from({ length: shape.bridges }, () => new PciFunction({ config: bridgeConfig() }));
    const rootSlots = ROOT_SLOTS - shape.bridges;
    for (const [i, bridge] of bridges.entries()) owner.plug(bridge, { devfn: devfnOf(1 + rootSlots + i, 0) });
    const behind = bridges.map((bridge) => ({ bridge, firstSlot: 0, slots: SLOTS }));
    this.#buses = [{ firstSlot: 1, slots: rootSlots }, ...behind];
  }

  /** How many there are. */
  get count(): number {
    return this.#shape.functions * this.#buses.reduce((sum, { slots }) => sum + slots, 0);
  }

  /** May a slot have more than one function? */
  get isMultifunction(): boolean {
    return this.#shape.functions > 1;
  }

  /** @throws ErrnoError ENOENT when there is no such place */
  at(index: number, path: string): FunctionPlace {
    const place = this.#placeOf(index);
    if (place !== undefined) return place;
    const reason = `there is no place ${String(index)}, only ${this.#description}`;
    throw new ErrnoError(ENOENT, { syscall: 'plug_device', path, reason });
  }

  /** The lowest place that is free. @throws ErrnoError ENOSPC when there is none */
  free(path: string): FunctionPlace {
    for (; ; this.#lowest += 1) {
      const place = this.#placeOf(this.#lowest);
      if (place === undefined) break;
      if (this.#isFree(place)) return place;
    }
    throw this.#owner.full(path, `all ${this.#description} are taken`);
  }

  /** A place may be free now. */
  freed({ bridge, devfn }: FunctionPlace): void {
    let index = 0;
    for (const bus of this.#buses) {
      const { functions } = this.#shape;
      const slot = Math.max(0, Math.floor(devfn / FUNCTIONS) - bus.firstSlot);
      if (bus.bridge === bridge) this.#lowest = Math.min(this.#lowest, index + slot * functions);
      index += bus.slots * functions;
    }
  }

  /** Where functions are not numbered, a slot is free when all of it is. */
  #isFree({ bridge, devfn }: FunctionPlace): boolean {
    const count = FUNCTIONS / this.#shape.functions;
    for (let fn = 0; fn < count; fn += 1) {
      if (this.#owner.has({ ...(bridge === undefined ? {} : { bridge }), devfn: devfn + fn })) return false;
    }
    return true;
  }

  #placeOf(index: number): FunctionPlace | undefined {
    const { functions } = this.#shape;
    let left = index;
    for (const { bridge, firstSlot, slots } of this.#buses) {
      if (left < slots * functions) {
        const devfn = devfnOf(firstSlot + Math.floor(left / functions), left % functions);
        return bridge === undefined ? { devfn } : { bridge, devfn };
      }
      left -= slots * functions;
    }
    return undefined;
  }

  get #description(): string {
    const { bridges, functions } = this.#shape;
    const buses = bridges === 0 ? 'bus 0' : `bus 0 and ${String(bridges)} buses behind bridges`;
    const what = functions === 1 ? 'slots' : `functions (${String(functions)} in a slot)`;
    return `${String(this.count)} ${what} of ${buses}`;
  }
}

function bridgeConfig(): Uint8Array {
  const config = new Uint8Array(PCI.CFG_SIZE);
  const view = new DataView(config.buffer);
  view.setUint16(PCI.VENDOR_ID, BRIDGE_IDS.VENDOR, true);
  view.setUint16(PCI.DEVICE_ID, BRIDGE_IDS.DEVICE, true);
  view.setUint16(PCI.REVISION + 2, CLASS.BRIDGE_PCI, true);
  view.setUint8(PCI.HEADER_TYPE, HEADER.BRIDGE);
  return config;
}
