import { ErrnoError } from '../../lib/errno';
import { latin1 } from './layout';

/** Numbers of the flattened format. Devicetree Specification 0.4 §5 */
export const FDT = Object.freeze({
  MAGIC: 0xd00dfeed,
  VERSION: 17,
  LAST_COMP_VERSION: 16,
  HEADER_BYTES: 40,
  BEGIN_NODE: 1,
  END_NODE: 2,
  PROP: 3,
  NOP: 4,
  END: 9,
});

/** A property of a node: its name and its bytes. */
export interface FdtProperty {
  readonly name: string;
  readonly value: Uint8Array;
}

/** A node with what is below it, in the order of the blob. Names are bytes, one character for each. */
export interface FdtNode {
  /** With unit address; the root's is empty. */
  readonly name: string;
  readonly properties: readonly FdtProperty[];
  readonly children: readonly FdtNode[];
}

/** A flattened tree. */
export interface Fdt {
  readonly root: FdtNode;
  readonly reservations: readonly { readonly address: bigint; readonly size: bigint }[];
  readonly bootCpu: number;
}

/** Something odd that does not make the tree unusable; what it concerns is left out, as Linux does. */
export interface FdtNote {
  /** Byte of the blob. */
  readonly offset: number;
  readonly node: string;
  readonly text: string;
}

/** Why a blob is no tree: EINVAL, with the place. */
export class FdtError extends ErrnoError {
  /**
   * @param what what is wrong
   * @param offset byte of the blob where that is seen
   * @param node path of the node that is being read; null outside the structure
   */
  constructor(
    readonly what: string,
    readonly offset: number,
    readonly node: string | null = null,
  ) {
    const where = `offset 0x${offset.toString(16)}${node === null ? '' : `, node ${node}`}`;
    super('EINVAL', { syscall: 'unflatten_device_tree', path: `${where}: ${what}` });
    this.name = 'FdtError';
  }
}

/** Longer property names are left out, so that reading takes time in proportion to the blob. */
const MAX_PROPERTY_NAME = 255;
/** Notes after these are dropped. */
const MAX_NOTES = 16;

interface Block {
  readonly start: number;
  readonly end: number;
}

interface Header {
  readonly structure: Block;
  readonly strings: Block;
  readonly reservations: Block;
  readonly bootCpu: number;
}

/**
 * Reads a flattened device tree, version 17. What Linux reads, it reads; what Linux refuses, it refuses, and it never
 * looks outside the blob.
 *
 * @throws FdtError (EINVAL) with the place, for any bytes that are no tree; nothing else
 * @see scripts/dtc/libfdt/fdt.c fdt_check_header, fdt_next_node; drivers/of/fdt.c unflatten_dt_nodes
 */
export function readFdt(blob: Uint8Array): Fdt & { readonly notes: readonly FdtNote[] } {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const header = readHeader(view);
  const reservations = readReservations(view, header.reservations);
  const structure = new StructureReader(blob, view, header);
  return { root: structure.read(), reservations, bootCpu: header.bootCpu, notes: structure.notes };
}

/** Size of the tree that begins with these bytes, from its header. @throws FdtError */
export function fdtTotalSize(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  checkMagic(view);
  return view.getUint32(4);
}

function checkMagic(view: DataView): void {
  if (view.byteLength < FDT.HEADER_BYTES) throw new FdtError('the blob ends within its header', view.byteLength);
  const magic = view.getUint32(0);
  if (magic !== FDT.MAGIC) throw new FdtError(`magic is ${hex(magic)}, not ${hex(FDT.MAGIC)}`, 0);
}

/** @see scripts/dtc/libfdt/fdt.c fdt_check_header */
function readHeader(view: DataView): Header {
  checkMagic(view);
  const total = view.getUint32(4);
  if (total < FDT.HEADER_BYTES) throw new FdtError(`total size ${hex(total)} is less than a header`, 4);
  if (total > view.byteLength) {
    throw new FdtError(`total size ${hex(total)}, but there are ${hex(view.byteLength)} bytes`, 4);
  }
  checkVersion(view);
  return {
    structure: block(view, total, 'structure block', 8, view.getUint32(36), 36),
    strings: block(view, total, 'strings block', 12, view.getUint32(32), 32),
    reservations: block(view, total, 'memory reservation block', 16, 0, 16),
    bootCpu: view.getUint32(28),
  };
}

function checkVersion(view: DataView): void {
  const version = view.getUint32(20);
  const compatible = view.getUint32(24);
  if (version < FDT.VERSION) throw new FdtError(`version ${String(version)} is older than ${String(FDT.VERSION)}`, 20);
  if (compatible > FDT.VERSION) throw new FdtError(`needs a reader of version ${String(compatible)}`, 24);
}

