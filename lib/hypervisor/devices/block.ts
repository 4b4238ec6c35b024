import { EINVAL, EIO, ErrnoError, errnoOf } from '../../errno';
import type { MayNotSleep } from '../../may-sleep';
import { BLK, DEVICE_ID, featureBit } from '../../virtio/spec';
import { noPromise } from '../../world/atomic';
import { COSTS } from '../costs';
import { DeviceModel, type DeviceHost, type DeviceRequest } from '../device-model';
import { littleEndian } from '../memory';

/**
 * Where a block device keeps its bytes. It may not sleep: a promise makes the device need a reset. What it throws
 * with an errno becomes an I/O error of the request.
 */
export interface BlockImage {
  /** Bytes; a part of a sector at the end is not seen. */
  readonly size: number;
  /** May be a view of what it keeps: it is copied at once. */
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): MayNotSleep;
  /** Makes what was written durable; default: it is already. */
  flush?(): MayNotSleep;
}

/** How a disk is made. */
export interface BlockOptions {
  readonly name: string;
  /** An array is used in place: it shows what the guest wrote. */
  readonly image: Uint8Array | BlockImage;
  /** At most 20 characters of ASCII; default: the name, cut. */
  readonly serial?: string;
  readonly readOnly?: boolean;
  /** May the driver switch the write cache off and on? CONFIG_WCE; default: no. */
  readonly configWce?: boolean;
  /** Places in its queue, a power of two; default: 128. */
  readonly queueSize?: number;
  /** Pieces of memory in one request; default: what the queue has room for beside header and status. */
  readonly maxSegments?: number;
  /** It tells of its geometry and topology, and forgets sectors and sets them to zero on request. Default: no. */
  readonly discard?: boolean;
  /** Service time of a request in ns. */
  readonly latency?: number;
}

const OK = Uint8Array.of(BLK.S_OK);

const QUEUE_SIZE = 128;
/** Sectors that one request can forget. */
const MAX_DISCARD_SECTORS = 0x3f_ffff;
/** Bytes of a range in such a request: sector u64, count u32, flags u32. VIRTIO 1.2 §5.2.6 */
const RANGE_BYTES = 16;

/** Block device. Requests end in the order of arrival, each after its service time. VIRTIO 1.2 §5.2 */
export class BlockDevice extends DeviceModel {
  readonly deviceId = DEVICE_ID.BLOCK;
  readonly name: string;
  readonly #image: BlockImage;
  readonly #serial: Uint8Array;
  readonly #readOnly: boolean;
  readonly #configWce: boolean;
  readonly #queueSize: number;
  readonly #maxSegments: number;
  readonly #discard: boolean;
  readonly #latency: number;
  /** Without it every write is made durable at once. */
  #writeback = true;

  /** @throws ErrnoError EINVAL for a serial that is too long or no ASCII */
  constructor(options: BlockOptions) {
    super();
    this.name = options.name;
    this.#image = options.image instanceof Uint8Array ? arrayImage(options.image) : options.image;
    this.#serial = serialBytes(options.serial ?? options.name.slice(0, BLK.ID_BYTES), options.name);
    this.#readOnly = options.readOnly ?? false;
    this.#configWce = options.configWce ?? false;
    this.#queueSize = options.queueSize ?? QUEUE_SIZE;
    this.#maxSegments = options.maxSegments ?? this.#queueSize - 2;
    this.#discard = options.discard ?? false;
    this.#latency = options.latency ?? COSTS.disk;
  }

