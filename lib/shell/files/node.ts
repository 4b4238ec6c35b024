import type { MaySleep } from '../../may-sleep';

/** How a file is opened. */
export type Access = 'r' | 'w' | 'rw';

/** An open file. Texts stand for bytes, see lib/utf8.ts. Errors are ErrnoError. */
export interface Handle {
  /**
   * Bytes from an offset on, at most `count`; none: the end.
   *
   * @throws ErrnoError the file's
   */
  read(offset: number, count: number): MaySleep<Uint8Array>;
  /** @returns how many bytes were taken @throws ErrnoError the file's */
  write(offset: number, data: Uint8Array): MaySleep<number>;
  /** Shortens it to nothing, where it has a length of its own. */
  truncate?(): void;
  close?(): MaySleep<void>;
}

interface Common {
  /** Permission bits. */
  readonly mode: number;
}

export interface DirNode extends Common {
  readonly kind: 'dir';
  /** In no particular order. */
  names(): Iterable<string>;
  get(name: string): Node | undefined;
  /** Makes a file, or a directory. Absent: users can make none here. */
  create?(name: string, kind: 'file' | 'dir'): Node;
  link?(name: string, target: string): void;
  remove?(name: string): void;
}

export interface LinkNode extends Common {
  readonly kind: 'link';
  /** As it is written: relative to its directory unless it begins with a slash. */
  readonly target: string;
}

/** A file of bytes, or a device node. */
export interface FileNode extends Common {
  readonly kind: 'file' | 'char' | 'block';
  /** Bytes, as stat tells. */
  readonly size: number;
  /** Major and minor number of a device node. */
  readonly rdev?: readonly [number, number];
  /** @throws ErrnoError EACCES, and what the device refuses with */
  open(access: Access): MaySleep<Handle>;
}

export type Node = DirNode | LinkNode | FileNode;