/** The reservations have no size in the header: they may go on to the end. */
function block(view: DataView, total: number, name: string, at: number, size: number, sizeAt: number): Block {
  const start = view.getUint32(at);
  const end = start + size;
  if (start < FDT.HEADER_BYTES || start > total) {
    throw new FdtError(`${name} begins at ${hex(start)}, outside the blob`, at);
  }
  if (sizeAt === at) return { start, end: total };
  if (end <= total) return { start, end };
  throw new FdtError(`${name} of ${hex(size)} bytes ends at ${hex(end)}, outside the blob`, sizeAt);
}

/** Pairs of address and size until both are 0. @see scripts/dtc/libfdt/fdt_ro.c fdt_num_mem_rsv */
function readReservations(view: DataView, { start, end }: Block): Fdt['reservations'] {
  const found: { address: bigint; size: bigint }[] = [];
  for (let at = start; at + 16 <= end; at += 16) {
    const address = view.getBigUint64(at);
    const size = view.getBigUint64(at + 8);
    if (size === 0n) return found;
    found.push({ address, size });
  }
  throw new FdtError('the memory reservation block has no end', end);
}

interface OpenNode {
  readonly name: string;
  readonly properties: FdtProperty[];
  readonly children: OpenNode[];
}

/** Walks the structure block. It keeps its own stack: depth costs memory, never the JavaScript stack. */
class StructureReader {
  readonly notes: FdtNote[] = [];
  readonly #blob: Uint8Array;
  readonly #view: DataView;
  readonly #block: Block;
  readonly #strings: Block;
  readonly #stack: OpenNode[] = [];
  #at: number;

  constructor(blob: Uint8Array, view: DataView, { structure, strings }: Header) {
    this.#blob = blob;
    this.#view = view;
    this.#block = structure;
    this.#strings = strings;
    this.#at = structure.start;
  }

  read(): FdtNode {
    if (this.#word('tag') !== FDT.BEGIN_NODE) throw this.#error('the structure block does not begin with a node');
    const root = this.#beginNode();
    while (this.#stack.length > 0) this.#next();
    return root;
  }

  #next(): void {
    const tag = this.#word('tag');
    switch (tag) {
      case FDT.BEGIN_NODE:
        this.#beginNode();
        break;
      case FDT.END_NODE:
        this.#at += 4;
        this.#stack.pop();
        break;
      case FDT.PROP:
        this.#property();
        break;
      case FDT.NOP:
        this.#at += 4;
        break;
      case FDT.END:
        this.#note(`the tree ends with ${String(this.#stack.length)} nodes open`);
        this.#stack.length = 0;
        break;
      default:
        throw this.#error(`unknown tag ${hex(tag)}`);
    }
  }

  #beginNode(): OpenNode {
    const start = this.#at + 4;
    const nul = this.#blob.indexOf(0, start);
    if (nul < 0 || nul >= this.#block.end) throw this.#error('a node name does not end within the structure block');
    const node = { name: latin1(this.#blob.subarray(start, nul)), properties: [], children: [] };
    this.#stack.at(-1)?.children.push(node);
    this.#stack.push(node);
    this.#moveTo(nul + 1);
    return node;
  }

  /** What stands behind a child is nobody's. @see scripts/dtc/libfdt/fdt_ro.c nextprop_ */
  #property(): void {
    const length = this.#word('property length', 4);
    const nameOffset = this.#word('property name', 8);
    const start = this.#at + 12;
    if (length > this.#block.end - start) {
      throw this.#error(`property of ${hex(length)} bytes does not fit into the structure block`);
    }
    const node = this.#stack.at(-1);
    const name = this.#propertyName(nameOffset);
    if (name === null) this.#note(`cannot find a property's name at ${hex(nameOffset)} of the strings block`);
    else if (node !== undefined && node.children.length > 0) this.#note(`property ${name} behind a child`);
    else node?.properties.push({ name, value: this.#blob.slice(start, start + length) });
    this.#moveTo(start + length);
  }

  /** @see scripts/dtc/libfdt/fdt_ro.c fdt_get_string */
  #propertyName(offset: number): string | null {
    const start = this.#strings.start + offset;
    const end = Math.min(this.#strings.end, start + MAX_PROPERTY_NAME + 1);
    if (start >= end) return null;
    const bytes = this.#blob.subarray(start, end);
    const nul = bytes.indexOf(0);
    return nul < 0 ? null : latin1(bytes.subarray(0, nul));
  }

  #moveTo(offset: number): void {
    this.#at = this.#block.start + Math.ceil((offset - this.#block.start) / 4) * 4;
  }

  #word(what: string, plus = 0): number {
    if (this.#at + plus + 4 > this.#block.end) throw this.#error(`the structure block ends before a ${what}`);
    return this.#view.getUint32(this.#at + plus);
  }

  get #path(): string {
    return `/${this.#stack.slice(1).map(({ name }) => name).join('/')}`;
  }

  #error(what: string): FdtError {
    return new FdtError(what, this.#at, this.#stack.length === 0 ? null : this.#path);
  }

  #note(text: string): void {
    if (this.notes.length < MAX_NOTES) this.notes.push({ offset: this.#at, node: this.#path, text });
  }
}

function hex(n: number): string {
  return `0x${n.toString(16)}`;
}
