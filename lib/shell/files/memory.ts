import { EEXIST, ErrnoError, ENOSPC } from '../../errno';
import type { DirNode, FileNode, Handle, LinkNode, Node } from './node';

/** Bytes that the files of a guest's own may have together. */
const MAX_BYTES = 16 * 2 ** 20;

/** How much the files of one tree hold. */
interface Store {
  used: number;
}

/** A directory in memory: users make, change and remove what is in it. */
export class MemoryDir implements DirNode {
  readonly kind = 'dir';
  readonly mode = 0o755;
  readonly #store: Store;
  readonly #nodes = new Map<string, Node>();

  constructor(store: Store = { used: 0 }) {
    this.#store = store;
  }

  names(): Iterable<string> {
    return this.#nodes.keys();
  }

  get(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** Puts something into it, a file system for example. */
  mount(name: string, node: Node): void {
    this.#nodes.set(name, node);
  }

  /** @throws ErrnoError EEXIST */
  create(name: string, kind: 'file' | 'dir'): Node {
    this.#checkFree(name);
    const node = kind === 'dir' ? new MemoryDir(this.#store) : new MemoryFile(this.#store);
    this.#nodes.set(name, node);
    return node;
  }

  /** @throws ErrnoError EEXIST */
  link(name: string, target: string): void {
    this.#checkFree(name);
    const node: LinkNode = { kind: 'link', mode: 0o777, target };
    this.#nodes.set(name, node);
  }

  remove(name: string): void {
    const node = this.#nodes.get(name);
    if (node instanceof MemoryFile) node.truncate();
    this.#nodes.delete(name);
  }

  #checkFree(name: string): void {
    if (this.#nodes.has(name)) throw new ErrnoError(EEXIST, { syscall: 'open', path: name });
  }
}

/** A file in memory. */
class MemoryFile implements FileNode, Handle {
  readonly kind = 'file';
  readonly mode = 0o644;
  readonly #store: Store;
  #bytes = new Uint8Array(0);

  constructor(store: Store) {
    this.#store = store;
  }

  get size(): number {
    return this.#bytes.length;
  }

  open(): Handle {
    return this;
  }

  read(offset: number, count: number): Uint8Array {
    return this.#bytes.slice(offset, offset + count);
  }

  write(offset: number, data: Uint8Array): number {
    const end = Math.max(this.#bytes.length, offset + data.length);
    const more = end - this.#bytes.length;
    if (this.#store.used + more > MAX_BYTES) throw new ErrnoError(ENOSPC, { syscall: 'write' });
    const bytes = new Uint8Array(end);
    bytes.set(this.#bytes);
    bytes.set(data, offset);
    this.#store.used += more;
    this.#bytes = bytes;
    return data.length;
  }

  truncate(): void {
    this.#store.used -= this.#bytes.length;
    this.#bytes = new Uint8Array(0);
  }
}

/** A file whose text is made when it is read. */
export function textFile(text: () => string, encode: (text: string) => Uint8Array, mode = 0o444): FileNode {
  return {
    kind: 'file',
    mode,
    size: 0,
    open: () => {
      const bytes = encode(text());
      return { read: (offset, count) => bytes.subarray(offset, offset + count), write: () => 0 };
    },
  };
}

/** A directory that is always the same. */
export function fixedDir(entries: Readonly<Record<string, Node>>): DirNode {
  return {
    kind: 'dir',
    mode: 0o555,
    names: () => Object.keys(entries),
    get: (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
  };
}
