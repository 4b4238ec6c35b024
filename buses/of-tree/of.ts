import type { Kernel } from '../../lib/base/kernel';
import { allNodes, type DeviceNode } from './node';

/** A name for a node, from /aliases: a stem and a number. @see drivers/of/of_private.h struct alias_prop */
export interface Alias {
  readonly alias: string;
  readonly node: DeviceNode;
  readonly stem: string;
  readonly id: number;
}

/** Gives the number of an interrupt at its controller; undefined for cells that mean none. */
export type IrqDomain = (cells: readonly number[]) => number | undefined;

/** The device tree of one kernel. */
export interface OfState {
  root: DeviceNode | null;
  aliases: readonly Alias[];
  /** By the node of the interrupt controller. @see kernel/irq/irqdomain.c */
  readonly irqDomains: Map<DeviceNode, IrqDomain>;
}

/** What are the static variables of drivers/of/base.c. */
export function ofState(kernel: Kernel): OfState {
  return kernel.stateOf(makeState);
}

function makeState(): OfState {
  return { root: null, aliases: [], irqDomains: new Map() };
}

/** One line of a driver's table of nodes. What is absent or empty matches all. @see struct of_device_id */
export interface OfDeviceId {
  readonly compatible?: string;
  readonly type?: string;
  readonly name?: string;
  readonly data?: unknown;
}

const BEST_SCORE = 0x3fff_ffff;

/**
 * How well a node fits: an earlier string of `compatible` is worth more than anything else, then the type, then the
 * name. 0 when one of them does not fit.
 *
 * @see drivers/of/base.c __of_device_is_compatible
 */
export function ofDeviceIsCompatible(node: DeviceNode, compatible = '', type = '', name = ''): number {
  let score = 0;
  if (compatible !== '') {
    const index = node.texts('compatible').findIndex((text) => sameText(text, compatible));
    if (index < 0) return 0;
    score = BEST_SCORE - 4 * index;
  }
  if (type !== '') {
    if (node.deviceType !== type) return 0;
    score += 2;
  }
  if (name !== '') {
    if (node.nodeName !== name) return 0;
    score += 1;
  }
  return score;
}

/** Compatible strings are compared without case. @see include/linux/of.h of_compat_cmp */
function sameText(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

/** The line that fits best; of equal ones the first. @see drivers/of/base.c __of_match_node */
export function ofMatchNode(table: readonly OfDeviceId[] | undefined, node: DeviceNode): OfDeviceId | null {
  let best: OfDeviceId | null = null;
  let bestScore = 0;
  for (const id of table ?? []) {
    const score = ofDeviceIsCompatible(node, id.compatible, id.type, id.name);
    if (score <= bestScore) continue;
    best = id;
    bestScore = score;
  }
  return best;
}

/** Absent, "okay" or "ok". @see drivers/of/base.c __of_device_is_available */
export function ofDeviceIsAvailable(node: DeviceNode): boolean {
  const status = node.text('status');
  return status === undefined || status === 'okay' || status === 'ok';
}

/** The first node with that handle, in the order of the tree. @see drivers/of/base.c of_find_node_by_phandle */
export function ofFindNodeByPhandle(kernel: Kernel, phandle: number): DeviceNode | null {
  const { root } = ofState(kernel);
  if (root === null || phandle === 0) return null;
  for (const node of allNodes(root)) if (node.phandle === phandle) return node;
  return null;
}

/**
 * A node by path: absolute, or beginning with an alias. What follows a colon does not count.
 *
 * @see drivers/of/base.c of_find_node_opts_by_path
 */
export function ofFindNodeByPath(kernel: Kernel, path: string): DeviceNode | null {
  const [names = ''] = path.split(':', 1);
  const parts = names.split('/').filter((part) => part !== '');
  let at = names.startsWith('/') ? ofState(kernel).root : startOf(kernel, parts.shift());
  for (const part of parts) at = at?.children.find(({ unitName }) => unitName === part) ?? null;
  return at;
}

function startOf(kernel: Kernel, alias: string | undefined): DeviceNode | null {
  const { root } = ofState(kernel);
  const aliases = root?.children.find(({ unitName }) => unitName === 'aliases');
  const path = alias === undefined ? undefined : aliases?.text(alias);
  return path?.startsWith('/') === true ? ofFindNodeByPath(kernel, path) : null;
}

const NO_ALIASES: readonly string[] = ['name', 'phandle', 'linux,phandle'];

/** Reads /aliases. A name without a number at its end is none. @see drivers/of/base.c of_alias_scan */
export function ofAliasScan(kernel: Kernel): void {
  const state = ofState(kernel);
  const found: Alias[] = [];
  for (const { name: alias } of ofFindNodeByPath(kernel, '/aliases')?.properties ?? []) {
    const node = NO_ALIASES.includes(alias) ? null : ofFindNodeByPath(kernel, aliasPath(kernel, alias));
    const [, stem, digits] = /^(.*?)([0-9]+)$/.exec(alias) ?? [];
    const id = Number(digits);
    if (node !== null && stem !== undefined && id <= 0x7fff_ffff) found.push({ alias, node, stem, id });
  }
  state.aliases = found;
  for (const { node, alias } of found) node.aliases = [...node.aliases, alias];
}

function aliasPath(kernel: Kernel, alias: string): string {
  return ofFindNodeByPath(kernel, '/aliases')?.text(alias) ?? '';
}

/** The number of a node among those with that stem; null without one. @see drivers/of/base.c of_alias_get_id */
export function ofAliasGetId(node: DeviceNode, stem: string): number | null {
  return ofState(node.kernel).aliases.find((one) => one.stem === stem && one.node === node)?.id ?? null;
}

/** A handle with what follows it. @see include/linux/of.h struct of_phandle_args */
export interface PhandleArgs {
  readonly node: DeviceNode;
  readonly args: readonly number[];
}

/**
 * One entry of a list of handles, each followed by as many cells as its node asks for.
 *
 * @returns null where Linux gives ENOENT (no such entry) or EINVAL (a list that lies)
 * @see drivers/of/base.c of_parse_phandle_with_args
 */
export function ofParsePhandleWithArgs(
  node: DeviceNode,
  list: string,
  cellsName: string,
  index: number,
): PhandleArgs | null {
  const cells = node.cells(list) ?? [];
  for (let at = 0, entry = 0; at < cells.length; entry += 1) {
    const phandle = cells[at] ?? 0;
    const target = ofFindNodeByPhandle(node.kernel, phandle);
    const count = phandle === 0 ? 0 : target?.u32(cellsName);
    if (count === undefined || at + 1 + count > cells.length) return null;
    if (entry === index) return target === null ? null : { node: target, args: cells.slice(at + 1, at + 1 + count) };
    at += 1 + count;
  }
  return null;
}
