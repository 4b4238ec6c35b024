import { ErrnoError } from '../../../lib/errno';
import type { StyleName } from '../../../lib/access/place';
import { MmioRegisters } from '../../../lib/access/styles/mmio/host';
import type { HostStyles } from '../../../lib/access/styles/host';
import { hostStyles } from '../../../lib/access/styles/host-styles';
import { busFull, type DeviceModel, type Guest, type Hypervisor, type MmioHandlers } from '../../../lib/hypervisor';
import type { Plugged } from '../../../lib/machine/fixture';
import { defineClientInterface, defineOpen } from './client';
import { hotplugVectorOf, machineTree, placesOf, windowOf, type SlotResources } from './machine';
import { primecell, primecellPart } from './primecell';
import { AccessSlot, MmioSlot, type Slot } from './slot';
import { FirmwareTree } from './tree';
import { ACCESS, HOTPLUG } from '../layout';
import type { FdtNode } from '../layout/fdt';
import { readFdt } from '../layout/fdt-reader';

/** How the host half is set up. */
export interface OfTreeOptions {
  /** The flattened tree of the machine; without one the hypervisor has a tree of its own and serves client calls. */
  readonly dtb?: Uint8Array;
  /** Places for devices in the hypervisor's own machine. */
  readonly slots?: number;
  /** The styles of access in which they are. Default: virtio-mmio transports. */
  readonly access?: readonly StyleName[];
  /** Bytes of RAM below that machine's windows. */
  readonly memory?: number;
}

/** What one guest has. */
interface Board {
  readonly slots: readonly Slot[];
  readonly byPhandle: ReadonlyMap<number, Slot>;
  /** Index of a slot below which none is empty. */
  lowest: number;
}

const PAGE = 4096;

/**
 * The host half: one tree for all guests, and for each guest its own transports and identities at the addresses in the
 * tree. Devices are assigned by configuration: each belongs to the guest that it is plugged into.
 */
export class OfTreeHost {
  readonly tree: FirmwareTree;
  readonly dtb: Uint8Array | null;
  readonly #hv: Hypervisor;
  readonly #styles: HostStyles | null;
  readonly #boards = new Map<Guest, Board>();

  /**
   * @throws FdtError (EINVAL) for a blob that is not a tree
   * @throws ErrnoError EEXIST when this hypervisor serves client calls already
   */
  constructor(hv: Hypervisor, { dtb, slots, access, memory }: OfTreeOptions = {}) {
    this.#hv = hv;
    this.#styles = access === undefined ? null : hostStyles(hv, access);
    this.dtb = dtb?.slice() ?? null;
    this.tree = new FirmwareTree(dtb === undefined ? machineTree(slots, this.#styles, memory) : readFdt(dtb).root);
    if (dtb !== undefined) return;
    defineClientInterface(hv, () => this.tree);
    if (this.#styles !== null) defineOpen(hv, this.tree, (guest, phandle) => this.#board(guest).byPhandle.get(phandle));
  }

  /** The guest's transports, in the order of the tree. */
  slots(guest: Guest): readonly Slot[] {
    return this.#board(guest).slots;
  }

  /**
   * Plugs a device into the first empty transport of a guest, or into a given one. A guest that listens for hot-plug
   * events is notified.
   *
   * @throws ErrnoError ENOSPC when all transports are taken, EBUSY when the given one is or the model is plugged
   *   already, ENOENT when there is no such transport, EEXIST when another device has the model's name, EINVAL for an
   *   invalid queue size
   */
  plug(model: DeviceModel, guest: Guest, index?: number): Plugged {
    const board = this.#board(guest);
    const slot = board.slots[index ?? lowestEmpty(board)];
    if (slot?.isEmpty !== true) {
      const all = `all ${String(board.slots.length)} places of the tree are taken`;
      if (index === undefined) throw busFull(this.#hv.log, `${model.name} of guest ${guest.name}`, all);
      throw new ErrnoError(slot === undefined ? 'ENOENT' : 'EBUSY', { syscall: 'plug_device', path: model.name });
    }
    guest.models.check(model);
    slot.plug(model);
    guest.models.add(model, guest);
    this.#notifyGuest(slot, HOTPLUG.PLUGGED);
    const { device } = slot;
    return { unplug: () => (slot.device === device ? this.#unplug(slot) : undefined) };
  }

  /**
   * As a boot loader does: maps the registers and copies the flattened tree into the guest's memory.
   *
   * @returns its address; null when the guest reads it by client calls
   * @throws ErrnoError EFAULT when it does not fit
   */
  prepare(guest: Guest): number | null {
    this.#board(guest);
    if (this.dtb === null) return null;
    const pages = Math.ceil(this.dtb.length / PAGE);
    const address = guest.memory.size - pages * PAGE;
    guest.memory.write(address, this.dtb);
    return address;
  }

  #unplug(slot: Slot): void {
    slot.unplug();
    this.#board(slot.guest).lowest = 0;
    this.#notifyGuest(slot, HOTPLUG.UNPLUGGED);
  }

  #notifyGuest({ guest, place }: Slot, kind: bigint): void {
    const vector = hotplugVectorOf(this.tree);
    if (vector !== undefined) guest.interrupt(vector, (kind << HOTPLUG.KIND_SHIFT) | BigInt(place.phandle));
  }

  #board(guest: Guest): Board {
    const known = this.#boards.get(guest);
    if (known !== undefined) return known;
    const slots = this.#styles === null ? this.#transports(guest) : this.#accessSlots(guest, this.#styles);
    const board = { slots, byPhandle: new Map(slots.map((slot) => [slot.place.phandle, slot])), lowest: 0 };
    for (const { node } of this.tree.root.children) this.#mapPrimecell(guest, node);
    this.#boards.set(guest, board);
    return board;
  }

  #transports(guest: Guest): readonly Slot[] {
    const slots = placesOf(this.tree, 'virtio,mmio').map((place) => new MmioSlot(place, guest));
    return slots.filter((slot) => this.#map(guest, slot.place, slot.registers));
  }

  #accessSlots(guest: Guest, styles: HostStyles): readonly Slot[] {
    return placesOf(this.tree, ACCESS.COMPATIBLE).map((place) => new AccessSlot(place, guest, this.#hv, styles));
  }

  #mapPrimecell(guest: Guest, node: FdtNode): void {
    const part = primecellPart(node);
    const window = part === undefined ? undefined : windowOf(this.tree, node);
    if (part !== undefined && window !== undefined) this.#map(guest, window, primecell(part, window.size));
  }

  /** The addresses in a tree from a file may be in use: then nothing is mapped there. */
  #map(guest: Guest, { base, size }: Pick<SlotResources, 'base' | 'size'>, handlers: MmioHandlers): boolean {
    try {
      this.#hv.mapMmio(guest, base, size, handlers, handlers instanceof MmioRegisters);
      return true;
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      this.#hv.log.refuse(guest.name, `the tree of guest ${guest.name}: ${error.message}`, error.errno);
      return false;
    }
  }
}

function lowestEmpty(board: Board): number {
  while (board.slots[board.lowest]?.isEmpty === false) board.lowest += 1;
  return board.lowest;
}
