import type { Kernel } from '../../../lib/base/kernel';
import { FWNODE_FLAG } from '../../../lib/base/links/fwnode';
import type { DeviceNode } from './node';
import { ofState, type Alias, type OfState } from './of-state';
import { ofPropertyReadStringIndex } from './property';

/**
 * A node by path: absolute, or beginning with an alias. What follows a colon does not count. A slash at the end is one
 * name more, which no node has.
 *
 * @see include/linux/of.h of_find_node_by_path
 */
export function ofFindNodeByPath(kernel: Kernel, path: string): DeviceNode | null {
  return find(ofState(kernel), path, new Set());
}

/**
 * A node by path, and what follows the first colon: null without one.
 *
 * @see drivers/of/base.c of_find_node_opts_by_path
 */
export function ofFindNodeOptsByPath(
  kernel: Kernel,
  path: string,
): { readonly node: DeviceNode | null; readonly options: string | null } {
  const colon = path.indexOf(':');
  return { node: ofFindNodeByPath(kernel, path), options: colon < 0 ? null : path.slice(colon + 1) };
}

/** @param seen aliases on the way: one that leads back to itself has Linux run out of stack */
function find(state: OfState, path: string, seen: Set<string>): DeviceNode | null {
  if (path === '/') return state.root;
  if (path.startsWith('/')) return findByFullPath(state.root, path);
  const alias = path.slice(0, lengthOfName(path));
  if (state.aliasesNode === null || seen.has(alias)) return null;
  const target = state.aliasesNode.text(alias);
  const node = target === undefined ? null : find(state, target, seen.add(alias));
  return findByFullPath(node, path.slice(alias.length));
}

/** @see drivers/of/base.c __of_find_node_by_full_path */
function findByFullPath(from: DeviceNode | null, path: string): DeviceNode | null {
  const colon = path.indexOf(':');
  let node = from;
  for (let at = 0; node !== null && path[at] === '/';) {
    node = findChild(node, path.slice(at + 1));
    const slash = path.indexOf('/', at + 1);
    at = slash < 0 ? path.length : slash;
    if (colon >= 0 && colon < at) break;
  }
  return node;
}

/** @see drivers/of/base.c __of_find_node_by_path */
function findChild(parent: DeviceNode, path: string): DeviceNode | null {
  const name = path.slice(0, lengthOfName(path));
  return name === '' ? null : (parent.children.find(({ unitName }) => unitName === name) ?? null);
}

function lengthOfName(path: string): number {
  const end = path.search(/[/:]/);
  return end < 0 ? path.length : end;
}

const NO_ALIASES: readonly string[] = ['name', 'phandle', 'linux,phandle'];

/** Finds /chosen and reads /aliases. @see drivers/of/base.c of_alias_scan */
export function ofAliasScan(kernel: Kernel): void {
  const state = ofState(kernel);
  state.aliasesNode = ofFindNodeByPath(kernel, '/aliases');
  state.chosen = ofFindNodeByPath(kernel, '/chosen') ?? ofFindNodeByPath(kernel, '/chosen@0');
  markStdout(kernel, state.chosen);
  const found = (state.aliasesNode?.properties ?? []).map(({ name }) => aliasOf(kernel, name));
  state.aliases = found.filter((alias) => alias !== null);
  for (const { node, alias } of state.aliases) node.aliases = [...node.aliases, alias];
}

/** The console's device is probed although suppliers are missing. */
function markStdout(kernel: Kernel, chosen: DeviceNode | null): void {
  if (chosen === null) return;
  const paths = ['stdout-path', 'linux,stdout-path'].map((name) => ofPropertyReadStringIndex(chosen, name, 0));
  const path = paths.find((found) => typeof found === 'string');
  const stdout = path === undefined ? null : ofFindNodeByPath(kernel, path);
  if (stdout !== null) stdout.fwnode.flags |= FWNODE_FLAG.BEST_EFFORT;
}

/** A name without a number at its end, or with one that is not an int, is not an alias. */
function aliasOf(kernel: Kernel, alias: string): Alias | null {
  if (NO_ALIASES.includes(alias)) return null;
  const node = ofFindNodeByPath(kernel, ofState(kernel).aliasesNode?.text(alias) ?? '');
  const digits = /[0-9]*$/.exec(alias)?.[0] ?? '';
  const id = Number(digits);
  if (node === null || digits === '' || id > 0x7fff_ffff) return null;
  return { alias, node, stem: alias.slice(0, alias.length - digits.length), id };
}

/** The number of a node among those with that stem; null without one. @see drivers/of/base.c of_alias_get_id */
export function ofAliasGetId(node: DeviceNode, stem: string): number | null {
  return ofState(node.kernel).aliases.find((one) => one.stem === stem && one.node === node)?.id ?? null;
}
