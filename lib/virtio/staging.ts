import type { DmaBuffer } from '../access/dma';
import type { Kernel } from '../base/kernel';
import { ErrnoError } from '../errno';
import { DESC } from './spec';
import type { Buffers } from './virtqueue';

/** A piece of memory that the device reads or writes. */
export interface Segment {
  readonly address: number;
  readonly length: number;
  readonly write: boolean;
}

/** The buffers of one request in memory that the device reaches, and room for an indirect table before them. */
export interface Staged {
  readonly buffer: DmaBuffer;
  /** What the device reads, then what it writes; without empty ones. */
  readonly segments: readonly Segment[];
  /** The device-writable areas, as passed by the driver. */
  readonly areas: readonly Omit<Segment, 'write'>[];
}

/** How many segments the buffers make. */
export function segmentCount({ out = [], in: areas = [] }: Buffers): number {
  return out.filter((bytes) => bytes.length > 0).length + areas.filter((length) => length > 0).length;
}

/**
 * Copies device-readable data into memory that the device can access, and allocates memory for device-writable data.
 *
 * @param indirect leave room for a table of all segments at the start
 * @throws ErrnoError ENOMEM, EINVAL for an invalid length
 */
export function stage(kernel: Kernel, { out = [], in: areas = [] }: Buffers, indirect: boolean, owner: string): Staged {
  const { dma, port } = kernel;
  if (dma === null || port === null) throw new ErrnoError('ENODEV', { syscall: 'dma_map', path: owner });
  const table = indirect ? DESC.SIZE * segmentCount({ out, in: areas }) : 0;
  const reading = out.reduce((sum, bytes) => sum + bytes.length, 0);
  const buffer = dma.alloc(
    areas.reduce((sum, length) => sum + length, table + reading),
    DESC.ALIGN,
    owner,
  );
  let address = buffer.address + table;
  const place = (length: number): { address: number; length: number } => {
    address += length;
    return { address: address - length, length };
  };
  const read = out.map((bytes) => {
    const placed = place(bytes.length);
    port.memory.write(placed.address, bytes);
    return { ...placed, write: false };
  });
  port.countCopy(reading);
  const written = areas.map(place);
  const all = [...read, ...written.map((area) => ({ ...area, write: true }))];
  const segments = all.filter(({ length }) => length > 0);
  return { buffer, segments, areas: written };
}

/**
 * Copies out what the device has written: `length` bytes from the start of the areas, and never more than they hold.
 */
export function collect(kernel: Kernel, { areas }: Staged, length: number): readonly Uint8Array[] {
  let left = length;
  return areas.map((area) => {
    const count = Math.min(left, area.length);
    left -= count;
    kernel.port?.countCopy(count);
    return kernel.port?.memory.read(area.address, count) ?? new Uint8Array(0);
  });
}
