import { EACCES, EINVAL, EISDIR, ENOENT, ENOTDIR, ErrnoError, errnoOf } from '../errno';
import { atomic, type BugLog } from '../world/atomic';
import type { World } from '../world/world';
import { SysfsDir, type Guarded, type Slot, type SysfsRoot } from './dir';
import { Layout } from './layout';
import { OpenFile, type FoundFile } from './open-file';

/** What a path leads to. */
export type Found =
  | { readonly kind: 'dir'; readonly dir: SysfsDir; readonly layout: Layout<Slot>; readonly group: string | null }
  | { readonly kind: 'link'; readonly name: string; readonly dir: SysfsDir; readonly target: SysfsDir | null }
  | FoundFile;

/** The result of stat(2). */
export interface SysfsStat {
  readonly kind: 'dir' | 'file' | 'link';
  readonly mode: number;
}

interface Call {
  readonly syscall: string;
  readonly path: string;
}

/** The names of a path below /sys. */
function splitPath(call: Call): string[] {
  const names = call.path.split('/').filter((name) => name !== '' && name !== '.');
  if (!call.path.startsWith('/') || names[0] !== 'sys') throw new ErrnoError(ENOENT, call);
  return names.slice(1);
}

/** The tree below /sys of one kernel: the model that the driver core writes and all views read. */
export class Sysfs implements SysfsRoot {
  readonly emptyLayout = new Layout<Slot>();
  readonly top: SysfsDir;
  readonly #keys = new WeakMap<object, Map<string | number, object>>();

  constructor(
    readonly world: World,
    readonly warn: (text: string) => void,
    readonly guarded: Guarded,
    readonly log: BugLog | null = null,
  ) {
    this.top = new SysfsDir(this, '/sys', null, null);
  }

  callAtomic<T>(where: () => string, body: () => T): T {
    return atomic(this.world, this.log, where, body);
  }

  pairKey(a: object, b: string | number): object {
    let keys = this.#keys.get(a);
    if (keys === undefined) this.#keys.set(a, (keys = new Map<string | number, object>()));
    let key = keys.get(b);
    if (key === undefined) keys.set(b, (key = {}));
    return key;
  }

  /**
   * What an absolute path leads to; the last name is not followed if it is a link, unless `follow` or a slash behind
   * it.
   *
   * @param syscall for the errors
   * @throws ErrnoError ENOENT, ENOTDIR
   */
  lookup(path: string, follow = false, syscall = 'open'): Found {
    const call = { syscall, path };
    const asDir = path.endsWith('/');
    const found = this.#walk(splitPath(call), call, follow || asDir);
    if (asDir && found.kind !== 'dir') throw new ErrnoError(ENOTDIR, call);
    return found;
  }

