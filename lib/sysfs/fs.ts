import { check, EACCES, EINVAL, EISDIR, ErrnoError } from '../errno';
import { andThen, isPending, repeat, type MaySleep } from '../may-sleep';
import { utf8Decode, utf8Encode } from '../utf8';
import { binSize, PAGE_SIZE } from './open-file';
import type { Found, Sysfs } from './sysfs';

const S_IFMT = { dir: 0o040000, file: 0o100000, link: 0o120000 } as const;

/** The result of stat, as far as it applies to /sys. */
export class SysfsStats {
  constructor(
    readonly kind: 'dir' | 'file' | 'link',
    /** Type and permission bits. */
    readonly mode: number,
    /** A page for a file of text, the fixed length of a binary file, else 0. */
    readonly size: number,
  ) {}

  isFile(): boolean {
    return this.kind === 'file';
  }

  isDirectory(): boolean {
    return this.kind === 'dir';
  }

  isSymbolicLink(): boolean {
    return this.kind === 'link';
  }
}

/**
 * /sys of one kernel in the shape of Node's `fs.promises`. Paths begin with /sys. Errors are {@link ErrnoError}s with
 * `code`, `errno`, `syscall` and `path`, as Node's are.
 */
export class SysfsFs {
  readonly constants = Object.freeze({ F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4 });
  readonly #sysfs: Sysfs;
  readonly #owner: object | null;

  /** @param owner the kernel: sleeping calls are rejected when it is killed */
  constructor(sysfs: Sysfs, owner: object | null = null) {
    this.#sysfs = sysfs;
    this.#owner = owner;
  }

  /**
   * Reads a file by show or read: text, or bytes with the encoding `null`.
   *
   * @throws ErrnoError ENOENT, ENOTDIR, EISDIR, EACCES against the file's mode, EIO without a show, ENODEV when the
   *   file is removed meanwhile, the error of show
   */
  async readFile(path: string, encoding: null): Promise<Uint8Array>;
  async readFile(path: string, encoding?: 'utf8'): Promise<string>;
  async readFile(path: string, encoding: 'utf8' | null = 'utf8'): Promise<string | Uint8Array> {
    const bytes = await this.#run('read', path, () => this.#readAll(path));
    return encoding === null ? bytes : utf8Decode(bytes);
  }

  /**
   * Calls store with all of `data`, a page at a time.
   *
   * @throws ErrnoError as {@link readFile}, but EACCES for a new name in a directory; the error of store
   */
  async writeFile(path: string, data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? utf8Encode(data) : data;
    await this.#run('write', path, () => {
      const file = this.#sysfs.openOrCreate(path);
      let at = 0;
      return repeat(
        () => (at < bytes.length ? file.writeBytes(at, bytes.subarray(at)) : 0),
        (taken) => {
          const count = check(taken, 'write', path);
          at += count;
          return count > 0;
        },
      );
    });
  }

  /** Names in a directory, sorted bytewise. @throws ErrnoError ENOENT, ENOTDIR */
  async readdir(path: string): Promise<string[]> {
    return this.#sysfs.readdir(path);
  }

  /** The relative text of a link. @throws ErrnoError ENOENT, ENOTDIR, EINVAL for a path that is not a link */
  async readlink(path: string): Promise<string> {
    return this.#sysfs.readlink(path);
  }

  /** What a path leads to, links followed. @throws ErrnoError ENOENT, ENOTDIR */
  async stat(path: string): Promise<SysfsStats> {
    return this.#stats(this.#sysfs.lookup(path, true, 'stat'));
  }

  /** What has that name, be it a link. @throws ErrnoError ENOENT, ENOTDIR */
  async lstat(path: string): Promise<SysfsStats> {
    return this.#stats(this.#sysfs.lookup(path, false, 'lstat'));
  }

  /**
   * Root may read and write whatever the mode is; only opening a file is refused against its mode.
   *
   * @param mode of {@link constants}
   * @throws ErrnoError ENOENT, ENOTDIR, EACCES for execution of a file, EINVAL for no mode
   * @see fs/namei.c generic_permission
   */
  async access(path: string, mode = 0): Promise<void> {
    const { kind } = this.#stats(this.#sysfs.lookup(path, true, 'access'));
    if (mode < 0 || mode > 7) throw new ErrnoError(EINVAL, { syscall: 'access', path });
    const executes = (mode & this.constants.X_OK) !== 0;
    if (executes && kind === 'file') throw new ErrnoError(EACCES, { syscall: 'access', path });
  }

  /** A text is shown once; bytes are read until there are no more. */
  #readAll(path: string): MaySleep<Uint8Array> {
    const found = this.#sysfs.lookup(path, true);
    if (found.kind === 'dir') throw new ErrnoError(EISDIR, { syscall: 'read', path });
    const file = this.#sysfs.open(path, 'r');
    const isText = found.kind === 'file' && found.slot.kind === 'file';
    let all = new Uint8Array(0);
    const read = repeat(
      () => file.readBytes(all.length, PAGE_SIZE),
      (part) => {
        if (typeof part === 'number') throw new ErrnoError(part, { syscall: 'read', path });
        const before = all;
        all = new Uint8Array(before.length + part.length);
        all.set(before);
        all.set(part, before.length);
        return !isText && part.length > 0;
      },
    );
    return andThen(read, () => all);
  }

  #stats(found: Found): SysfsStats {
    if (found.kind === 'dir') return new SysfsStats('dir', S_IFMT.dir | 0o755, 0);
    if (found.kind === 'link') return new SysfsStats('link', S_IFMT.link | 0o777, 0);
    const { slot, dir } = found;
    return new SysfsStats('file', S_IFMT.file | slot.mode, slot.kind === 'file' ? PAGE_SIZE : binSize(slot, dir));
  }

  async #run<T>(syscall: string, path: string, body: () => MaySleep<T>): Promise<T> {
    const result = this.#sysfs.world.run(body, `${syscall}(${path})`, this.#owner);
    return isPending(result) ? await result : result;
  }
}
