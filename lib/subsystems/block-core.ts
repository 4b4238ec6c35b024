import type { Kernel } from '../base/kernel';
import { ErrnoError } from '../errno';
import type { Ida } from '../ida';
import type { Kobject } from '../kobject/kobject';
import { kobjectCreateAndAdd } from '../kobject/kobject-life';

/** Highest major number that is given out. @see block/genhd.c __register_blkdev */
const LAST_MAJOR = 254;

/** What the block layer keeps for each kernel. */
export interface BlockCore {
  /** /sys/block */
  readonly dir: Kobject;
  /** Major numbers by the driver's name for its disks. */
  readonly majors: Map<string, number>;
  /** Numbers of disks by prefix: `vd` has vda, vdb, ... */
  readonly indexes: Map<string, Ida>;
  diskseq: number;
}

/** The one of a kernel: for `kernel.stateOf`. */
export const blockCore = (kernel: Kernel): BlockCore => ({
  dir: kobjectCreateAndAdd(kernel, 'block', null),
  majors: new Map(),
  indexes: new Map(),
  diskseq: 0,
});

/** `vd` and 0 to `vda`, 25 to `vdz`, 26 to `vdaa`. @see drivers/block/virtio_blk.c virtblk_name_format */
export function diskName(prefix: string, index: number): string {
  let letters = '';
  for (let i = index; i >= 0; i = Math.floor(i / 26) - 1) letters = String.fromCharCode(97 + (i % 26)) + letters;
  return prefix + letters;
}

/**
 * The same name has the same number.
 *
 * @throws ErrnoError EBUSY when none is free
 * @see block/genhd.c __register_blkdev
 */
export function registerBlkdev({ majors }: BlockCore, name: string): number {
  const known = majors.get(name);
  if (known !== undefined) return known;
  const major = LAST_MAJOR - majors.size;
  if (major <= 0) throw new ErrnoError('EBUSY', { syscall: 'register_blkdev', path: name });
  majors.set(name, major);
  return major;
}
