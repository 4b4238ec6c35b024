import { FDT, FdtError, hex } from './fdt';

/** A part of the blob. */
interface Block {
  readonly start: number;
  readonly end: number;
}

/** What the header says. */
export interface FdtHeader {
  readonly version: number;
  readonly structure: Block;
  readonly strings: Block;
  /** They have no size in the header: they may go on to the end. */
  readonly reservations: Block;
  readonly bootCpu: number;
}

/** Bytes of the header, by version. @see scripts/dtc/libfdt/fdt.c fdt_header_size_ */
const HEADER_BYTES: readonly (readonly [number, number])[] = [
  [1, 28],
  [2, 32],
  [3, 36],
  [16, 36],
];

/** Size of the tree that begins with these bytes, from its header. @throws FdtError */
export function fdtTotalSize(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  checkMagic(view);
  return view.getUint32(4);
}

/** @returns bytes that the header has @see scripts/dtc/libfdt/fdt.c fdt_check_header */
function checkMagic(view: DataView): number {
  if (view.byteLength < 28) throw new FdtError('the blob ends within its header', view.byteLength);
  const magic = view.getUint32(0);
  if (magic !== FDT.MAGIC) throw new FdtError(`magic is ${hex(magic)}, not ${hex(FDT.MAGIC)}`, 0);
  const version = view.getUint32(20);
  const bytes = HEADER_BYTES.find(([last]) => version <= last)?.[1] ?? FDT.HEADER_BYTES;
  if (view.byteLength < bytes) throw new FdtError('the blob ends within its header', view.byteLength);
  return bytes;
}

/**
 * Reads the header of a blob of version 2 to 17. The size of the structure is known from version 17 on; before, it may
 * go on to the end.
 *
 * @throws FdtError (EINVAL) with the place
 * @see scripts/dtc/libfdt/fdt.c fdt_check_header
 */
export function readFdtHeader(view: DataView): FdtHeader {
  const bytes = checkMagic(view);
  const version = checkVersion(view);
  const total = checkTotal(view, bytes);
  const start = (name: string, at: number): number => startOf(view, name, at, [bytes, total]);
  const sized = (name: string, at: number, sizeAt: number): Block => {
    const from = start(name, at);
    const size = sizeAt + 4 > view.byteLength ? 0 : view.getUint32(sizeAt);
    if (from + size <= total) return { start: from, end: from + size };
    throw new FdtError(`${name} of ${hex(size)} bytes ends at ${hex(from + size)}, outside the blob`, sizeAt);
  };
  const open = (name: string, at: number): Block => ({ start: start(name, at), end: total });
  return {
    version,
    reservations: open('memory reservation block', 16),
    structure: version < 17 ? open('structure block', 8) : sized('structure block', 8, 36),
    strings: sized('strings block', 12, 32),
    bootCpu: view.getUint32(28),
  };
}

function checkVersion(view: DataView): number {
  const version = view.getUint32(20);
  const compatible = view.getUint32(24);
  if (version < FDT.FIRST_VERSION) {
    throw new FdtError(`version ${String(version)} is older than ${String(FDT.FIRST_VERSION)}`, 20);
  }
  if (compatible > FDT.VERSION) throw new FdtError(`needs a reader of version ${String(compatible)}`, 24);
  if (version >= compatible) return version;
  throw new FdtError(`version ${String(version)} needs a reader of version ${String(compatible)}`, 24);
}

function checkTotal(view: DataView, headerBytes: number): number {
  const total = view.getUint32(4);
  if (total < headerBytes) throw new FdtError(`total size ${hex(total)} is less than a header`, 4);
  if (total <= view.byteLength) return total;
  throw new FdtError(`total size ${hex(total)}, but there are ${hex(view.byteLength)} bytes`, 4);
}

/** @see scripts/dtc/libfdt/fdt.c check_off_ */
function startOf(view: DataView, name: string, at: number, [least, most]: readonly [number, number]): number {
  const start = view.getUint32(at);
  if (start >= least && start <= most) return start;
  throw new FdtError(`${name} begins at ${hex(start)}, outside the blob`, at);
}
