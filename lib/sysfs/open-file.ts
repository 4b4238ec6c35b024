import { EFBIG, EIO, ENODEV } from '../errno';
import { andThen, isPending, type MaySleep } from '../may-sleep';
import { textOfBytes, utf8Decode, utf8Encode, utf8Length } from '../utf8';
import type { Attribute } from './attribute';
import type { BinSlot, FileSlot, SysfsDir } from './dir';

/** What one read gives and one write takes at most, and the length from which a show is cut. */
export const PAGE_SIZE = 4096;

/** A file and the directory of the object that it belongs to. */
export interface FoundFile {
  readonly kind: 'file';
  readonly dir: SysfsDir;
  /** Name of the group's subdirectory that it is in, if any. */
  readonly group: string | null;
  readonly slot: FileSlot | BinSlot;
}

/**
 * An open file. It stays open when the file is removed; every access then fails with ENODEV.
 *
 * @see fs/sysfs/file.c
 */
export class OpenFile {
  readonly #found: FoundFile;

  constructor(
    found: FoundFile,
    readonly path: string,
  ) {
    this.#found = found;
  }

  /** Calls show. Gives the text, or a negative errno: ENODEV after removal, EIO without show, show's own. */
  read(): MaySleep<string | number> {
    const { dir, slot } = this.#found;
    if (slot.kind === 'bin')
      return andThen(this.readBytes(0, PAGE_SIZE), (b) => (typeof b === 'number' ? b : utf8Decode(b)));
    if (this.#gone()) return -ENODEV;
    const { attr } = slot;
    if (attr.show === undefined) return -EIO;
    return this.#inside(
      () => attr.show?.(dir.owner) ?? '',
      (text) => this.#clip(text),
    );
  }

  /** {@link writeBytes} at the beginning of the file. */
  write(data: string): MaySleep<number> {
    const { slot } = this.#found;
    const length = utf8Length(data);
    if (slot.kind === 'file' && length <= PAGE_SIZE) return this.#store(slot.attr, data, length);
    return this.writeBytes(0, utf8Encode(data));
  }

  #store(attr: Attribute, text: string, length: number): MaySleep<number> {
    if (this.#gone()) return -ENODEV;
    if (length === 0) return 0;
    if (attr.store === undefined) return -EIO;
    return this.#inside(
      () => attr.store?.(this.#found.dir.owner, text),
      (taken) => (typeof taken === 'number' ? bytesOf(text, taken) : length),
    );
  }

  /** Bytes of a binary file, a page at most. Past its end there are none. */
  readBytes(offset: number, count: number): MaySleep<Uint8Array | number> {
    const { dir, slot } = this.#found;
    if (slot.kind === 'file')
      return andThen(this.read(), (t) => (typeof t === 'number' ? t : utf8Encode(t).subarray(offset, offset + count)));
    if (this.#gone()) return -ENODEV;
    const { attr } = slot;
    const size = binSize(slot, dir);
    const length = Math.max(0, Math.min(count, PAGE_SIZE, size === 0 ? count : size - offset));
    if (length === 0) return new Uint8Array(0);
    if (attr.read === undefined) return -EIO;
    return this.#inside(
      () => attr.read?.(dir.owner, offset, length) ?? -EIO,
      (data) => (typeof data === 'number' ? data : data.subarray(0, length)),
    );
  }

  /**
   * Calls store or write with `data`, of which one call takes a page at most. Gives the bytes taken or a negative
   * errno: ENODEV after removal, EFBIG past the end of a file of fixed size, EIO without store or write, what these
   * refuse with. Nothing is called for no bytes.
   *
   * @param offset of a binary file
   * @see fs/kernfs/file.c kernfs_fop_write_iter
   */
  writeBytes(offset: number, data: Uint8Array): MaySleep<number> {
    const { slot } = this.#found;
    const page = data.subarray(0, PAGE_SIZE);
    if (slot.kind === 'bin') return this.#writeBin(slot, offset, page);
    return this.#store(slot.attr, textOfBytes(page), page.length);
  }

  /** @see fs/sysfs/file.c sysfs_kf_bin_write */
  #writeBin(slot: BinSlot, offset: number, data: Uint8Array): MaySleep<number> {
    if (this.#gone()) return -ENODEV;
    const { attr } = slot;
    const size = binSize(slot, this.#found.dir);
    if (size !== 0 && offset >= size) return -EFBIG;
    const taken = size === 0 ? data : data.subarray(0, size - offset);
    if (taken.length === 0) return 0;
    if (attr.write === undefined) return -EIO;
    return this.#inside(
      () => attr.write?.(this.#found.dir.owner, offset, taken),
      (n) => (typeof n === 'number' ? n : taken.length),
    );
  }

  #gone(): boolean {
    const { dir, group, slot } = this.#found;
    if (dir.removed) return true;
    if (group === null) return dir.slot(slot.name) !== slot;
    const parent = dir.slot(group);
    return parent?.kind !== 'group' || parent.layout.get(slot.name) !== slot;
  }

  #inside<T, R>(call: () => MaySleep<T>, then: (result: T | number) => R): MaySleep<R> {
    const { dir, group, slot } = this.#found;
    const leave = dir.enter(group === null ? slot.name : `${group}/${slot.name}`);
    const result = dir.root.guarded(this.path, call);
    const finish = (value: T | number): R => {
      leave();
      return then(value);
    };
    return isPending(result) ? result.then(finish) : finish(result);
  }

  #clip(text: string | number): string | number {
    if (typeof text === 'number' || utf8Length(text) < PAGE_SIZE) return text;
    this.#found.dir.root.warn(`fill_read_buffer: ${this.path} returned bad count`);
    return textOfBytes(utf8Encode(text).subarray(0, PAGE_SIZE - 1));
  }
}

/** Bytes of the characters at the beginning of a text; a negative errno is passed on. */
function bytesOf(text: string, characters: number): number {
  if (characters < 0) return characters;
  const isInPair = /[\ud800-\udbff]/.test(text.charAt(characters - 1));
  return utf8Length(text.slice(0, isInPair ? characters + 1 : characters));
}

/** Length of a binary file; a function that computes it may not sleep. */
export function binSize({ attr: { name, size } }: BinSlot, dir: SysfsDir): number {
  if (typeof size === 'number') return size;
  return dir.root.callAtomic(
    () => `size: ${dir.path}/${name}`,
    () => size(dir.owner),
  );
}
