import { DESC, DESC_F } from '../virtio/spec';
import { hex, type GuestMemory } from './memory';

/** A piece of guest memory that a descriptor names; it lies inside. */
interface Segment {
  readonly address: number;
  readonly length: number;
}

/** A descriptor chain that was found good. */
export interface Chain {
  readonly head: number;
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
}

/** What is wrong with a queue, and where. */
export interface ChainFault {
  readonly reason: string;
  /** Index of the descriptor, null when none is to blame. */
  readonly descriptor: number | null;
  /** Guest-physical address of the bad piece or of what it points to. */
  readonly address: number;
}

export interface DescTable {
  readonly address: number;
  readonly entries: number;
}

export function isFault(value: unknown): value is ChainFault {
  return typeof value === 'object' && value !== null && 'reason' in value;
}

/** Entries of the longest indirect table: they are chained by 16 bits. @see drivers/vhost/vhost.c get_indirect */
const MAX_INDIRECT = 0x10000;
/** Bytes of the longest chain. VIRTIO 1.2 §2.7.5.2 */
const MAX_BYTES = 2 ** 32;
/** Bytes that are copied out of the guest for one request: a bound of this host, and of no specification. */
const MAX_READABLE = 2 ** 28;

interface Descriptor {
  readonly index: number;
  readonly at: number;
  readonly address: number;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/**
 * Follows a descriptor chain. Bounds, order, loops and sizes are checked. Several descriptors may name the same memory,
 * so a chain can hold more bytes than there are. VIRTIO 1.2 §2.7.4, §2.7.5
 *
 * @param head index from the available ring, not trusted
 */
export function walkChain(memory: GuestMemory, table: DescTable, head: number, indirect: boolean): Chain | ChainFault {
  const walk = new Walk(memory, table, head, indirect);
  const fault = walk.run();
  return fault ?? walk.chain();
}

class Walk {
  readonly #memory: GuestMemory;
  readonly #head: number;
  readonly #readable: Segment[] = [];
  readonly #writable: Segment[] = [];
  #table: DescTable;
  #indirect: boolean;
  #bytes = 0;
  #writes = false;

  constructor(memory: GuestMemory, table: DescTable, head: number, indirect: boolean) {
    this.#memory = memory;
    this.#table = table;
    this.#head = head;
    this.#indirect = indirect;
  }

  chain(): Chain {
    return { head: this.#head, readable: this.#readable, writable: this.#writable };
  }

  run(): ChainFault | undefined {
    let index = this.#head;
    for (let steps = 0; ;) {
      if (index >= this.#table.entries) return this.#outOfTable(index);
      const descriptor = this.#load(index);
      if (steps >= this.#table.entries) return fault(descriptor, 'the chain loops');
      const bad = this.#take(descriptor);
      if (bad !== undefined) return bad;
      if ((descriptor.flags & DESC_F.INDIRECT) !== 0) [index, steps] = [0, 0];
      else if ((descriptor.flags & DESC_F.NEXT) !== 0) [index, steps] = [descriptor.next, steps + 1];
      else return undefined;
    }
  }

  #take(descriptor: Descriptor): ChainFault | undefined {
    if ((descriptor.flags & DESC_F.INDIRECT) !== 0) return this.#enterTable(descriptor);
    const { address, length } = descriptor;
    if (length > 0 && !this.#memory.contains(address, length)) {
      return fault(descriptor, `${String(length)} bytes at ${hex(address)} lie outside memory`, address);
    }
    this.#bytes += length;
    if (this.#bytes > MAX_BYTES) return fault(descriptor, 'the chain holds more than 2^32 bytes');
    const writes = (descriptor.flags & DESC_F.WRITE) !== 0;
    if (!writes && this.#writes) return fault(descriptor, 'a readable buffer follows a writable one');
    if (!writes && this.#bytes > MAX_READABLE) return fault(descriptor, 'more bytes to read than this host copies');
    this.#writes = writes;
    // A buffer without bytes may be at any address: it is not accessed.
    if (length > 0) (writes ? this.#writable : this.#readable).push({ address, length });
    return undefined;
  }

  /** The rest of the chain is in a table of its own. VIRTIO 1.2 §2.7.5.3 */
  #enterTable(descriptor: Descriptor): ChainFault | undefined {
    const { address, length, flags } = descriptor;
    if (!this.#indirect) return fault(descriptor, 'an indirect table that was not negotiated, or within one');
    if ((flags & DESC_F.NEXT) !== 0) return fault(descriptor, 'an indirect table with a next descriptor');
    const entries = length / DESC.SIZE;
    if (!Number.isInteger(entries) || entries < 1 || entries > MAX_INDIRECT) {
      return fault(descriptor, `an indirect table of ${String(length)} bytes`, address);
    }
    if (!this.#memory.contains(address, length)) {
      return fault(descriptor, `an indirect table at ${hex(address)} lies outside memory`, address);
    }
    this.#table = { address, entries };
    this.#indirect = false;
    return undefined;
  }

  #load(index: number): Descriptor {
    const at = this.#table.address + index * DESC.SIZE;
    return {
      index,
      at,
      // Above 2^53 this rounds, and is outside every memory all the same.
      address: this.#memory.getU32(at + DESC.ADDR) + this.#memory.getU32(at + DESC.ADDR + 4) * 2 ** 32,
      length: this.#memory.getU32(at + DESC.LEN),
      flags: this.#memory.getU16(at + DESC.FLAGS),
      next: this.#memory.getU16(at + DESC.NEXT),
    };
  }

  #outOfTable(index: number): ChainFault {
    const reason = `descriptor ${String(index)} in a table of ${String(this.#table.entries)}`;
    return { reason, descriptor: index, address: this.#table.address + index * DESC.SIZE };
  }
}

function fault(descriptor: Descriptor, reason: string, address = descriptor.at): ChainFault {
  return { reason, descriptor: descriptor.index, address };
}
