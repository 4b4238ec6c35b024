import { EEXIST, EINVAL, ENOENT } from '../errno';
import type { MaySleep } from '../may-sleep';
import type { World } from '../world/world';
import { ActiveCalls } from './active-calls';
import type { Attribute, BinAttribute } from './attribute';
import type { Layout } from './layout';

/** No result of the kernel: a step that no directory has taken yet. */
const NEW_STEP = 1;

/** What a name in a directory stands for, the same for every directory that shares the layout. */
export type Slot = FileSlot | BinSlot | LinkSlot | GroupSlot;

export interface FileSlot {
  readonly kind: 'file';
  readonly name: string;
  readonly mode: number;
  readonly attr: Attribute;
}

export interface BinSlot {
  readonly kind: 'bin';
  readonly name: string;
  readonly mode: number;
  readonly attr: BinAttribute;
}

/** A link whose target is computed from the object, e.g. `driver`. */
export interface LinkSlot {
  readonly kind: 'link';
  readonly name: string;
  target(dir: SysfsDir): SysfsDir | null;
}

/** A subdirectory of a named group. */
interface GroupSlot {
  readonly kind: 'group';
  readonly name: string;
  readonly layout: Layout<Slot>;
}

/** Calls a callback for the kernel, so that what it throws becomes a result or an oops. */
export type Guarded = <T>(where: string, body: () => MaySleep<T>) => MaySleep<T | number>;

/** What all directories of one /sys share. */
export interface SysfsRoot {
  readonly world: World;
  /** The layout of a directory without files; all other layouts grow from it. */
  readonly emptyLayout: Layout<Slot>;
  /** One object for each pair, to remember a step of a layout by. */
  pairKey(a: object, b: string | number): object;
  warn(text: string): void;
  readonly guarded: Guarded;
  /**
   * Calls a function that may not sleep.
   *
   * @param where the callback and its object, for reports
   * @throws SleepInAtomic
   */
  callAtomic<T>(where: () => string, body: () => T): T;
}

/** Links that follow from what a directory stands for, each under the name of its target: nothing is kept for them. */
export interface LinkView {
  get(name: string): SysfsDir | undefined;
  names(): Iterable<string>;
  /** @returns false if there is no such link */
  removeName(name: string): boolean;
}

/**
 * A directory below /sys: names of files and fixed links in a shared layout, other directories and links in a map of
 * its own. It exists as long as it is referenced; removal only sets `removed`.
 *
 * @see fs/sysfs/dir.c, fs/kernfs/dir.c
 */
export class SysfsDir {
  layout: Layout<Slot>;
  removed = false;
  /** Directories by name, both children and the targets of links: a child has this directory as parent. */
  #entries: Map<string, SysfsDir> | null = null;
  #calls: ActiveCalls | null = null;
  /** Links besides its own. */
  view: LinkView | null = null;

  /** @param owner the kobject that it stands for; a directory of a group has its object's */
  constructor(
    readonly root: SysfsRoot,
    public name: string,
    public parent: SysfsDir | null,
    readonly owner: unknown,
  ) {
    this.layout = root.emptyLayout;
  }

  /** Absolute path, e.g. "/sys/devices/pci0000:00". */
  get path(): string {
    return this.parent === null ? this.name : `${this.parent.path}/${this.name}`;
  }

  has(name: string): boolean {
    return this.hasOwn(name) || this.view?.get(name) !== undefined;
  }

  /** {@link has} without the links of the view. */
  hasOwn(name: string): boolean {
    return this.layout.get(name) !== undefined || this.#entries?.has(name) === true;
  }

  slot(name: string): Slot | undefined {
    return this.layout.get(name);
  }

  /** The directory that a name leads to, as child or by a link of its own. */
  entry(name: string): SysfsDir | undefined {
    return this.#entries?.get(name) ?? this.view?.get(name);
  }

  isChild(name: string, entry: SysfsDir): boolean {
    return entry.parent === this && entry.name === name;
  }

