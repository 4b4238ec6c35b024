import { latin1 } from '../layout';
import { FDT, FdtError, hex, type Fdt, type FdtNode, type FdtNote, type FdtProperty } from './fdt';
import { readFdtHeader, type FdtHeader } from './fdt-header';

/** Longer property names are left out, so that reading takes time in proportion to the blob. */
const MAX_PROPERTY_NAME = 255;
/** Notes after these are dropped. */
const MAX_NOTES = 16;

/**
 * Reads a flattened device tree of version 2 to 17. What Linux reads, it reads; what Linux refuses, it refuses, and it
 * never looks outside the blob.
 *
 * @throws FdtError (EINVAL) with the place, for any bytes that are no tree; nothing else
 * @see drivers/of/fdt.c unflatten_dt_nodes, scripts/dtc/libfdt/fdt.c fdt_next_node
 */
export function readFdt(blob: Uint8Array): Fdt & { readonly notes: readonly FdtNote[] } {
  return readOwnFdt(blob.slice());
}

/** As {@link readFdt}, of a blob that is not changed afterwards: values are views of it. @throws FdtError */
export function readOwnFdt(blob: Uint8Array): Fdt & { readonly notes: readonly FdtNote[] } {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const header = readFdtHeader(view);
  const structure = new StructureReader(blob, view, header);
  const root = structure.read();
  return { root, reservations: reservationsOf(view, header), bootCpu: header.bootCpu, notes: structure.notes };
}

/** Pairs of address and size until a size is 0, or to the end: a tree does not depend on them. @see fdt_get_mem_rsv */
function reservationsOf(view: DataView, { reservations: { start, end } }: FdtHeader): Fdt['reservations'] {
  const found: { address: bigint; size: bigint }[] = [];
  for (let at = start; at + 16 <= end; at += 16) {
    const size = view.getBigUint64(at + 8);
    if (size === 0n) break;
    found.push({ address: view.getBigUint64(at), size });
  }
  return found;
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
  readonly #header: FdtHeader;
  readonly #names = new Map<number, string | null>();
  readonly #stack: OpenNode[] = [];
  #at: number;

  constructor(blob: Uint8Array, view: DataView, header: FdtHeader) {
    this.#blob = blob;
    this.#view = view;
    this.#header = header;
    this.#at = header.structure.start;
  }

  read(): FdtNode {
    if (this.#word('tag') !== FDT.BEGIN_NODE) throw this.#error('the structure block does not begin with a node');
    const root = this.#beginNode();
    while (this.#stack.length > 0) this.#next();
    return root;
  }

  /** @see scripts/dtc/libfdt/fdt.c fdt_next_tag */
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
    if (nul < 0 || nul >= this.#header.structure.end) {
      throw this.#error('a node name does not end within the structure block');
    }
    const name = this.#leafName(latin1(this.#blob.subarray(start, nul)));
    const node = { name, properties: [], children: [] };
    this.#stack.at(-1)?.children.push(node);
    this.#stack.push(node);
    this.#moveTo(nul + 1);
    return node;
  }

  /** Before version 16 a node has its whole path. @see scripts/dtc/libfdt/fdt_ro.c fdt_get_name */
  #leafName(name: string): string {
    if (this.#header.version >= 16) return name;
    const slash = name.lastIndexOf('/');
    if (slash < 0)
      throw this.#error(`the name '${name}' is no path, as version ${String(this.#header.version)} has it`);
    return name.slice(slash + 1);
  }

  /** A property after a child node does not belong to any node. @see scripts/dtc/libfdt/fdt_ro.c nextprop_ */
  #property(): void {
    const length = this.#word('property length', 4);
    const nameOffset = this.#word('property name', 8);
    const start = this.#valueStart(length);
    if (length > this.#header.structure.end - start) {
      throw this.#error(`property of ${hex(length)} bytes does not fit into the structure block`);
    }
    const node = this.#stack.at(-1);
    const name = this.#propertyName(nameOffset);
    if (name === null) this.#note(`cannot find a property's name at ${hex(nameOffset)} of the strings block`);
    else if (node !== undefined && node.children.length > 0) this.#note(`property ${name} behind a child`);
    else node?.properties.push({ name, value: this.#blob.subarray(start, start + length) });
    this.#moveTo(start + length);
  }

  /** Before version 16 a value of 8 bytes or more is at a multiple of 8 in the structure. @see fdt_getprop_by_offset */
  #valueStart(length: number): number {
    const start = this.#at + 12;
    const isAligned = (start - this.#header.structure.start) % 8 === 0;
    return this.#header.version >= 16 || length < 8 || isAligned ? start : start + 4;
  }

  #propertyName(offset: number): string | null {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const name = this.#readName(offset);
    this.#names.set(offset, name);
    return name;
  }

  /** @see scripts/dtc/libfdt/fdt_ro.c fdt_get_string */
  #readName(offset: number): string | null {
    const { strings, reservations, version } = this.#header;
    const start = strings.start + offset;
    const last = version < 17 ? reservations.end : strings.end;
    const end = Math.min(last, start + MAX_PROPERTY_NAME + 1);
    if (start >= end) return null;
    const bytes = this.#blob.subarray(start, end);
    const nul = bytes.indexOf(0);
    return nul < 0 ? null : latin1(bytes.subarray(0, nul));
  }

  #moveTo(offset: number): void {
    const { start } = this.#header.structure;
    this.#at = start + Math.ceil((offset - start) / 4) * 4;
  }

  #word(what: string, plus = 0): number {
    if (this.#at + plus + 4 > this.#header.structure.end) {
      throw this.#error(`the structure block ends before a ${what}`);
    }
    return this.#view.getUint32(this.#at + plus);
  }

  get #path(): string {
    return `/${this.#stack
      .slice(1)
      .map(({ name }) => name)
      .join('/')}`;
  }

  #error(what: string): FdtError {
    return new FdtError(what, this.#at, this.#stack.length === 0 ? null : this.#path);
  }

  #note(text: string): void {
    if (this.notes.length < MAX_NOTES) this.notes.push({ offset: this.#at, node: this.#path, text });
  }
}
