import type { KernelCore } from '../../base/kernel-core';
import { ErrnoError } from '../../errno';
import { andThen, type MaySleep } from '../../may-sleep';
import { binSize } from '../../sysfs/open-file';
import type { OpenFile } from '../../sysfs/open-file';
import type { Found } from '../../sysfs/sysfs';
import { PAGE_SIZE } from '../../sysfs/open-file';
import { utf8Encode } from '../../utf8';
import type { Access, DirNode, FileNode, Handle, Node } from './node';

/**
 * /sys of a kernel as a tree of files.
 *
 * @param mounts what else is in it, by path
 */
export function sysfsDir(kernel: KernelCore, mounts: ReadonlyMap<string, Node> = new Map(), path = '/sys'): DirNode {
  const { sysfs } = kernel;
  return {
    kind: 'dir',
    mode: 0o755,
    names: () => new Set([...(orNothing(() => sysfs.readdir(path)) ?? []), ...mountedIn(mounts, path)]),
    get: (name) => {
      const inner = `${path}/${name}`;
      const mounted = mounts.get(inner);
      if (mounted !== undefined) return mounted;
      const found = orNothing(() => sysfs.lookup(inner));
      if (found?.kind === 'dir') return sysfsDir(kernel, mounts, inner);
      if (found !== undefined) return nodeOf(kernel, inner, found);
      return mountedIn(mounts, inner).length > 0 ? sysfsDir(kernel, mounts, inner) : undefined;
    },
  };
}

/** Names in a directory on the way to what is mounted. */
function mountedIn(mounts: ReadonlyMap<string, Node>, path: string): string[] {
  const inner = [...mounts.keys()].filter((place) => place.startsWith(`${path}/`));
  return inner.map((place) => place.slice(path.length + 1).replace(/\/.*/, ''));
}

function nodeOf(kernel: KernelCore, path: string, found: Exclude<Found, { kind: 'dir' }>): Node | undefined {
  switch (found.kind) {
    case 'link': {
      const target = orNothing(() => kernel.sysfs.readlink(path));
      return target === undefined ? undefined : { kind: 'link', mode: 0o777, target };
    }
    case 'file':
      return fileNode(kernel, path, found);
  }
}

function fileNode(kernel: KernelCore, path: string, { slot, dir }: Extract<Found, { kind: 'file' }>): FileNode {
  return {
    kind: 'file',
    mode: slot.mode,
    get size() {
      return slot.kind === 'file' ? PAGE_SIZE : binSize(slot, dir);
    },
    open: (access: Access) => new SysfsHandle(kernel, kernel.sysfs.open(path, access), slot.kind === 'bin'),
  };
}

/** An open file of /sys. What it shows is made at the first read. @see fs/kernfs/file.c kernfs_fop_read_iter */
class SysfsHandle implements Handle {
  readonly #kernel: KernelCore;
  readonly #file: OpenFile;
  readonly #isBinary: boolean;
  #shown: Uint8Array | null = null;

  constructor(kernel: KernelCore, file: OpenFile, isBinary: boolean) {
    this.#kernel = kernel;
    this.#file = file;
    this.#isBinary = isBinary;
  }

  read(offset: number, count: number): MaySleep<Uint8Array> {
    if (this.#isBinary) return this.#call('read', () => this.#file.readBytes(offset, count));
    if (this.#shown !== null) return this.#shown.subarray(offset, offset + count);
    return andThen(
      this.#call('read', () => this.#file.read()),
      (text) => {
        this.#shown = utf8Encode(text);
        return this.#shown.subarray(offset, offset + count);
      },
    );
  }

  write(offset: number, data: Uint8Array): MaySleep<number> {
    const { path } = this.#file;
    const write = (): MaySleep<number> => this.#file.writeBytes(this.#isBinary ? offset : 0, data);
    return andThen(this.#run('write', write), (result) => {
      if (result < 0) throw new ErrnoError(result, { syscall: 'write', path });
      return result;
    });
  }

  #call<T>(syscall: string, body: () => MaySleep<T | number>): MaySleep<T> {
    return andThen(this.#run(syscall, body), (result) => {
      if (typeof result === 'number') throw new ErrnoError(result, { syscall, path: this.#file.path });
      return result;
    });
  }

  #run<T>(syscall: string, body: () => MaySleep<T>): MaySleep<T> {
    const kernel = this.#kernel;
    return kernel.world.run(body, `${syscall}(${this.#file.path})`, kernel);
  }
}

function orNothing<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof ErrnoError) return undefined;
    throw error;
  }
}
