import type { DmaBuffer, DmaPool } from '../access/dma';
import type { Kernel } from '../base/kernel';
import { ErrnoError } from '../errno';
import type { SharedMemory } from '../hypervisor/port';
import { DESC } from './spec';
import type { Buffers } from './virtqueue';

/** A piece of memory that the device reads or writes. */
export interface Segment {
  readonly address: number;
  readonly length: number;
  readonly write: boolean;
}

/** Memory that driver and device both reach, and the pool that gives out pieces of it. */
export interface DmaArea {
  readonly memory: SharedMemory;
  readonly dma: DmaPool;
}

/** The guest's RAM. @throws ErrnoError ENODEV in a kernel without memory for devices */
export function dmaAreaOf({ dma, port }: Kernel, syscall: string, path: string): DmaArea {
  if (dma === null || port === null) throw new ErrnoError('ENODEV', { syscall, path });
  return { dma, memory: port.memory };
}

/** The buffers of one request in memory that the device reaches, and room for an indirect table before them. */
export interface Staged {
  readonly buffer: DmaBuffer;
  /** What the device reads, then what it writes; without empty ones. */
  readonly segments: readonly Segment[];
  /** The device-writable areas, as passed by the driver. */
  readonly areas: readonly Area[];
}

/** An area for the device to write, and where the driver wants it. */
interface Area {
  readonly address: number;
  readonly length: number;
  readonly into: Uint8Array | null;
}

const NONE = [] as const;

function lengthOf(area: number | Uint8Array): number {
  return typeof area === 'number' ? area : area.length;
}

/** How many segments the buffers make. */
export function segmentCount({ out = NONE, in: areas = NONE }: Buffers): number {
  let count = 0;
  for (const bytes of out) if (bytes.length > 0) count += 1;
  for (const area of areas) if (lengthOf(area) > 0) count += 1;
  return count;
}

/**
 * Copies device-readable data into memory that the device can access, and allocates memory for device-writable data.
 *
 * @param indirect leave room for a table of all segments at the start
 * @param area where it lies; default the guest's RAM
 * @throws ErrnoError ENOMEM, EINVAL for an invalid length
 */
export function stage(
  kernel: Kernel,
  buffers: Buffers,
  indirect: boolean,
  owner: string,
  { dma, memory } = dmaAreaOf(kernel, 'dma_map', owner),
): Staged {
  const { out = NONE, in: inAreas = NONE } = buffers;
  const table = indirect ? DESC.SIZE * segmentCount(buffers) : 0;
  let reading = 0;
  for (const bytes of out) reading += bytes.length;
  let size = table + reading;
  for (const area of inAreas) size += lengthOf(area);
  const buffer = dma.alloc(size, DESC.ALIGN, owner);
  const segments: Segment[] = [];
  const areas: Area[] = [];
  let address = buffer.address + table;
  for (const bytes of out) {
    const { length } = bytes;
    memory.write(address, bytes);
    if (length > 0) segments.push({ address, length, write: false });
    address += length;
  }
  kernel.port?.countCopy(reading);
  for (const area of inAreas) {
    const length = lengthOf(area);
    areas.push({ address, length, into: typeof area === 'number' ? null : area });
    if (length > 0) segments.push({ address, length, write: true });
    address += length;
  }
  return { buffer, segments, areas };
}

/**
 * Copies out what the device has written: `length` bytes from the start of the areas, and never more than they hold.
 */
export function collect(
  { port }: Kernel,
  { areas }: Staged,
  length: number,
  memory = port?.memory as SharedMemory | undefined,
): readonly Uint8Array[] {
  const data: Uint8Array[] = [];
  let left = length;
  for (const { address, length: room, into } of areas) {
    const count = Math.min(left, room);
    left -= count;
    port?.countCopy(count);
    const bytes = into === null ? new Uint8Array(count) : count === room ? into : into.subarray(0, count);
    memory?.readInto(address, bytes);
    data.push(bytes);
  }
  return data;
}