  #walk(names: readonly string[], call: Call, follow: boolean): Found {
    let at: Found = { kind: 'dir', dir: this.top, layout: this.top.layout, group: null };
    for (const [index, name] of names.entries()) {
      if (at.kind !== 'dir') throw new ErrnoError(ENOTDIR, call);
      at = name === '..' ? this.#up(at) : this.#step(at, name, call);
      if (at.kind === 'link' && (follow || index < names.length - 1)) at = this.#enter(at, call);
    }
    return at;
  }

  /** Links lead to directories only, so that no chain of them can be endless. */
  #enter(link: Extract<Found, { kind: 'link' }>, call: Call): Found {
    const { target } = link;
    if (target === null || target.removed) throw new ErrnoError(ENOENT, call);
    return { kind: 'dir', dir: target, layout: target.layout, group: null };
  }

  #up(at: Extract<Found, { kind: 'dir' }>): Found {
    const dir = at.group === null ? (at.dir.parent ?? at.dir) : at.dir;
    return { kind: 'dir', dir, layout: dir.layout, group: null };
  }

  #step(at: Extract<Found, { kind: 'dir' }>, name: string, call: Call): Found {
    const slot = at.layout.get(name);
    if (slot !== undefined) return this.#found(at.dir, at.group, slot);
    const entry = at.group === null ? at.dir.entry(name) : undefined;
    if (entry === undefined) throw new ErrnoError(ENOENT, call);
    if (!at.dir.isChild(name, entry)) return { kind: 'link', name, dir: at.dir, target: entry };
    return { kind: 'dir', dir: entry, layout: entry.layout, group: null };
  }

  #found(dir: SysfsDir, group: string | null, slot: Slot): Found {
    switch (slot.kind) {
      case 'group':
        return { kind: 'dir', dir, layout: slot.layout, group: slot.name };
      case 'link':
        return { kind: 'link', name: slot.name, dir, target: slot.target(dir) };
      default:
        return { kind: 'file', dir, group, slot };
    }
  }

  /** What kind of thing a path leads to, and its permission bits. @throws ErrnoError as {@link lookup} */
  stat(path: string, follow = false): SysfsStat {
    const found = this.lookup(path, follow);
    switch (found.kind) {
      case 'dir':
        return { kind: 'dir', mode: 0o755 };
      case 'link':
        return { kind: 'link', mode: 0o777 };
      case 'file':
        return { kind: 'file', mode: found.slot.mode };
    }
  }

  /** Names in a directory, sorted bytewise. @throws ErrnoError ENOENT, ENOTDIR */
  readdir(path: string): string[] {
    const found = this.lookup(path, true, 'scandir');
    if (found.kind !== 'dir') throw new ErrnoError(ENOTDIR, { syscall: 'scandir', path });
    const names = found.group === null ? found.dir.names() : found.layout.slots.map((slot) => slot.name);
    return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  /**
   * The relative text of a link, as the kernel makes it.
   *
   * @throws ErrnoError ENOENT, EINVAL for a path that is not a link
   */
  readlink(path: string): string {
    const found = this.lookup(path, false, 'readlink');
    if (found.kind !== 'link') throw new ErrnoError(EINVAL, { syscall: 'readlink', path });
    if (found.target === null) throw new ErrnoError(ENOENT, { syscall: 'readlink', path });
    return relativePath(found.dir, found.target);
  }

  /** Opens a file. @throws ErrnoError ENOENT, ENOTDIR, EISDIR to write a directory, EACCES against the file's mode */
  open(path: string, access: 'r' | 'w' | 'rw'): OpenFile {
    return this.#open(this.lookup(path, true), path, access);
  }

  /**
   * Opens a file for writing, or would make it: users cannot make files here, so that is EACCES.
   *
   * @throws ErrnoError as {@link open}; ENOENT when the directory is not there
   * @see fs/namei.c lookup_open
   */
  openOrCreate(path: string): OpenFile {
    const call = { syscall: 'open', path };
    try {
      return this.open(path, 'w');
    } catch (error) {
      if (errnoOf(error) !== -ENOENT) throw error;
    }
    if (path.endsWith('/')) throw new ErrnoError(EISDIR, call);
    const parent = splitPath(call).slice(0, -1);
    const above = this.#walk(parent, call, true);
    throw new ErrnoError(above.kind === 'dir' ? EACCES : ENOTDIR, call);
  }

  #open(found: Found, path: string, access: 'r' | 'w' | 'rw'): OpenFile {
    if (found.kind === 'dir') throw new ErrnoError(EISDIR, { syscall: 'open', path });
    if (found.kind === 'link') throw new ErrnoError(ENOENT, { syscall: 'open', path });
    const { mode } = found.slot;
    const refused = (access !== 'w' && (mode & 0o444) === 0) || (access !== 'r' && (mode & 0o222) === 0);
    if (refused) throw new ErrnoError(EACCES, { syscall: 'open', path });
    return new OpenFile(found, path);
  }
}

/** The way goes up to a directory above the target, never to the target itself. @see kernfs_get_target_path */
function relativePath(from: SysfsDir, to: SysfsDir): string {
  const above = chain(from);
  const names: string[] = [to.name];
  let at = to.parent;
  while (at !== null && !above.includes(at)) {
    names.unshift(at.name);
    at = at.parent;
  }
  const up = at === null ? above.length - 1 : above.indexOf(at);
  return [...Array.from({ length: up }, () => '..'), ...names].join('/');
}

function chain(dir: SysfsDir): SysfsDir[] {
  return dir.parent === null ? [dir] : [dir, ...chain(dir.parent)];
}
