import type { Kernel } from '../../lib/base/kernel';
import { allNodes, type DeviceNode } from './node';
import { ofState } from './of-state';

/** Most cells behind a handle. @see include/linux/of.h MAX_PHANDLE_ARGS */
export const MAX_PHANDLE_ARGS = 16;

/** A handle with what follows it. @see include/linux/of.h struct of_phandle_args */
export interface PhandleArgs {
  readonly node: DeviceNode;
  readonly args: readonly number[];
}

/** The first node with that handle, in the order of the tree. @see drivers/of/base.c of_find_node_by_phandle */
export function ofFindNodeByPhandle(kernel: Kernel, phandle: number): DeviceNode | null {
  const { root, phandles } = ofState(kernel);
  if (phandle === 0 || root === null) return null;
  const known = phandles.get(phandle);
  if (known !== undefined) return known;
  for (const node of allNodes(root)) if (node.phandle === phandle) return node;
  return null;
}

/**
 * One entry of a list of handles, each followed by as many cells as its node asks for.
 *
 * @returns null where Linux gives ENOENT (no such entry, an empty one) or EINVAL (a list that lies: told in the log)
 * @see drivers/of/base.c of_parse_phandle_with_args, of_phandle_iterator_next
 */
export function ofParsePhandleWithArgs(
  node: DeviceNode,
  list: string,
  cellsName: string,
  index: number,
): PhandleArgs | null {
  const cells = node.cells(list) ?? [];
  for (let at = 0, entry = 0; at < cells.length; entry += 1) {
    const found = readEntry(node, cells[at] ?? 0, cellsName, cells.length - at - 1);
    if (found === null) return null;
    const { target, count } = found;
    if (entry === index) return target === null ? null : { node: target, args: argsAt(node.kernel, cells, at, count) };
    at += 1 + count;
  }
  return null;
}

interface Entry {
  /** null: an empty entry. */
  readonly target: DeviceNode | null;
  /** Cells that follow. */
  readonly count: number;
}

function readEntry(node: DeviceNode, phandle: number, cellsName: string, left: number): Entry | null {
  if (phandle === 0) return { target: null, count: 0 };
  const refuse = (what: string): null => {
    node.kernel.log.err(`OF: ${node.fullName}: ${what}`);
    return null;
  };
  const target = ofFindNodeByPhandle(node.kernel, phandle);
  if (target === null) return refuse(`could not find phandle ${String(phandle | 0)}`);
  const count = target.u32(cellsName);
  if (count === undefined) return refuse(`could not get ${cellsName} for ${target.fullName}`);
  return count <= left ? { target, count } : refuse(`${cellsName} = ${String(count | 0)} found ${String(left)}`);
}

/** @see drivers/of/base.c of_phandle_iterator_args */
function argsAt(kernel: Kernel, cells: readonly number[], at: number, count: number): readonly number[] {
  if (count > MAX_PHANDLE_ARGS) kernel.warn(`of_phandle_iterator_args: ${String(count)} cells behind a handle`);
  return cells.slice(at + 1, at + 1 + Math.min(count, MAX_PHANDLE_ARGS));
}
