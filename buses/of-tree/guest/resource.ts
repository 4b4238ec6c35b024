import { EBUSY } from '../../../lib/errno';
import type { Kernel } from '../../../lib/base/kernel';
import { firstIndex } from '../../../lib/sorted';

/** Flags of a resource. @see include/linux/ioport.h */
export const IORESOURCE = Object.freeze({
  IO: 0x100,
  MEM: 0x200,
  IRQ: 0x400,
  PREFETCH: 0x2000,
  MEM_64: 0x10_0000,
  BUSY: 0x8000_0000,
  TYPE_BITS: 0x1f00,
});

/** A piece of address space, both ends included, and those within it. @see include/linux/ioport.h struct resource */
export interface Resource {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
  name: string | null;
  parent: Resource | null;
  /** In order of address; they do not overlap. */
  children: Resource[];
}

/** What a resource is made of. */
export interface ResourceInit {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
  readonly name?: string;
}

/** A resource without a place in a tree. */
export function makeResource({ start, end, flags, name }: ResourceInit): Resource {
  return { start, end, flags: flags >>> 0, name: name ?? null, parent: null, children: [] };
}

/** All memory that the CPU can address. @see kernel/resource.c iomem_resource */
export function iomemResource(kernel: Kernel): Resource {
  return kernel.stateOf(makeIomem);
}

/** All I/O ports. @see kernel/resource.c ioport_resource */
export function ioportResource(kernel: Kernel): Resource {
  return kernel.stateOf(makeIoport);
}

function makeIomem(): Resource {
  return makeResource({ start: 0n, end: (1n << 64n) - 1n, flags: IORESOURCE.MEM, name: 'PCI mem' });
}

function makeIoport(): Resource {
  return makeResource({ start: 0n, end: 0xffffn, flags: IORESOURCE.IO, name: 'PCI IO' });
}

/** Index of the first child that ends at an address or above it. */
function firstUpFrom(parent: Resource, start: bigint): number {
  return firstIndex(parent.children, ({ end }) => end >= start);
}

/** @returns what it collides with; null when it has its place @see kernel/resource.c __request_resource */
function requestConflict(root: Resource, res: Resource): Resource | null {
  if (res.end < res.start || res.start < root.start || res.end > root.end) return root;
  const index = firstUpFrom(root, res.start);
  const conflict = root.children[index];
  if (conflict !== undefined && conflict.start <= res.end) return conflict;
  root.children.splice(index, 0, res);
  res.parent = root;
  return null;
}

/** Inserts a resource, if its range is free. @returns 0 or -EBUSY @see kernel/resource.c request_resource */
export function requestResource(root: Resource, res: Resource): number {
  return requestConflict(root, res) === null ? 0 : -EBUSY;
}

/**
 * Inserts a resource: below the one that contains it, above those that it contains.
 *
 * @returns 0; -EBUSY when it partly overlaps another or does not fit
 * @see kernel/resource.c __insert_resource
 */
export function insertResource(root: Resource, res: Resource): number {
  let parent = root;
  for (let first = requestConflict(parent, res); first !== null; first = requestConflict(parent, res)) {
    if (first === parent || first === res) return -EBUSY;
    const inside = first.start <= res.start && first.end >= res.end;
    const same = first.start === res.start && first.end === res.end;
    if (!inside || same) return adopt(parent, res);
    parent = first;
  }
  return 0;
}

function adopt(parent: Resource, res: Resource): number {
  const index = firstUpFrom(parent, res.start);
  const covered = parent.children.slice(
    index,
    firstIndex(parent.children, (child) => child.start > res.end),
  );
  if (covered.some((child) => child.start < res.start || child.end > res.end)) return -EBUSY;
  parent.children.splice(index, covered.length, res);
  res.parent = parent;
  res.children = covered;
  for (const child of covered) child.parent = res;
  return 0;
}

/** Takes a resource with all in it out of the tree; one that has no place stays so. @see release_resource */
export function releaseResource(res: Resource): void {
  const { parent } = res;
  if (parent === null) return;
  const index = firstUpFrom(parent, res.start);
  if (parent.children[index] === res) parent.children.splice(index, 1);
  res.parent = null;
}

/**
 * Reserves a region for a driver: within the resource that contains it, if that is not busy.
 *
 * @returns the region; null when it is used or crosses an edge
 * @see kernel/resource.c __request_region
 */
export function requestRegion(root: Resource, start: bigint, size: bigint, name: string): Resource | null {
  const flags = IORESOURCE.BUSY | (root.flags & IORESOURCE.TYPE_BITS);
  const res = makeResource({ start, end: start + size - 1n, flags, name });
  let parent = root;
  for (let conflict = requestConflict(parent, res); conflict !== null; conflict = requestConflict(parent, res)) {
    if (conflict === parent || (conflict.flags & IORESOURCE.BUSY) !== 0) return null;
    parent = conflict;
  }
  return res;
}

/** Lines of /proc/iomem or /proc/ioports. @see kernel/resource.c r_show */
export function resourceLines(root: Resource): string[] {
  const digits = root.end < 0x1_0000n ? 4 : 8;
  const hex = (n: bigint): string => n.toString(16).padStart(digits, '0');
  const below = (res: Resource, depth: number): string[] =>
    res.children.flatMap((child) => [
      `${'  '.repeat(depth)}${hex(child.start)}-${hex(child.end)} : ${child.name ?? '<BAD>'}`,
      ...below(child, depth + 1),
    ]);
  return below(root, 0);
}

const KINDS: readonly (readonly [number, string, number])[] = [
  [IORESOURCE.IO, 'io  ', 4],
  [IORESOURCE.MEM, 'mem ', 8],
  [IORESOURCE.IRQ, 'irq ', 0],
];

/** As the log prints it: `[mem 0x0a000000-0x0a0001ff]`. @see lib/vsprintf.c resource_string */
export function formatResource({ start, end, flags }: Resource): string {
  const [, kind, digits] = KINDS.find(([flag]) => (flags & flag) !== 0) ?? [0, '??? ', 8];
  const print = (n: bigint): string => (digits === 0 ? n.toString() : `0x${n.toString(16).padStart(digits, '0')}`);
  return `[${kind}${print(start)}${start === end ? '' : `-${print(end)}`}]`;
}
