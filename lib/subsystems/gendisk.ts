import { Device } from '../base/device';
import { callAtomic } from '../base/guard';
import type { Kernel } from '../base/kernel';
import type { DeviceClass } from '../base/types';
import { ErrnoError, type ErrnoName } from '../errno';
import { andThen, type MaySleep } from '../may-sleep';
import { blockCore, diskName } from './block-core';
import { BlockRequest, QueueSettings, RequestQueue, SECTOR_SIZE, type BlockOp, type BlockOps } from './request-queue';

/** @see include/linux/blkdev.h BLK_DEF_MAX_SECTORS */
const DEFAULT_MAX_SECTORS = 2560;
/** @see include/linux/blkdev.h BLKDEV_DEFAULT_RQ */
const DEFAULT_QUEUE_DEPTH = 128;
/** @see include/linux/blk-mq.h BLK_MQ_MAX_DEPTH */
const MAX_QUEUE_DEPTH = 10240;
const UINT_MAX = 0xffff_ffff;
/** Bytes of the longest read. @see include/linux/fs.h MAX_RW_COUNT */
const MAX_RW_COUNT = 2 ** 31 - 4096;

/** @see block/genhd.c block_class */
export const blockClass: DeviceClass<BlockDisk> = {
  name: 'block',
  devKobj: 'block',
  devUevent: (disk, env) => env.add('DISKSEQ', disk.diskseq),
};

/** Lengths in bytes. @see struct queue_limits physical_block_size, io_min, io_opt */
interface DiskTopology {
  readonly physicalBlock: number;
  readonly minIo: number;
  readonly optIo: number;
}

/** Lengths in bytes. @see struct queue_limits max_discard_sectors, max_write_zeroes_sectors */
interface DiskDiscard {
  readonly granularity: number;
  maxBytes: number;
  readonly maxHwBytes: number;
  writeZeroesBytes: number;
}

const NO_TOPOLOGY: DiskTopology = Object.freeze({ physicalBlock: 0, minIo: 0, optIo: 0 });
const NO_DISCARD: DiskDiscard = Object.freeze({ granularity: 0, maxBytes: 0, maxHwBytes: 0, writeZeroesBytes: 0 });

/** How a driver makes a disk. */
export interface DiskInit {
  /** Beginning of its name: `vd` makes vda, vdb, ...: the first that is free. */
  readonly prefix: string;
  /** The driver's name for its major number. @see block/genhd.c register_blkdev */
  readonly majorName: string;
  /** Minor numbers of one disk, for it and its partitions. */
  readonly minors: number;
  readonly ops: BlockOps;
  /**
   * Requests that the driver can have at a time, 10240 at most; default: 128.
   *
   * @see struct blk_mq_tag_set queue_depth
   */
  readonly queueDepth?: number;
}

/** The directories of a disk that is shown. */
export interface DiskDirs {
  /** Removes them; waits for reads and writes in progress. */
  remove(): MaySleep<void>;
}

/**
 * A disk: sectors that can be read and written. It serves requests from addDisk to delGendisk; who
 * holds a reference may keep it longer, and gets EIO.
 *
 * @see include/linux/blkdev.h struct gendisk, block/genhd.c
 */
