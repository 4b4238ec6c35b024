import type { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import type { DeviceType } from '../base/types';
import { ErrnoError } from '../errno';
import { Ida } from '../ida';
import { kobjectUevent } from '../kobject/uevent';
import { andThen, type MaySleep } from '../may-sleep';
import type { AttributeGroup } from '../sysfs/attribute';
import { addDiskDirs } from './blk-mq-sysfs';
import { blockCore, registerBlkdev } from './block-core';
import { bdiRegister, bdiUnregister } from './bdi';
import { configuredGroups } from './elevator';
import { diskAttrGroups } from './disk-attrs';
import { blockClass, BlockDisk, queueDepth, type DiskInit } from './gendisk';

/** @see block/genhd.c disk_type */
const diskType: DeviceType<BlockDisk> = { name: 'disk', groups: diskAttrGroups, release: (disk) => disk.freeNumber() };

/** Registers the block class in this kernel, once. @see block/genhd.c genhd_device_init */
export function registerBlockClass(kernel: Kernel): MaySleep<void> {
  if (kernel.classOf(blockClass) !== null) return undefined;
  return andThen(kernel.registerClass(blockClass), () => void kernel.stateOf(blockCore));
}

/**
 * For drivers: a disk that is not shown yet, with the first free name. Its driver holds one reference.
 *
 * @throws ErrnoError EBUSY when no major number is free, EINVAL for a driver that can have no request
 * @see block/blk-mq.c blk_mq_alloc_tag_set, block/genhd.c __alloc_disk_node
 */
export function allocDisk(kernel: Kernel, init: DiskInit): MaySleep<BlockDisk> {
  if (queueDepth(init) < 1) throw new ErrnoError('EINVAL', { syscall: 'blk_mq_alloc_tag_set', path: init.majorName });
  return andThen(registerBlockClass(kernel), () => {
    const core = kernel.stateOf(blockCore);
    const major = registerBlkdev(core, init.majorName);
    const numbers = core.indexes.get(init.prefix) ?? new Ida();
    core.indexes.set(init.prefix, numbers);
    const disk = new BlockDisk(kernel, init, numbers.alloc(), major);
    disk.type = diskType;
    return disk;
  });
}

/**
 * For drivers: shows a disk, which must be able to serve requests. `groups` are the driver's own files in it.
 *
 * @throws ErrnoError EEXIST and what else device_add refuses with; the disk is not shown then
 * @see block/genhd.c device_add_disk
 */
export function addDisk(
  parent: Device,
  disk: BlockDisk,
  groups: readonly AttributeGroup<BlockDisk>[] = [],
): MaySleep<void> {
  disk.parent = parent;
  const configured = configuredGroups(disk.kernel);
  disk.groups = configured.length === 0 ? groups : [...groups, ...configured];
  disk.ueventSuppress = true;
  return andThen(disk.add(), () => {
    disk.kernel.stateOf(blockCore).dir.sd?.addLink(String(disk.name), disk.sd);
    disk.dirs = addDiskDirs(disk);
    return andThen(bdiRegister(disk), () => {
      disk.ueventSuppress = false;
      kobjectUevent(disk, 'add');
    });
  });
}

/**
 * For drivers: takes a disk away. New requests get EIO from now on; it returns when those in flight have ended.
 *
 * @see block/genhd.c del_gendisk
 */
export function delGendisk(disk: BlockDisk): MaySleep<void> {
  disk.queue.startDrain();
  disk.capacity = 0;
  return andThen(disk.dirs?.remove(), () => {
    disk.dirs = null;
    void disk.kernel.stateOf(blockCore).dir.sd?.removeName(String(disk.name));
    return andThen(bdiUnregister(disk), () => andThen(disk.del(), () => disk.queue.freezeWait()));
  });
}

/** A disk by name; null if there is none. */
export function blockDisk(kernel: Kernel, name: string): BlockDisk | null {
  return blockDisks(kernel).find((disk) => disk.name === name) ?? null;
}

/** All disks, in the order of adding. */
export function blockDisks(kernel: Kernel): readonly BlockDisk[] {
  return [...(kernel.classOf(blockClass)?.devices() ?? [])] as BlockDisk[];
}
