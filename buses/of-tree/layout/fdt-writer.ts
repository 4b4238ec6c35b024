import { ErrnoError } from '../../../lib/errno';
import { cells, cString } from '../layout';
import { FDT, type Fdt, type FdtNode } from './fdt';

/**
 * Writes a flattened device tree, version 17: header, reservations, structure, strings, in this order.
 *
 * @throws ErrnoError EINVAL for a name that cannot be written: with a NUL or a character above 0xff in it
 * @see Devicetree Specification 0.4 §5
 */
export function writeFdt({ root, reservations, bootCpu }: Partial<Fdt> & Pick<Fdt, 'root'>): Uint8Array {
  const strings = new StringTable();
  const structure = concat(structureOf(root, strings));
  const map = reservationMap(reservations ?? []);
  const structureAt = FDT.HEADER_BYTES + map.length;
  const stringsAt = structureAt + structure.length;
  const total = stringsAt + strings.length;
  const header = cells(
    FDT.MAGIC,
    total,
    structureAt,
    stringsAt,
    FDT.HEADER_BYTES,
    FDT.VERSION,
    FDT.LAST_COMP_VERSION,
    bootCpu ?? 0,
    strings.length,
    structure.length,
  );
  return concat([header, map, structure, ...strings.parts]);
}

/** Property names, each once. */
class StringTable {
  readonly parts: Uint8Array[] = [];
  readonly #offsets = new Map<string, number>();
  length = 0;

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.length;
    const bytes = checkedName(name);
    this.parts.push(bytes);
    this.length += bytes.length;
    this.#offsets.set(name, offset);
    return offset;
  }
}

/** Depth first, with a stack of its own: null ends a node. */
function structureOf(root: FdtNode, strings: StringTable): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const todo: (FdtNode | null)[] = [root];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (node === null) {
      parts.push(cells(FDT.END_NODE));
      continue;
    }
    parts.push(cells(FDT.BEGIN_NODE), padded(checkedName(node.name)));
    for (const { name, value } of node.properties) {
      parts.push(cells(FDT.PROP, value.length, strings.offsetOf(name)), padded(value));
    }
    todo.push(null);
    for (let i = node.children.length - 1; i >= 0; i -= 1) todo.push(node.children[i] as FdtNode);
  }
  parts.push(cells(FDT.END));
  return parts;
}

function reservationMap(reservations: Fdt['reservations']): Uint8Array {
  const bytes = new Uint8Array(16 * (reservations.length + 1));
  const view = new DataView(bytes.buffer);
  reservations.forEach(({ address, size }, i) => {
    view.setBigUint64(16 * i, address);
    view.setBigUint64(16 * i + 8, size);
  });
  return bytes;
}

function checkedName(name: string): Uint8Array {
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code === 0 || code > 0xff) throw new ErrnoError('EINVAL', { syscall: 'flatten_device_tree', path: name });
  }
  return cString(name);
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const longer = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  longer.set(bytes);
  return longer;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