export class BlockDisk extends Device {
  readonly queue: RequestQueue;
  /** Differs for each disk that ever was. */
  readonly diskseq: number;
  readonly minors: number;
  readonly #init: DiskInit;
  readonly #index: number;
  /** Sectors; 0 when it is gone. */
  capacity = 0;
  readOnly = false;
  /** Does {@link flush} send a flush request to the device? Users can disable it. @see QUEUE_FLAG_WC */
  writeCache = false;
  /** Has the device a cache? @see QUEUE_FLAG_HW_WC */
  hwWriteCache = false;
  /** Bytes of its smallest unit; requests must be whole ones. */
  logicalBlockSize = SECTOR_SIZE;
  /** Sectors of the largest request; users can change it. */
  maxSectors = DEFAULT_MAX_SECTORS;
  /** What users can set it to. */
  maxHwSectors = UINT_MAX;
  /** Pieces of memory that the driver takes in one request, and bytes of the largest one. */
  maxSegments = 128;
  maxSegmentSize = UINT_MAX;
  /** What the device says of its blocks, in bytes; 0: as large as the logical ones. */
  topology = NO_TOPOLOGY;
  /** What it can forget and set to zero, in bytes. Nothing here asks for that. */
  discard: DiskDiscard = { ...NO_DISCARD };
  /** Settings in `queue/` that have no effect. */
  readonly settings = new QueueSettings();
  /** The same for `integrity/`. @see BLK_INTEGRITY_VERIFY, BLK_INTEGRITY_GENERATE */
  readonly integrity = { verify: false, generate: false };
  /** While it is shown. */
  dirs: DiskDirs | null = null;