  /** Names in no particular order. */
  *names(): Generator<string> {
    for (const slot of this.layout.slots) yield slot.name;
    if (this.#entries !== null) yield* this.#entries.keys();
    if (this.view !== null) yield* this.view.names();
  }

  get childNames(): Iterable<string> {
    return this.#entries?.keys() ?? [];
  }

  /** EEXIST if the name is taken, ENOENT if this directory is gone. @see fs/sysfs/dir.c sysfs_create_dir_ns */
  addDir(name: string, owner: unknown): SysfsDir | number {
    const refused = this.#refuse(name);
    if (refused !== 0) return refused;
    const dir = new SysfsDir(this.root, name, this, owner);
    (this.#entries ??= new Map()).set(name, dir);
    return dir;
  }

  /** A link to a directory. EEXIST, ENOENT. @see fs/sysfs/symlink.c sysfs_create_link */
  addLink(name: string, target: SysfsDir | null, warn = true): number {
    if (target === null || target.removed) return -ENOENT;
    const refused = this.#refuse(name, warn);
    if (refused !== 0) return refused;
    (this.#entries ??= new Map()).set(name, target);
    return 0;
  }

  /** A file with the given mode. EEXIST, ENOENT. @see fs/sysfs/file.c sysfs_add_file_mode_ns */
  addFile(attr: Attribute<never>, mode = attr.mode): number {
    const key = mode === attr.mode ? attr : this.root.pairKey(attr, mode);
    const refused = this.#step(attr.name, key);
    if (refused !== NEW_STEP) return refused;
    return this.#extend(key, { kind: 'file', name: attr.name, mode, attr: attr });
  }

  addBinFile(attr: BinAttribute<never>, mode = attr.mode): number {
    const key = mode === attr.mode ? attr : this.root.pairKey(attr, mode);
    const refused = this.#step(attr.name, key);
    if (refused !== NEW_STEP) return refused;
    return this.#extend(key, { kind: 'bin', name: attr.name, mode, attr: attr });
  }

  /** A link that all objects of a kind have alike. EEXIST, ENOENT. */
  addFixedLink(slot: LinkSlot): number {
    const refused = this.#step(slot.name, slot);
    return refused === NEW_STEP ? this.#extend(slot, slot) : refused;
  }

  /** The subdirectory of a named group. EEXIST, ENOENT. */
  addGroupDir(name: string, layout: Layout<Slot>): number {
    const key = this.root.pairKey(layout, name);
    const refused = this.#step(name, key);
    return refused === NEW_STEP ? this.#extend(key, { kind: 'group', name, layout }) : refused;
  }

  /** Gives a group's subdirectory other files. */
  replaceGroupDir(name: string, layout: Layout<Slot>): void {
    this.layout = this.layout.without(name);
    void this.addGroupDir(name, layout);
  }

  /**
   * Removes a file, a link or a child by name, whatever created it; a missing name is not an error. Waits until running
   * show and store calls of a file are finished.
   *
   * @see fs/kernfs/dir.c kernfs_remove_by_name_ns
   */
  removeName(name: string): MaySleep<void> {
    const entry = this.#entries?.get(name);
    if (entry !== undefined) {
      this.removeLink(name);
      return this.isChild(name, entry) ? entry.#markRemoved() : undefined;
    }
    if (this.view?.removeName(name) === true) return undefined;
    this.layout = this.layout.without(name);
    return this.#calls?.drain(this.root.world, this.path, name);
  }

  /**
   * {@link removeName} for a link that cannot have been replaced. An empty map is dropped: V8 keeps the names that were
   * deleted in it alive.
   */
  removeLink(name: string): void {
    if (this.#entries?.delete(name) === true && this.#entries.size === 0) this.#entries = null;
  }

  /**
   * For a file's own store: removes the file, without waiting for the call that runs in it.
   *
   * @returns false when another call of it was first
   * @see fs/kernfs/dir.c kernfs_remove_self
   */
  removeSelf(name: string): boolean {
    if (this.layout.get(name) === undefined) return false;
    this.layout = this.layout.without(name);
    this.#calls?.leave(name);
    return true;
  }

  /** Removes this directory with all that is in it; links to it elsewhere stay. @see fs/sysfs/dir.c sysfs_remove_dir */
  remove(): MaySleep<void> {
    if (this.removed) return undefined;
    this.parent?.forget(this);
    return this.#markRemoved();
  }

  /** Takes a child out of the names, without waiting. */
  forget(child: SysfsDir): void {
    if (this.#entries?.get(child.name) === child) this.removeLink(child.name);
  }

  /** EEXIST if the new name is taken, ENOENT if one of them is gone. @see fs/kernfs/dir.c kernfs_rename_ns */
  moveTo(parent: SysfsDir, name: string): number {
    if (this.removed || parent.removed) return -ENOENT;
    if (parent === this.parent && name === this.name) return 0;
    if (parent.has(name)) return -EEXIST;
    this.parent?.forget(this);
    this.parent = parent;
    this.name = name;
    (parent.#entries ??= new Map()).set(name, this);
    return 0;
  }

  /** A link keeps its target under another name. ENOENT, EEXIST, EINVAL. @see fs/sysfs/symlink.c sysfs_rename_link */
  renameLink(name: string, newName: string, target: SysfsDir): number {
    if (!this.hasOwn(name)) return -ENOENT;
    if (this.#entries?.get(name) !== target || this.isChild(name, target)) return -EINVAL;
    if (name !== newName && this.has(newName)) return -EEXIST;
    this.#entries.delete(name);
    this.#entries.set(newName, target);
    return 0;
  }

  /** Marks a show or store as running, so that removal waits for it; gives the function that ends it.
   * @param name the file, with its group's subdirectory if it is in one */
  enter(name: string): () => void {
    return (this.#calls ??= new ActiveCalls()).enter(name, this.root.world);
  }

  /** Takes a step that a directory like this one took before. @returns 0, a refusal, or NEW_STEP for a first one */
  #step(name: string, key: object): number {
    const known = this.removed ? undefined : this.layout.known(key);
    if (known === undefined || this.entry(name) !== undefined) return this.#refuse(name) || NEW_STEP;
    this.layout = known;
    return 0;
  }

  #extend(key: object, slot: Slot): number {
    this.layout = this.layout.extend(key, slot);
    return 0;
  }

  #refuse(name: string, warn = true): number {
    if (this.removed) return -ENOENT;
    if (!this.has(name)) return 0;
    if (warn) this.root.warn(`sysfs: cannot create duplicate filename '${this.path.slice(4)}/${name}'`);
    return -EEXIST;
  }

  #markRemoved(): MaySleep<void> {
    this.removed = true;
    const waits = this.#calls?.drain(this.root.world, this.path);
    for (const [name, entry] of this.#entries ?? []) if (this.isChild(name, entry)) void entry.#markRemoved();
    return waits;
  }
}
