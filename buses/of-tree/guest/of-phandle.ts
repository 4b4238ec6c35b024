import type { Kernel } from '../../../lib/base/kernel';
import { allNodes } from './all-nodes';
import type { DeviceNode } from './node';
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
 * The entries of a list of handles, each followed by the number of cells that its node specifies. An empty entry is
 * null. Ends early, with a line in the log, where the list is malformed.
 *
 * @param cellsName property with the number of cells that follow; null: none
 * @see drivers/of/base.c of_phandle_iterator_next
 */
export function* phandleEntries(
  node: DeviceNode,
  list: string,
  cellsName: string | null,
): Generator<PhandleArgs | null> {
  const cells = node.cells(list) ?? [];
  for (let at = 0; at < cells.length;) {
    const phandle = cells[at] ?? 0;
    const target = ofFindNodeByPhandle(node.kernel, phandle);
    const count = phandle === 0 || cellsName === null ? 0 : countOf(node, target, phandle, cellsName);
    const left = cells.length - at - 1;
    if (count === null) return;
    if (count > left) {
      node.kernel.log.err(`OF: ${node.fullName}: ${String(cellsName)} = ${String(count | 0)} found ${String(left)}`);
      return;
    }
    yield target === null ? null : { node: target, args: argsAt(node.kernel, cells, at, count) };
    at += 1 + count;
  }
}

function countOf(node: DeviceNode, target: DeviceNode | null, phandle: number, cellsName: string): number | null {
  const count = target?.u32(cellsName);
  if (target !== null && count !== undefined) return count;
  const what =
    target === null
      ? `could not find phandle ${String(phandle | 0)}`
      : `could not get ${cellsName} for ${target.fullName}`;
  node.kernel.log.err(`OF: ${node.fullName}: ${what}`);
  return null;
}

/** @see drivers/of/base.c of_phandle_iterator_args */
function argsAt(kernel: Kernel, cells: readonly number[], at: number, count: number): readonly number[] {
  if (count > MAX_PHANDLE_ARGS) kernel.warn(`of_phandle_iterator_args: ${String(count)} cells behind a handle`);
  return cells.slice(at + 1, at + 1 + Math.min(count, MAX_PHANDLE_ARGS));
}

/**
 * One entry of a list of handles.
 *
 * @returns null where Linux gives ENOENT (no such entry, an empty one) or EINVAL (a malformed list, which is logged)
 * @see drivers/of/base.c of_parse_phandle_with_args
 */
export function ofParsePhandleWithArgs(
  node: DeviceNode,
  list: string,
  cellsName: string | null,
  index: number,
): PhandleArgs | null {
  let at = 0;
  for (const entry of phandleEntries(node, list, cellsName)) if (at++ === index) return entry;
  return null;
}