  /** Only for allocDisk. */
  constructor(kernel: Kernel, init: DiskInit, index: number, major: number) {
    const name = diskName(init.prefix, index);
    super(kernel, { name, class: blockClass, devt: { major, minor: index * init.minors } });
    this.minors = init.minors;
    this.diskseq = ++kernel.stateOf(blockCore).diskseq;
    const ops = { queueRq: (request: BlockRequest) => this.#queueRq(request) };
    this.queue = new RequestQueue(kernel.world, name, ops, queueDepth(init));
    this.#init = init;
    this.#index = index;
  }

  /**
   * Reads `count` sectors from `sector` on.
   *
   * @param into where to: as many bytes, which a failure can leave partly read. Default: new ones
   * @throws ErrnoError EIO beyond the end, when the device fails or is gone; EINVAL for what are no whole blocks;
   *   ENOMEM, also for more than 2 GiB
   */
  readSectors(sector: number, count: number, into?: Uint8Array): MaySleep<Uint8Array> {
    return this.#task('blkdev_read', async () => {
      this.#checkRange('read', sector, count);
      if (count * SECTOR_SIZE > MAX_RW_COUNT) throw this.#error('ENOMEM', `read of ${String(count)} sectors`);
      const bytes = into ?? new Uint8Array(count * SECTOR_SIZE);
      if (bytes.length !== count * SECTOR_SIZE) throw this.#error('EINVAL', `read into ${String(bytes.length)} bytes`);
      const most = this.#requestSectors;
      for (let at = 0; at < count; at += most) {
        const part = most >= count ? bytes : bytes.subarray(at * SECTOR_SIZE, (at + most) * SECTOR_SIZE);
        await this.#submit(new BlockRequest('read', sector + at, part));
      }
      return bytes;
    });
  }

  /**
   * Writes whole sectors from `sector` on. A failure can leave the first part written.
   *
   * @throws ErrnoError as {@link readSectors}; EPERM on a read-only disk
   */
  writeSectors(sector: number, bytes: Uint8Array): MaySleep<void> {
    return this.#task('blkdev_write', async () => {
      if (this.readOnly) throw this.#error('EPERM', 'blkdev_write');
      const count = bytes.length / SECTOR_SIZE;
      this.#checkRange('write', sector, count);
      const most = this.#requestSectors;
      for (let at = 0; at < count; at += most) {
        const part = bytes.slice(at * SECTOR_SIZE, (at + most) * SECTOR_SIZE);
        await this.#submit(new BlockRequest('write', sector + at, undefined, part));
      }
    });
  }

  /** What fits into one request. @see block/blk-merge.c bio_split_rw */
  get #requestSectors(): number {
    const unit = this.logicalBlockSize / SECTOR_SIZE;
    const most = Math.min(this.maxSectors, Math.floor((this.maxSegments * this.maxSegmentSize) / SECTOR_SIZE));
    return Math.max(unit, most - (most % unit));
  }

  /** For the driver: the device has a cache, or has none. @see block/blk-settings.c blk_queue_write_cache */
  setWriteCache(on: boolean): void {
    this.writeCache = this.hwWriteCache = on;
  }

  /** Has the device make durable what was written. @throws ErrnoError EIO @see block/blk-flush.c blkdev_issue_flush */
  flush(): MaySleep<void> {
    return this.#task('blkdev_issue_flush', async () => {
      if (this.writeCache || this.queue.dying) await this.#submit(new BlockRequest('flush'));
    });
  }

  /** For the driver's own requests: as the queue's execute, in a task. @returns 0 or a negative errno */
  execute(request: BlockRequest): MaySleep<number> {
    return this.#task('blk_execute_rq', () => this.queue.execute(request));
  }

  /** For the driver: a request that it took is done, what was to be read is in it. May not sleep. */
  endRequest(request: BlockRequest, error: number): void {
    if (error !== 0 && request.op !== 'drv-in') this.kernel.log.err(printError(this, request));
    this.queue.end(request, error);
  }

  /** For the driver: the device has failed; its requests end with EIO. May not sleep. */
  failRequests(error: number): void {
    this.queue.failStarted(error);
  }

  /**
   * For the driver: a new size in sectors. A disk in use that changes is announced.
   *
   * @see block/genhd.c set_capacity_and_notify
   */
  setCapacityAndNotify(sectors: number): void {
    const before = this.capacity;
    this.capacity = sectors;
    if (sectors === before || !this.isRegistered) return;
    this.kernel.log.info(`${String(this.name)}: detected capacity change from ${String(before)} to ${String(sectors)}`);
    if (before !== 0 && sectors !== 0) this.uevent('change', ['RESIZE=1']);
  }

  /** For the release: its name may be given to another. */
  freeNumber(): void {
    this.kernel.stateOf(blockCore).indexes.get(this.#init.prefix)?.free(this.#index);
  }

  #queueRq(request: BlockRequest): number {
    const { ops } = this.#init;
    return callAtomic(
      this.kernel,
      () => `blk_mq_dispatch_rq_list: disk ${String(this.name)}`,
      () => ops.queueRq(request),
    );
  }

  #submit(request: BlockRequest): MaySleep<void> {
    return andThen(this.queue.execute(request), (error) => {
      if (error === 0) return;
      throw new ErrnoError(error, { syscall: 'submit_bio', path: `${String(this.name)} ${request.op}` });
    });
  }

  #checkRange(op: BlockOp, sector: number, count: number): void {
    if (this.queue.dying) throw this.#error('EIO', op);
    const unit = this.logicalBlockSize / SECTOR_SIZE;
    const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0 && n % unit === 0;
    if (!isWhole(sector) || !isWhole(count)) throw this.#error('EINVAL', op);
    const inside = sector + count <= this.capacity;
    if (!inside) throw this.#error('EIO', `${op} of ${String(count)} sectors at ${String(sector)}`);
  }

  #error(code: ErrnoName, what: string): ErrnoError {
    return new ErrnoError(code, { syscall: 'submit_bio', path: `${String(this.name)} ${what}` });
  }

  #task<T>(fn: string, body: () => MaySleep<T>): MaySleep<T> {
    return this.kernel.world.run(body, `${fn}(${String(this.name)})`, this.kernel);
  }
}

/** Requests that it can have at a time. */
export function queueDepth({ queueDepth: depth = DEFAULT_QUEUE_DEPTH }: DiskInit): number {
  return Math.min(depth, MAX_QUEUE_DEPTH);
}

const OP_TEXT: Readonly<Record<BlockOp, string>> = {
  read: '0x0:(READ)',
  write: '0x1:(WRITE)',
  flush: '0x2:(FLUSH)',
  'drv-in': '0x22:(DRV_IN)',
};

/** @see block/blk-mq.c blk_print_req_error */
function printError(disk: BlockDisk, { op, sector }: BlockRequest): string {
  return `I/O error, dev ${String(disk.name)}, sector ${String(sector)} op ${OP_TEXT[op]}`;
}
