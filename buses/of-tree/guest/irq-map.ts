import type { Kernel } from '../../../lib/base/kernel';
import { EFAULT, EINVAL, ENOENT } from '../../../lib/errno';
import type { DeviceNode } from './node';
import { ofDeviceIsAvailable, ofDeviceIsCompatible } from './of';
import { MAX_PHANDLE_ARGS, ofFindNodeByPhandle, type PhandleArgs } from './of-phandle';

/** Limit of nodes on the way to a controller. Where maps form a loop, Linux never ends. */
const MAX_LEVELS = 64;

/** They have an interrupt-map that their own drivers read. @see drivers/of/irq.c of_irq_imap_abusers */
const IMAP_ABUSERS: readonly string[] = [
  'CBEA,platform-spider-pic',
  'sti,platform-spider-pic',
  'realtek,rtl-intc',
  'fsl,ls1021a-extirq',
  'fsl,ls1043a-extirq',
  'fsl,ls1088a-extirq',
  'renesas,rza1-irqc',
  'pasemi,rootbus',
];

/**
 * The controller that a node's interrupts go to: the nearest one along interrupt-parent and the parents. A ring of
 * interrupt-parents, in which Linux would walk for ever, ends here.
 *
 * @see drivers/of/irq.c of_irq_find_parent
 */
export function ofIrqFindParent(node: DeviceNode): DeviceNode | null {
  const seen = new Set<DeviceNode>();
  let at: DeviceNode | null = node;
  while (at !== null && !seen.has(at)) {
    seen.add(at);
    const phandle: number | undefined = at.u32('interrupt-parent');
    at = phandle === undefined ? at.parent : ofFindNodeByPhandle(node.kernel, phandle);
    if (at?.has('#interrupt-cells') === true) return at;
  }
  return null;
}

/** Where the walk is, and what is looked for in the next map. */
interface Cursor {
  readonly node: DeviceNode | null;
  /** Cells of the address, then those of the interrupt. */
  readonly match: readonly number[];
}

/** One line of a map. */
interface MapEntry extends PhandleArgs {
  /** Address and interrupt, as the parent has them. */
  readonly match: readonly number[];
}

/**
 * Follows the maps from the node of an interrupt specifier to its controller. A node that is not a controller and whose
 * interrupts lead back to it, where Linux would never end, is taken for one.
 *
 * @param address the first cells of the device's `reg`; those that are missing are 0
 * @returns the controller and its cells; -EINVAL where a map has no entry for it, -ENOENT where there is no controller,
 *   -EFAULT for too many cells
 * @see drivers/of/irq.c of_irq_parse_raw
 */
export function ofIrqParseRaw(address: readonly number[], { node, args }: PhandleArgs): PhandleArgs | number {
  const first = firstCursor(address, node, args);
  if (typeof first === 'number') return first;
  let cursor = first;
  let found: PhandleArgs = { node, args };
  for (let level = 0; cursor.node !== null; level += 1) {
    if (level >= MAX_LEVELS) return -EINVAL;
    const { node: at, match } = cursor;
    const map = at.cells('interrupt-map');
    if (at.has('interrupt-controller') && (map === undefined || isAbuser(at))) return found;
    const entry = map === undefined ? undefined : lookUp(at, match, map);
    if (entry === null) return -EINVAL;
    if (entry !== undefined) found = { node: entry.node, args: entry.args };
    cursor = entry ?? { node: ofIrqFindParent(at), match };
    if (cursor.node === at) return found;
  }
  return -ENOENT;
}

function isAbuser(node: DeviceNode): boolean {
  return IMAP_ABUSERS.some((compatible) => ofDeviceIsCompatible(node, compatible) > 0);
}

function firstCursor(address: readonly number[], from: DeviceNode, args: readonly number[]): Cursor | number {
  const node = withCells(from);
  const size = node?.u32('#interrupt-cells');
  if (node === null || args.length !== size) return -EINVAL;
  const addressCells = addressCellsAbove(node);
  if (tooMany(node.kernel, addressCells + size)) return -EFAULT;
  return { node, match: [...Array.from({ length: addressCells }, (_, i) => address[i] ?? 0), ...args] };
}

/** The nearest node on the way to a controller that has #interrupt-cells. */
function withCells(from: DeviceNode): DeviceNode | null {
  let node: DeviceNode | null = from;
  for (let level = 0; node !== null && node.u32('#interrupt-cells') === undefined; level += 1) {
    node = level < MAX_LEVELS ? ofIrqFindParent(node) : null;
  }
  return node;
}

/** Also from the nodes above: some trees rely on it. */
function addressCellsAbove(node: DeviceNode): number {
  for (let at: DeviceNode | null = node; at !== null; at = at.parent) {
    const cells = at.rawCells('#address-cells', 1);
    if (cells !== undefined) return cells[0] ?? 0;
  }
  return 2;
}

/**
 * The first entry that matches under the mask and whose controller exists. null: there is none, or the map is
 * malformed.
 */
function lookUp(node: DeviceNode, match: readonly number[], map: readonly number[]): MapEntry | null {
  const mask = node.rawCells('interrupt-map-mask', match.length);
  for (let at = 0; map.length - at > match.length + 1;) {
    const line = at;
    const fits = match.every((cell, i) => ((cell ^ (map[line + i] ?? 0)) & (mask?.[i] ?? -1)) === 0);
    const entry = imapParent(node.kernel, map, at + match.length);
    if (entry === null || (fits && ofDeviceIsAvailable(entry.node))) return entry;
    at += match.length + 1 + entry.match.length;
  }
  return null;
}

/** @see drivers/of/irq.c of_irq_parse_imap_parent */
function imapParent(kernel: Kernel, map: readonly number[], at: number): MapEntry | null {
  const node = ofFindNodeByPhandle(kernel, map[at] ?? 0);
  const size = node?.u32('#interrupt-cells');
  if (node === null || size === undefined) return null;
  const addressCells = node.u32('#address-cells') ?? 0;
  const from = at + 1;
  const to = from + addressCells + size;
  if (tooMany(kernel, to - from) || to > map.length) return null;
  return { node, match: map.slice(from, to), args: map.slice(from + addressCells, to) };
}

function tooMany(kernel: Kernel, cells: number): boolean {
  if (cells > MAX_PHANDLE_ARGS) kernel.warn(`OF: ${String(cells)} cells tell an interrupt`);
  return cells > MAX_PHANDLE_ARGS;
}
