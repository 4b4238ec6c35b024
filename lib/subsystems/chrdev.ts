import type { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import { EBADF, EBUSY, ENOENT, ENXIO, ErrnoError } from '../errno';
import { andThen, type MaySleep } from '../may-sleep';

/** Major numbers that are given out: first these, from the highest down, then those of the second range. */
const DYNAMIC = [
  { from: 254, to: 234 },
  { from: 511, to: 384 },
];

/** What a driver does for a device node. @see include/linux/fs.h struct file_operations */
export interface FileOperations {
  /** @returns what was opened, or a negative errno */
  open(): MaySleep<OpenedFile | number>;
}

/** One opening of a device node. Numbers are negative errnos. */
export interface OpenedFile {
  /** Up to `count` bytes; waits for the first. None: the end. With `nonblock` -EAGAIN instead of waiting. */
  read(count: number, nonblock: boolean): MaySleep<Uint8Array | number>;
  /** How many bytes it took. With `nonblock` -EAGAIN instead of waiting. */
  write(bytes: Uint8Array, nonblock: boolean): MaySleep<number>;
  release(): MaySleep<void>;
}

interface CharDevices {
  /** Major numbers in use, with the name of the owner. */
  readonly majors: Map<number, string>;
  readonly nodes: Map<Device, FileOperations>;
}

const charDevices = (): CharDevices => ({ majors: new Map(), nodes: new Map() });

/**
 * Takes a free major number.
 *
 * @throws ErrnoError EBUSY when none is free
 * @see fs/char_dev.c __register_chrdev with major 0
 */
export function registerChrdev(kernel: Kernel, name: string): number {
  const { majors } = kernel.stateOf(charDevices);
  for (const { from, to } of DYNAMIC) {
    for (let major = from; major >= to; major--) {
      if (majors.has(major)) continue;
      majors.set(major, name);
      return major;
    }
  }
  throw new ErrnoError(EBUSY, { syscall: 'register_chrdev', path: name });
}

/** @see fs/char_dev.c __unregister_chrdev */
export function unregisterChrdev(kernel: Kernel, major: number): void {
  kernel.stateOf(charDevices).majors.delete(major);
}

/** A device's node can be opened from now on. @see fs/char_dev.c cdev_add */
export function cdevAdd(dev: Device, ops: FileOperations): void {
  dev.kernel.stateOf(charDevices).nodes.set(dev, ops);
}

/** It cannot be opened any more; open files stay open. @see fs/char_dev.c cdev_del */
export function cdevDel(dev: Device): void {
  dev.kernel.stateOf(charDevices).nodes.delete(dev);
}

/** Name of a device's node. @see drivers/base/core.c device_get_devnode */
function nodeOf(dev: Device): string | null {
  return dev.class?.type.devnode?.(dev)?.name ?? dev.name;
}

/** A device node, as devtmpfs makes it. */
export interface ChrdevNode {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  readonly rdev: readonly [major: number, minor: number];
}

/** The nodes of character devices that can be opened. @see drivers/base/devtmpfs.c devtmpfs_create_node */
export function chrdevNodes(kernel: Kernel): readonly ChrdevNode[] {
  return [...kernel.stateOf(charDevices).nodes.keys()].flatMap((dev) => {
    const name = nodeOf(dev);
    const { major, minor } = dev.devt ?? { major: 0, minor: 0 };
    const mode = dev.class?.type.devnode?.(dev)?.mode ?? 0o600;
    return name === null || !dev.isRegistered ? [] : [{ name, mode, rdev: [major, minor] as const }];
  });
}

/** How a node is opened. */
export interface OpenOptions {
  /** Refuse with EAGAIN instead of waiting. @see O_NONBLOCK */
  readonly nonblock?: boolean;
}

/**
 * Opens a device by the name of its node, as /dev/NAME.
 *
 * @throws ErrnoError ENOENT when there is no node, ENXIO when it has no driver, the error of the driver
 * @see fs/char_dev.c chrdev_open
 */
export function openChrdev(kernel: Kernel, name: string, { nonblock = false }: OpenOptions = {}): MaySleep<CharFile> {
  const path = `/dev/${name}`;
  const open = (): MaySleep<OpenedFile | number> => {
    for (const [dev, ops] of kernel.stateOf(charDevices).nodes) {
      if (nodeOf(dev) === name) return dev.isRegistered ? ops.open() : -ENXIO;
    }
    return -ENOENT;
  };
  return andThen(kernel.world.run(open, `open(${path})`, kernel), (opened) => {
    if (typeof opened === 'number') throw new ErrnoError(opened, { syscall: 'open', path });
    return new CharFile(kernel, path, opened, nonblock);
  });
}

/** An open device node. It must be closed. */
export class CharFile {
  readonly #kernel: Kernel;
  readonly #nonblock: boolean;
  #opened: OpenedFile | null;

  /** Only for {@link openChrdev}. */
  constructor(
    kernel: Kernel,
    readonly path: string,
    opened: OpenedFile,
    nonblock: boolean,
  ) {
    this.#kernel = kernel;
    this.#opened = opened;
    this.#nonblock = nonblock;
  }

  /**
   * Reads up to `count` bytes; waits until there are some. No bytes: the other side is closed, or the terminal is hung
   * up.
   *
   * @throws ErrnoError EAGAIN where it may not wait, ENODEV when the device is gone, EIO when it fails, EBADF when this
   *   is closed
   */
  read(count = 4096): MaySleep<Uint8Array> {
    return this.#call('read', (file) => file.read(count, this.#nonblock));
  }

  /**
   * Writes; waits for room.
   *
   * @returns how many bytes were taken
   * @throws ErrnoError as {@link read}
   */
  write(bytes: Uint8Array): MaySleep<number> {
    return this.#call<number>('write', (file) => file.write(bytes, this.#nonblock));
  }

  /** @throws ErrnoError EBADF when it is closed already */
  close(): MaySleep<void> {
    return this.#call('close', (file) => {
      this.#opened = null;
      return file.release();
    });
  }

  #call<T>(syscall: string, body: (file: OpenedFile) => MaySleep<T | number>): MaySleep<T> {
    const opened = this.#opened;
    if (opened === null) throw new ErrnoError(EBADF, { syscall, path: this.path });
    const done = this.#kernel.world.run(() => body(opened), `${syscall}(${this.path})`, this.#kernel);
    return andThen(done, (result) => {
      if (typeof result === 'number' && result < 0) throw new ErrnoError(result, { syscall, path: this.path });
      return result as T;
    });
  }
}
