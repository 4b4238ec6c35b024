import type { Kernel } from '../../base/kernel';
import { ENOSPC, ErrnoError } from '../../errno';
import { andThen, type MaySleep } from '../../may-sleep';
import { blockDisk, blockDisks } from '../../subsystems/block';
import { chrdevNodes, openChrdev } from '../../subsystems/chrdev';
import type { BlockDisk } from '../../subsystems/gendisk';
import { SECTOR_SIZE } from '../../subsystems/request-queue';
import type { DirNode, FileNode, Handle, Node } from './node';

/** /dev: devices of this kernel that have a node, and the memory devices. @see drivers/base/devtmpfs.c */
export function devDir(kernel: Kernel): DirNode {
  const names = (): string[] => [
    ...Object.keys(MEMORY),
    ...chrdevNodes(kernel).map(({ name }) => name),
    ...blockDisks(kernel).map(({ name }) => name ?? ''),
  ];
  const get = (name: string): Node | undefined => {
    if (Object.hasOwn(MEMORY, name)) return MEMORY[name];
    const disk = blockDisk(kernel, name);
    if (disk !== null) return diskNode(disk);
    const node = chrdevNodes(kernel).find((each) => each.name === name);
    return node === undefined ? undefined : charNode(kernel, name, node.mode, node.rdev);
  };
  return { kind: 'dir', mode: 0o755, names, get };
}

function memoryDevice(minor: number, mode: number, handle: Handle): FileNode {
  return { kind: 'char', mode, size: 0, rdev: [1, minor], open: () => handle };
}

/** @see drivers/char/mem.c devlist */
const MEMORY: Readonly<Record<string, Node>> = {
  null: memoryDevice(3, 0o666, { read: () => new Uint8Array(0), write: (_at, data) => data.length }),
  zero: memoryDevice(5, 0o666, { read: (_at, count) => new Uint8Array(count), write: (_at, data) => data.length }),
  full: memoryDevice(7, 0o666, {
    read: (_at, count) => new Uint8Array(count),
    write: () => {
      throw new ErrnoError(ENOSPC, { syscall: 'write', path: '/dev/full' });
    },
  }),
};

/** Reads and writes of any length are those of whole blocks. @see block/fops.c */
function diskNode(disk: BlockDisk): FileNode {
  const { major, minor } = disk.devt ?? { major: 0, minor: 0 };
  return { kind: 'block', mode: 0o600, size: 0, rdev: [major, minor], open: () => new DiskHandle(disk) };
}

class DiskHandle implements Handle {
  readonly #disk: BlockDisk;

  constructor(disk: BlockDisk) {
    this.#disk = disk;
  }

  read(offset: number, count: number): MaySleep<Uint8Array> {
    const bytes = Math.max(0, Math.min(count, this.#disk.capacity * SECTOR_SIZE - offset));
    if (bytes === 0) return new Uint8Array(0);
    const { first, sectors, skip } = this.#blocks(offset, bytes);
    return andThen(this.#disk.readSectors(first, sectors), (data) => data.slice(skip, skip + bytes));
  }

  async write(offset: number, data: Uint8Array): Promise<number> {
    const room = this.#disk.capacity * SECTOR_SIZE - offset;
    if (room <= 0) throw new ErrnoError(ENOSPC, { syscall: 'write', path: `/dev/${this.#disk.name ?? ''}` });
    const taken = data.subarray(0, Math.min(room, PIECE));
    const { first, sectors, skip } = this.#blocks(offset, taken.length);
    const whole = (await this.#disk.readSectors(first, sectors)).slice();
    whole.set(taken, skip);
    await this.#disk.writeSectors(first, whole);
    return taken.length;
  }

  #blocks(offset: number, bytes: number): { first: number; sectors: number; skip: number } {
    const unit = this.#disk.logicalBlockSize;
    const from = Math.floor(offset / unit) * unit;
    const to = Math.ceil((offset + bytes) / unit) * unit;
    return { first: from / SECTOR_SIZE, sectors: (to - from) / SECTOR_SIZE, skip: offset - from };
  }
}

/** Bytes of one write to a disk. */
const PIECE = 65536;

/** A user who waits for ever has no way to end it: what would wait is refused. */
function charNode(kernel: Kernel, name: string, mode: number, rdev: readonly [number, number]): FileNode {
  return {
    kind: 'char',
    mode,
    size: 0,
    rdev,
    open: async () => {
      const file = await openChrdev(kernel, name, { nonblock: true });
      return {
        read: (_offset, count) => file.read(count),
        write: (_offset, data) => file.write(data),
        close: () => file.close(),
      };
    },
  };
}
