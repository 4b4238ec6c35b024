import { cells, cellsOf, cString, textOf } from '../layout';
import type { FdtNode } from '../layout/fdt';

/** A package of the firmware: a node with a handle that stays the same as long as the machine runs. */
export interface Package {
  readonly phandle: number;
  readonly parent: Package | null;
  /** Its place among its parent's children. */
  readonly index: number;
  readonly node: FdtNode;
  readonly children: readonly Package[];
}

const FIRST_PHANDLE = 0x1000;

/** Nodes below this depth are not shown. */
const MAX_DEPTH = 64;

/** The firmware's tree, by handle. A handle is a name: it claims nothing, and nothing is to be given back. */
export class FirmwareTree {
  readonly root: Package;
  readonly #packages = new Map<number, Package>();
  /** Children by name, of packages that a path has led through. */
  readonly #names = new Map<Package, ReadonlyMap<string, Package>>();
  /** Handles that nodes request are theirs; the first of two wins. */
  readonly #wanted = new Map<number, FdtNode>();
  #next = FIRST_PHANDLE;

  constructor(root: FdtNode) {
    this.#reserve(root);
    this.root = this.#add(root, null, 0, 0);
  }

  get(phandle: number): Package | undefined {
    return this.#packages.get(phandle);
  }

  /** The package that comes next among its parent's children. */
  peer({ parent, index }: Package): Package | undefined {
    return parent?.children[index + 1];
  }

  /** By absolute path of unit names. */
  find(path: string): Package | undefined {
    let at: Package | undefined = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      at = at === undefined ? undefined : this.#childOf(at, name);
    }
    return path.startsWith('/') ? at : undefined;
  }

  #childOf(at: Package, name: string): Package | undefined {
    let names = this.#names.get(at);
    if (names === undefined) {
      // The first of two with one name wins.
      names = new Map(at.children.map((child) => [child.node.name, child] as const).reverse());
      this.#names.set(at, names);
    }
    return names.get(name);
  }

  #reserve(root: FdtNode): void {
    const todo = [root];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      const phandle = u32Of(node, 'phandle');
      if (phandle !== undefined && phandle !== 0 && !this.#wanted.has(phandle)) this.#wanted.set(phandle, node);
      for (let i = node.children.length - 1; i >= 0; i -= 1) todo.push(node.children[i] as FdtNode);
    }
  }

  #add(node: FdtNode, parent: Package | null, index: number, depth: number): Package {
    const wanted = u32Of(node, 'phandle');
    const phandle = wanted !== undefined && this.#wanted.get(wanted) === node ? wanted : this.#freeHandle();
    const children: Package[] = [];
    const made: Package = { phandle, parent, index, node, children };
    this.#packages.set(phandle, made);
    const shown = depth < MAX_DEPTH ? node.children : [];
    for (const [i, child] of shown.entries()) children.push(this.#add(child, made, i, depth + 1));
    return made;
  }

  #freeHandle(): number {
    while (this.#wanted.has(this.#next)) this.#next += 1;
    return this.#next++;
  }
}

/** A property's value. */
export function propertyOf(node: FdtNode, name: string): Uint8Array | undefined {
  return node.properties.find((property) => property.name === name)?.value;
}

/** The first cell of a property. */
export function u32Of(node: FdtNode, name: string): number | undefined {
  const value = propertyOf(node, name);
  return value === undefined ? undefined : cellsOf(value)[0];
}

/** Is this text among the strings of `compatible`? */
export function isCompatible(node: FdtNode, wanted: string): boolean {
  const value = propertyOf(node, 'compatible') ?? new Uint8Array(0);
  for (let at = 0; at < value.length;) {
    const text = textOf(value.subarray(at));
    if (text === wanted) return true;
    at += text.length + 1;
  }
  return false;
}

/** Path of unit names. */
export function pathOf(at: Package): string {
  if (at.parent === null) return '/';
  return `${at.parent.parent === null ? '' : pathOf(at.parent)}/${at.node.name}`;
}

type Value = string | readonly number[];

/** A node, written briefly: texts, cells, or [] for a property without a value. */
export function makeNode(
  name: string,
  properties: Readonly<Record<string, Value>>,
  children: readonly FdtNode[] = [],
): FdtNode {
  const list = Object.entries(properties).map(([key, value]) => ({
    name: key,
    value: typeof value === 'string' ? cString(value) : cells(...value),
  }));
  return { name, properties: list, children };
}
