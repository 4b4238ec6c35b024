import { cells, cString, FDT, type FdtNode } from '../../buses/of-tree';

/** A flattened tree as it was written before version 17: the header is shorter, and up to version 3 names are paths. */
export function writeOldFdt(root: FdtNode, version: number): Uint8Array {
  const headerBytes = version >= 3 ? 36 : 32;
  const strings: number[] = [];
  const structure = structureOf(root, '', strings, version < 16);
  const structureAt = align(headerBytes, 8) + 16;
  const words = [...structure, ...cells(FDT.END)];
  const stringsAt = structureAt + words.length;
  const total = stringsAt + strings.length;
  const header = cells(
    FDT.MAGIC,
    total,
    structureAt,
    stringsAt,
    align(headerBytes, 8),
    version,
    Math.min(version, 16),
    0,
    strings.length,
  ).subarray(0, headerBytes);
  const blob = new Uint8Array(Math.max(total, 36));
  blob.set(header);
  blob.set(words, structureAt);
  blob.set(strings, stringsAt);
  return blob;
}

function structureOf(node: FdtNode, above: string, strings: number[], isPath: boolean, at = 0): number[] {
  const path = above === '' ? '/' : `${above === '/' ? '' : above}/${node.name}`;
  const bytes: number[] = [];
  const pad = (to: number): void => {
    while ((at + bytes.length) % to !== 0) bytes.push(0);
  };
  bytes.push(...cells(FDT.BEGIN_NODE), ...cString(isPath ? path : node.name));
  pad(4);
  for (const { name, value } of node.properties) {
    bytes.push(...cells(FDT.PROP, value.length, strings.length));
    strings.push(...cString(name));
    if (isPath && value.length >= 8) pad(8);
    bytes.push(...value);
    pad(4);
  }
  for (const child of node.children) bytes.push(...structureOf(child, path, strings, isPath, at + bytes.length));
  return [...bytes, ...cells(FDT.END_NODE)];
}

function align(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}
