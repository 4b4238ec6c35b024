import { ELOOP, ENOENT, ENOTDIR, ErrnoError } from '../../errno';
import type { DirNode, Node } from './node';

/** Links that a path may lead through. @see include/linux/namei.h MAXSYMLINKS */
const MAX_LINKS = 40;

/** What a path leads to, and the way there without links. */
export interface Place {
  readonly node: Node;
  /** Absolute, without links, `.` and `..`. */
  readonly path: string;
}

/** A name in a directory that may or may not be there. */
export interface Entry {
  readonly dir: DirNode;
  readonly dirPath: string;
  readonly name: string;
  readonly node: Node | undefined;
}

interface Walk {
  links: number;
  readonly path: string;
}

interface At {
  readonly names: readonly string[];
  readonly nodes: readonly Node[];
}

/** The tree of files of one guest, from its root. */
export class FileTree {
  readonly #root: DirNode;

  constructor(root: DirNode) {
    this.#root = root;
  }

  /**
   * @param path absolute
   * @param follow the last link too; a slash behind it has the same effect
   * @throws ErrnoError ENOENT, ENOTDIR, ELOOP
   */
  lookup(path: string, follow: boolean): Place {
    const at = this.#walk(this.#start, path, follow || path.endsWith('/'), { links: 0, path });
    const place = placeOf(at);
    if (path.endsWith('/') && place.node.kind !== 'dir') throw refuse(ENOTDIR, path);
    return place;
  }

  /** The directory of a path, and the last name in it. @throws ErrnoError for the directory, as {@link lookup} */
  entry(path: string): Entry {
    const bare = path.replace(/\/+$/, '');
    const slash = bare.lastIndexOf('/');
    const { node: dir, path: dirPath } = this.lookup(bare.slice(0, slash + 1) || '/', true);
    if (dir.kind !== 'dir') throw refuse(ENOTDIR, path);
    const name = bare.slice(slash + 1);
    return { dir, dirPath, name, node: name === '' ? dir : dir.get(name) };
  }

  get #start(): At {
    return { names: [], nodes: [this.#root] };
  }

  #walk(from: At, path: string, follow: boolean, walk: Walk): At {
    let at = path.startsWith('/') ? this.#start : from;
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    for (const [index, name] of names.entries()) {
      const dir = at.nodes.at(-1);
      if (dir?.kind !== 'dir') throw refuse(ENOTDIR, walk.path);
      const isLast = index === names.length - 1;
      at = name === '..' ? up(at) : this.#step(at, dir, name, !isLast || follow, walk);
    }
    return at;
  }

  #step(at: At, dir: DirNode, name: string, follow: boolean, walk: Walk): At {
    const node = dir.get(name);
    if (node === undefined) throw refuse(ENOENT, walk.path);
    if (node.kind !== 'link' || !follow) return { names: [...at.names, name], nodes: [...at.nodes, node] };
    if (++walk.links > MAX_LINKS) throw refuse(ELOOP, walk.path);
    return this.#walk(at, node.target, true, walk);
  }
}

function up(at: At): At {
  return at.names.length === 0 ? at : { names: at.names.slice(0, -1), nodes: at.nodes.slice(0, -1) };
}

function placeOf({ names, nodes }: At): Place {
  const node = nodes.at(-1);
  if (node === undefined) throw new Error('a path leads to no node');
  return { node, path: `/${names.join('/')}` };
}

function refuse(no: number, path: string): ErrnoError {
  return new ErrnoError(no, { syscall: 'open', path });
}

/** An absolute path without `.`, `..` and slashes that say nothing, by its text alone. */
export function normalize(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}
