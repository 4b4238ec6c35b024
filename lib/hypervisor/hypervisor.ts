import { EPERM, ErrnoError } from '../errno';
import type { World } from '../world/index';
import { CallLog } from './call-log';
import { Claims } from './claims';
import { Guest, type GuestOptions, type Hypercall } from './guest';
import { littleEndian, type GuestMemory } from './memory';
import type { MmioHandlers } from './mmio';
import { PluggedModels } from './plugged-models';

const DEFAULT_MEMORY = 16 << 20;
const DEFAULT_LOG_LIMIT = 4096;

/** Device memory that is mapped into a guest. */
export interface Mapping {
  readonly base: number;
  readonly size: number;
  /** Takes it away; accesses find nothing from then on. Safe to call twice. */
  unmap(): void;
}

/** How a host is made. */
export interface HypervisorOptions {
  /** How many lines its log keeps, and how many events of the claims' history. Default: 4096. */
  readonly logLimit?: number;
}

/** The host: guests and what they may reach. Device models live behind what buses map and define here. */
export class Hypervisor {
  readonly log: CallLog;
  readonly claims: Claims;
  readonly models = new PluggedModels();
  #guests: Guest[] = [];
  readonly #hypercalls = new Map<number, Hypercall>();
  #lastId = 0;

  /** @throws RangeError unless the limit of the log is a whole number from 1 on */
  constructor(
    readonly world: World,
    { logLimit = DEFAULT_LOG_LIMIT }: HypervisorOptions = {},
  ) {
    this.log = new CallLog(world, logLimit);
    this.claims = new Claims(world, this.log, logLimit);
  }

  /** The guests that live, in order of creation. */
  get guests(): readonly Guest[] {
    return this.#guests.filter((guest) => guest.alive);
  }

  /** The hypercalls that are defined, in order of definition. */
  get hypercalls(): readonly Hypercall[] {
    return [...this.#hypercalls.values()];
  }

  /**
   * Makes a guest with memory and a port.
   *
   * @throws ErrnoError EEXIST when a living guest has the name, EBUSY for the image of a guest that lives, EINVAL for a
   *   memory size that is not whole pages
   */
  createGuest(options: GuestOptions = {}): Guest {
    const id = this.#lastId + 1;
    const name = options.name ?? `g${String(id)}`;
    if (this.guests.some((guest) => guest.name === name)) {
      throw new ErrnoError('EEXIST', { syscall: 'create_guest', path: name });
    }
    const { memory = DEFAULT_MEMORY, image } = options;
    if (image?.alive === true) throw new ErrnoError('EBUSY', { syscall: 'create_guest', path: image.name });
    const guest = new Guest(this, { id, name, memory, image }, this.#hypercalls);
    this.#lastId = id;
    this.#guests = [...this.guests, guest];
    return guest;
  }

  /**
   * Maps a device into a range of one guest's address space.
   *
   * @param base guest-physical address, above the guest's RAM
   * @param size bytes
   * @param isAccess does it talk to a device? Else it is for finding them
   * @throws ErrnoError EBUSY when the range overlaps RAM or another mapping, EINVAL for an invalid range
   */
  mapMmio(guest: Guest, base: number, size: number, handlers: MmioHandlers, isAccess = false): Mapping {
    const region = { base, size, handlers, isAccess };
    guest.mmio.add(region);
    return { base, size, unmap: () => void guest.mmio.remove(region) };
  }

  /**
   * Maps pages of a device into a range of one guest's address space: the guest reaches them without any exit.
   *
   * @param base guest-physical address, above the guest's RAM
   * @throws ErrnoError as {@link mapMmio}
   */
  mapPages(guest: Guest, base: number, pages: GuestMemory): Mapping {
    const mapping = this.mapMmio(guest, base, pages.size, pageHandlers(pages), true);
    guest.pages.set(base, pages);
    const unmap = (): void => {
      if (guest.pages.get(base) === pages) guest.pages.delete(base);
      mapping.unmap();
    };
    return { base, size: pages.size, unmap };
  }

  /**
   * Adds a hypercall that every guest may call; its handler checks permissions, see {@link refuse}.
   *
   * @throws ErrnoError EEXIST when the number is taken
   */
  defineHypercall(hypercall: Hypercall): void {
    const known = this.#hypercalls.get(hypercall.nr);
    if (known !== undefined) {
      const path = `${String(hypercall.nr)} (${hypercall.name}) is ${known.name}`;
      throw new ErrnoError('EEXIST', { syscall: 'define_hypercall', path });
    }
    this.#hypercalls.set(hypercall.nr, hypercall);
  }

  /**
   * Refuses something to a guest: the reason goes into the log, within a hypercall into that hypercall's line.
   *
   * @param what a sentence that names guest and thing: "guest g2 does not own handle 7"
   * @param no the error number, with either sign; default EPERM
   * @returns the negative status to hand to the guest
   */
  refuse(guest: Guest, what: string, no = EPERM): number {
    const status = -Math.abs(no);
    this.log.refuse(guest.name, what, status);
    return status;
  }
}

/** For accesses to pages as if they were registers. */
function pageHandlers(pages: GuestMemory): MmioHandlers {
  return {
    read: (offset, width) => littleEndian(pages.read(offset, width), 0, width),
    write: (offset, width, value) =>
      pages.write(
        offset,
        Uint8Array.from({ length: width }, (_, i) => value >>> (8 * i)),
      ),
  };
}