  /** Sectors of 512 bytes. */
  get capacity(): number {
    return Math.floor(this.#image.size / BLK.SECTOR);
  }

  override features(): bigint {
    const always = featureBit(BLK.F_SEG_MAX) | featureBit(BLK.F_BLK_SIZE) | featureBit(BLK.F_FLUSH);
    const wce = this.#configWce ? featureBit(BLK.F_CONFIG_WCE) : 0n;
    const more = [BLK.F_GEOMETRY, BLK.F_TOPOLOGY, BLK.F_DISCARD, BLK.F_WRITE_ZEROES].map(featureBit);
    const discard = this.#discard ? more.reduce((all, bit) => all | bit, 0n) : 0n;
    return always | wce | discard | (this.#readOnly ? featureBit(BLK.F_RO) : 0n);
  }

  override queueSizes(): readonly number[] {
    return [this.#queueSize];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(this.#discard ? BLK.CONFIG_DISCARD_BYTES : BLK.CONFIG_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(BLK.CONFIG_CAPACITY, BigInt(this.capacity), true);
    view.setUint32(BLK.CONFIG_SEG_MAX, this.#maxSegments, true);
    view.setUint32(BLK.CONFIG_BLK_SIZE, BLK.SECTOR, true);
    view.setUint8(BLK.CONFIG_WCE, this.#configWce && this.#writeback ? 1 : 0);
    view.setUint16(BLK.CONFIG_NUM_QUEUES, 1, true);
    if (!this.#discard) return bytes;
    view.setUint32(BLK.CONFIG_MAX_DISCARD_SECTORS, MAX_DISCARD_SECTORS, true);
    view.setUint32(BLK.CONFIG_MAX_DISCARD_SEG, 1, true);
    view.setUint32(BLK.CONFIG_DISCARD_ALIGNMENT, 1, true);
    view.setUint32(BLK.CONFIG_MAX_WRITE_ZEROES_SECTORS, MAX_DISCARD_SECTORS, true);
    view.setUint32(BLK.CONFIG_MAX_WRITE_ZEROES_SEG, 1, true);
    return bytes;
  }

  override writeConfig(offset: number, bytes: Uint8Array): void {
    const wce = bytes[BLK.CONFIG_WCE - offset];
    if (this.#configWce && wce !== undefined) this.#writeback = wce !== 0;
  }

  override reset(): void {
    this.#writeback = true;
  }

  override handle(_queue: number, request: DeviceRequest, host: DeviceHost): void {
    if (request.readable.length < BLK.HEADER_BYTES || request.writable < 1) {
      throw new ErrnoError(EINVAL, { syscall: 'virtio_blk', path: `${this.name}: request without header or status` });
    }
    host.after(this.#latency, () => this.#serve(request));
  }

  /** Writes data, if any, and the status as the last byte. §5.2.6 */
  #serve(request: DeviceRequest): void {
    const room = request.writable - 1;
    const result = this.#refusable(() => this.#execute(request.readable, room));
    if (typeof result !== 'number') request.complete(result, OK);
    else request.complete(new Uint8Array(room), Uint8Array.of(result));
  }

  #refusable(execute: () => Uint8Array | number): Uint8Array | number {
    try {
      return execute();
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return BLK.S_IOERR;
    }
  }

  /** @returns what was read, which fills the room, or a status */
  #execute(readable: Uint8Array, room: number): Uint8Array | number {
    // Above 2^53 this rounds, and is outside every disk all the same.
    const sector = littleEndian(readable, 8, 4) + littleEndian(readable, 12, 4) * 2 ** 32;
    switch (littleEndian(readable, 0, 4)) {
      case BLK.T_IN:
        return filled(this.#sync('read', this.#image.read(this.#locate(sector, room), room)), room);
      case BLK.T_OUT:
        return this.#write(sector, readable.subarray(BLK.HEADER_BYTES));
      case BLK.T_FLUSH:
        this.#sync('flush', this.#image.flush?.());
        return BLK.S_OK;
      case BLK.T_GET_ID:
        return filled(this.#serial.subarray(0, room), room);
      case BLK.T_DISCARD:
      case BLK.T_WRITE_ZEROES:
        return this.#discard ? this.#zero(readable.subarray(BLK.HEADER_BYTES)) : BLK.S_UNSUPP;
      default:
        return BLK.S_UNSUPP;
    }
  }

  #sync<T>(call: string, result: T): T {
    return noPromise(result, () => `${call} of the image of ${this.name}`);
  }

  #write(sector: number, bytes: Uint8Array): number {
    if (this.#readOnly) return BLK.S_IOERR;
    this.#sync('write', this.#image.write(this.#locate(sector, bytes.length), bytes));
    if (!this.#writeback) this.#sync('flush', this.#image.flush?.());
    return BLK.S_OK;
  }

  /** Forgotten sectors are zero, too. §5.2.6.2 */
  #zero(range: Uint8Array): number {
    if (range.length !== RANGE_BYTES) return BLK.S_UNSUPP;
    const sector = littleEndian(range, 0, 4) + littleEndian(range, 4, 4) * 2 ** 32;
    const count = littleEndian(range, 8, 4);
    if (count > MAX_DISCARD_SECTORS) return BLK.S_IOERR;
    const length = count * BLK.SECTOR;
    this.#locate(sector, length);
    return this.#write(sector, new Uint8Array(length));
  }

  /** Byte offset of a sector range that lies inside and is whole sectors. */
  #locate(sector: number, length: number): number {
    const fits = sector + length / BLK.SECTOR <= this.capacity;
    if (length % BLK.SECTOR === 0 && fits) return sector * BLK.SECTOR;
    throw new ErrnoError(EIO, { syscall: 'virtio_blk', path: `${this.name}: sector ${String(sector)}` });
  }
}

/** Bytes of a length: zeros behind those that are there. @throws RangeError when there are more */
function filled(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  const all = new Uint8Array(length);
  all.set(bytes);
  return all;
}

function arrayImage(bytes: Uint8Array): BlockImage {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    write: (offset, written) => bytes.set(written, offset),
  };
}

function serialBytes(serial: string, name: string): Uint8Array {
  const bytes = new Uint8Array(BLK.ID_BYTES);
  const codes = Array.from({ length: serial.length }, (_, i) => serial.charCodeAt(i));
  if (codes.length > BLK.ID_BYTES || codes.some((code) => code > 0x7f)) {
    throw new ErrnoError(EINVAL, { syscall: 'virtio_blk', path: `${name}: serial '${serial}'` });
  }
  bytes.set(codes);
  return bytes;
}
