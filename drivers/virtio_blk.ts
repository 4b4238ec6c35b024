/**
 * The driver of virtio disks.
 *
 * @module linux-driver-model/drivers/virtio_blk
 */
import type { Kernel } from '../lib/base/kernel';
import { EINVAL, EIO, EOPNOTSUPP, EOVERFLOW, ErrnoError, errnoOf } from '../lib/errno';
import { cString, sysfsMatchString } from '../lib/kstrtox';
import { andThen, type MaySleep } from '../lib/may-sleep';
import {
  addDisk,
  allocDisk,
  BlockRequest,
  delGendisk,
  sizeText,
  type BlockDisk,
  type BlockOp,
  type BlockOps,
} from '../lib/subsystems';
import { attrRo, attrRw, type AttributeGroup } from '../lib/sysfs';
import {
  BLK,
  DEVICE_ID,
  FEATURE,
  virtioBus,
  type Completed,
  type VirtioDevice,
  type VirtioDriver,
  type Virtqueue,
} from '../lib/virtio';
import { Workqueue, type Work } from '../lib/world';

const PAGE_SIZE = 4096;
const UINT_MAX = 0xffff_ffff;
/** @see PART_BITS */
const MINORS = 16;
/** @see VIRTIO_BLK_MAX_SG_ELEMS */
const MAX_SG_ELEMS = 32768;
/** Places that a request is reckoned to take in a ring without indirect descriptors. @see virtblk_probe */
const DESCRIPTORS = 2;

const REQUEST_TYPE: Readonly<Record<BlockOp, number>> = {
  read: BLK.T_IN,
  write: BLK.T_OUT,
  flush: BLK.T_FLUSH,
  'drv-in': BLK.T_GET_ID,
};

/** Where changes of size are read. @see virtblk_wq */
const virtblkWq = (kernel: Kernel): Workqueue => new Workqueue(kernel.world, 'virtio-blk', kernel);

/**
 * One disk behind one request queue.
 *
 * @see drivers/block/virtio_blk.c struct virtio_blk, VIRTIO 1.2 §5.2
 */
class VirtioBlk implements BlockOps {
  readonly configWork: Work;
  #vq: Virtqueue | null = null;
  #disk: BlockDisk | null = null;

  constructor(readonly vdev: VirtioDevice) {
    this.configWork = { name: `virtblk_config_changed(${String(vdev.name)})`, run: () => this.#resize() };
  }

  get disk(): BlockDisk {
    if (this.#disk === null) throw new Error(`${String(this.vdev.name)} has no disk`);
    return this.#disk;
  }

  /** The order of the kernel: limits, queue, disk, limits of the disk, size, ready. */
  async start(): Promise<void> {
    const { vdev } = this;
    const segments = vdev.hasFeature(BLK.F_SEG_MAX) ? await vdev.creadU32(BLK.CONFIG_SEG_MAX) : 1;
    await this.#initVq();
    const places = this.#vq?.numFree ?? 0;
    const isIndirect = vdev.hasFeature(FEATURE.RING_INDIRECT_DESC);
    const queueDepth = isIndirect ? places : Math.floor(places / DESCRIPTORS);
    const init = { prefix: 'vd', majorName: 'virtblk', minors: MINORS, ops: this, queueDepth };
    this.#disk = await allocDisk(vdev.kernel, init);
    await this.updateCacheMode();
    this.disk.readOnly = vdev.hasFeature(BLK.F_RO);
    this.disk.maxSegments = Math.min(Math.max(1, segments), MAX_SG_ELEMS - 2);
    await this.#readLimits();
    await this.#readDiscard();
    await this.#updateCapacity(false);
    await vdev.ready();
    await addDisk(vdev, this.disk, virtblkAttrGroups);
  }

  /** @see init_vq */
  #initVq(): MaySleep<void> {
    const made = this.vdev.findSingleVq({ name: 'req.0', callback: (vq) => this.#done(vq) });
    return andThen(made, (vq) => void (this.#vq = vq));
  }

  async #readLimits(): Promise<void> {
    const { vdev, disk } = this;
    if (vdev.hasFeature(BLK.F_SIZE_MAX)) {
      disk.maxSegmentSize = Math.max(PAGE_SIZE, await vdev.creadU32(BLK.CONFIG_SIZE_MAX));
    }
    if (!vdev.hasFeature(BLK.F_BLK_SIZE)) return;
    const size = await vdev.creadU32(BLK.CONFIG_BLK_SIZE);
    if (size < BLK.SECTOR || size > PAGE_SIZE || (size & (size - 1)) !== 0) {
      const what = `virtio_blk: invalid block size: 0x${size.toString(16)}`;
      vdev.kernel.log.err(`virtio_blk ${String(vdev.name)}: ${what}`);
      throw new ErrnoError(EINVAL, { syscall: 'virtblk_probe', path: what });
    }
    disk.logicalBlockSize = size;
  }

  /** @see virtblk_probe */
  async #readDiscard(): Promise<void> {
    const { vdev, disk } = this;
    const unit = disk.logicalBlockSize;
    if (vdev.hasFeature(BLK.F_TOPOLOGY)) {
      const bytes = await vdev.transport.getConfig(BLK.CONFIG_TOPOLOGY, 8);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const [exponent, least, best] = [view.getUint8(0), view.getUint16(2, true), view.getUint32(4, true)];
      disk.topology = { physicalBlock: exponent > 0 ? unit << exponent : 0, minIo: least * unit, optIo: best * unit };
    }
    if (!vdev.hasFeature(BLK.F_DISCARD)) return;
    const sectors = await vdev.creadU32(BLK.CONFIG_MAX_DISCARD_SECTORS);
    const alignment = await vdev.creadU32(BLK.CONFIG_DISCARD_ALIGNMENT);
    const maxBytes = (sectors || UINT_MAX) * BLK.SECTOR;
    const granularity = alignment === 0 ? unit : alignment * BLK.SECTOR;
    disk.discard = { ...disk.discard, granularity, maxBytes, maxHwBytes: maxBytes };
    if (!vdev.hasFeature(BLK.F_WRITE_ZEROES)) return;
    const zeroes = await vdev.creadU32(BLK.CONFIG_MAX_WRITE_ZEROES_SECTORS);
    disk.discard.writeZeroesBytes = (zeroes || UINT_MAX) * BLK.SECTOR;
  }

  /** Without CONFIG_WCE a device has a write cache if it supports flush. @see virtblk_get_cache_mode */
  cacheMode(): MaySleep<boolean> {
    const { vdev } = this;
    if (!vdev.hasFeature(BLK.F_CONFIG_WCE)) return vdev.hasFeature(BLK.F_FLUSH);
    return andThen(vdev.transport.getConfig(BLK.CONFIG_WCE, 1), ([wce]) => wce !== 0);
  }

  /** @see virtblk_update_cache_mode */
  updateCacheMode(): MaySleep<void> {
    return andThen(this.cacheMode(), (writeback) => this.disk.setWriteCache(writeback));
  }

  /** A size that cannot be read changes nothing. @see virtblk_config_changed_work */
  async #resize(): Promise<void> {
    try {
      await this.#updateCapacity(true);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      this.vdev.kernel.log.err(`virtio_blk ${String(this.vdev.name)}: ${String(error)}`);
    }
  }

  /** @see virtblk_update_capacity */
  async #updateCapacity(resize: boolean): Promise<void> {
    const { vdev, disk } = this;
    const capacity = Number(await vdev.creadU64(BLK.CONFIG_CAPACITY));
    const bytes = capacity * BLK.SECTOR;
    if (bytes > Number.MAX_SAFE_INTEGER) throw new ErrnoError(EOVERFLOW, { syscall: 'virtblk_update_capacity' });
    const unit = disk.logicalBlockSize;
    const blocks = `${String(Math.ceil(bytes / unit))} ${String(unit)}-byte logical blocks`;
    const sizes = `(${sizeText(bytes, 1000)}/${sizeText(bytes, 1024)})`;
    const what = resize ? 'new size: ' : '';
    vdev.kernel.log.info(`virtio_blk ${String(vdev.name)}: [${String(disk.name)}] ${what}${blocks} ${sizes}`);
    disk.setCapacityAndNotify(capacity);
  }

  /** Header, data, status. VIRTIO 1.2 §5.2.6 @see virtio_queue_rq */
  queueRq(request: BlockRequest): number {
    const vq = this.#vq;
    if (vq === null) return -EIO;
    const { bytes, into } = request;
    const out = [header(request), ...this.#segments(bytes)];
    const error = vq.add({ out, in: [...this.#segments(into), 1] }, request);
    if (!vq.kick()) this.broken();
    return error;
  }

  #segments(bytes: Uint8Array): readonly Uint8Array[] {
    const { maxSegmentSize } = this.disk;
    if (bytes.length <= maxSegmentSize) return bytes.length > 0 ? [bytes] : [];
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += maxSegmentSize) parts.push(bytes.subarray(at, at + maxSegmentSize));
    return parts;
  }

  /** @see virtblk_done */
  #done(vq: Virtqueue): void {
    do {
      vq.disableCb();
      for (let done = vq.getBuf(); done !== undefined; done = vq.getBuf()) this.#requestDone(done);
    } while (!vq.broken && !vq.enableCb());
    if (vq.broken) this.broken();
  }

  /** A request that the device did not write completely has failed. @see virtblk_request_done */
  #requestDone({ token, data }: Completed): void {
    if (!(token instanceof BlockRequest)) return;
    const error = toErrno(data.at(-1)?.[0]);
    // All but the status.
    let count = -1;
    for (const { length } of data) count += length;
    this.disk.endRequest(token, error === 0 && count < token.length ? -EIO : error);
  }

  /** The device has failed: neither its requests nor those that wait for resume will be served. */
  broken(): void {
    this.#disk?.failRequests(-EIO);
    if (this.#vq === null) this.#disk?.queue.unquiesce();
  }

  /** @see virtblk_get_id */
  readId(): MaySleep<BlockRequest> {
    const request = new BlockRequest('drv-in', 0, new Uint8Array(BLK.ID_BYTES));
    const done = this.disk.execute(request);
    return typeof done === 'number' ? request : done.then(() => request);
  }

  /** Requests in the queue end first, for the queue goes; new ones wait. @see virtblk_freeze */
  async freeze(): Promise<void> {
    const { vdev, disk } = this;
    await disk.queue.quiesce();
    this.#vq = null;
    await vdev.reset();
    await vdev.kernel.stateOf(virtblkWq).flushWork(this.configWork);
    await vdev.delVqs();
  }

  /** @see virtblk_restore */
  async restore(): Promise<void> {
    await this.#initVq();
    await this.vdev.ready();
    this.disk.queue.unquiesce();
  }

  /** After a start that failed: nothing of it is left. */
  async cleanUp(): Promise<void> {
    await this.vdev.reset();
    await this.vdev.delVqs();
    this.#disk?.put();
  }
}

/** Little endian; byte by byte, for a view would move a small array out of the collector's own space. */
function header({ op, sector }: BlockRequest): Uint8Array {
  const bytes = new Uint8Array(BLK.HEADER_BYTES);
  bytes[0] = REQUEST_TYPE[op];
  for (let at = 8, rest = sector; rest > 0; at += 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

/** @see virtblk_result */
function toErrno(status: number | undefined): number {
  if (status === BLK.S_OK) return 0;
  return status === BLK.S_UNSUPP ? -EOPNOTSUPP : -EIO;
}

function vblkOf(disk: BlockDisk): VirtioBlk {
  return (disk.parent as VirtioDevice).drvdata as VirtioBlk;
}

/** Without a newline, and empty where the device has none. @see serial_show */
async function serialShow(disk: BlockDisk): Promise<string | number> {
  const { error, into } = await vblkOf(disk).readId();
  if (error !== 0) return error === -EIO ? '' : error;
  return cString(String.fromCharCode(...into));
}

/** @see virtblk_cache_types */
const CACHE_TYPES = ['write through', 'write back'];

/** @see cache_type_store */
async function cacheTypeStore(disk: BlockDisk, text: string): Promise<number | undefined> {
  const type = sysfsMatchString(CACHE_TYPES, text);
  if (type < 0) return type;
  const vblk = vblkOf(disk);
  await vblk.vdev.transport.setConfig(BLK.CONFIG_WCE, Uint8Array.of(type));
  await vblk.updateCacheMode();
  return undefined;
}

const serial = attrRo<BlockDisk>('serial', serialShow);
const cacheType = attrRw<BlockDisk>(
  'cache_type',
  (disk) => andThen(vblkOf(disk).cacheMode(), (writeback) => `${CACHE_TYPES[writeback ? 1 : 0] ?? ''}\n`),
  cacheTypeStore,
);

/** The cache mode is writable only with CONFIG_WCE. @see virtblk_attrs_are_visible */
const virtblkAttrGroups: readonly AttributeGroup<BlockDisk>[] = [
  {
    attrs: [serial, cacheType],
    isVisible: (disk, attr) =>
      attr === cacheType && !vblkOf(disk).vdev.hasFeature(BLK.F_CONFIG_WCE) ? 0o444 : attr.mode,
  },
];

async function probe(vdev: VirtioDevice): Promise<void> {
  const vblk = new VirtioBlk(vdev);
  vdev.drvdata = vblk;
  try {
    await vblk.start();
  } catch (error) {
    await vblk.cleanUp();
    throw error;
  }
}

/** @see virtblk_remove */
async function remove(vdev: VirtioDevice): Promise<void> {
  const vblk = vdev.drvdata as VirtioBlk;
  await vdev.kernel.stateOf(virtblkWq).flushWork(vblk.configWork);
  await delGendisk(vblk.disk);
  await vdev.reset();
  await vdev.delVqs();
  vblk.disk.put();
}

/** Disks: vda and on. @see drivers/block/virtio_blk.c virtio_blk */
export const virtioBlk: VirtioDriver = {
  name: 'virtio_blk',
  bus: virtioBus,
  idTable: [{ device: DEVICE_ID.BLOCK }],
  featureTable: [
    BLK.F_SEG_MAX,
    BLK.F_SIZE_MAX,
    BLK.F_GEOMETRY,
    BLK.F_RO,
    BLK.F_BLK_SIZE,
    BLK.F_FLUSH,
    BLK.F_TOPOLOGY,
    BLK.F_CONFIG_WCE,
    BLK.F_DISCARD,
    BLK.F_WRITE_ZEROES,
  ],
  probe,
  remove,
  freeze: (vdev) => (vdev.drvdata as VirtioBlk).freeze(),
  restore: (vdev) => (vdev.drvdata as VirtioBlk).restore(),
  broken: (vdev) => (vdev.drvdata as VirtioBlk).broken(),
  configChanged: (vdev) => void vdev.kernel.stateOf(virtblkWq).queue((vdev.drvdata as VirtioBlk).configWork),
};
