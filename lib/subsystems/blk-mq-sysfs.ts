import { Kobject, type KobjType } from '../kobject/kobject';
import { kobjectAdd, kobjectCreateAndAdd, kobjectDel, kobjectPut } from '../kobject/kobject-life';
import { andThen, each, type MaySleep } from '../may-sleep';
import { attrRo } from '../sysfs/attribute';
import { QueueKobject } from './blk-sysfs';
import { elevatorExit, elevatorInit } from './elevator';
import type { BlockDisk, DiskDirs } from './gendisk';

/** The one hardware queue of a disk: `mq/0`. @see block/blk-mq-sysfs.c blk_mq_hw_ktype */
class HardwareQueue extends Kobject {
  constructor(readonly disk: BlockDisk) {
    super(disk.kernel, blkMqHwKtype);
  }
}

const blkMqHwKtype: KobjType<HardwareQueue> = {
  name: 'blk_mq_hw_ktype',
  defaultGroups: [
    {
      attrs: [
        attrRo<HardwareQueue>('nr_tags', ({ disk }) => `${String(disk.queue.depth)}\n`),
        attrRo<HardwareQueue>('nr_reserved_tags', () => '0\n'),
        attrRo<HardwareQueue>('cpu_list', () => '0\n'),
      ],
    },
  ],
};

/**
 * The directories in a disk's own: `holders`, `slaves`, `queue`, `mq` with its one queue of one processor.
 *
 * @see block/genhd.c device_add_disk, block/blk-sysfs.c blk_register_queue, block/blk-mq-sysfs.c blk_mq_sysfs_register
 */
export function addDiskDirs(disk: BlockDisk): DiskDirs {
  const { kernel } = disk;
  const create = (name: string, parent: Kobject): Kobject => kobjectCreateAndAdd(kernel, name, parent);
  const add = (kobj: Kobject, name: string, parent: Kobject): Kobject => {
    kobjectAdd(kobj, parent, name);
    return kobj;
  };
  const [holders, slaves] = [create('holders', disk), create('slaves', disk)];
  const queue = add(new QueueKobject(disk), 'queue', disk);
  elevatorInit(disk, queue);
  const mq = create('mq', disk);
  const hctx = add(new HardwareQueue(disk), '0', mq);
  const ctx = create('cpu0', hctx);
  const all = [ctx, hctx, mq, queue, holders, slaves];
  return { remove: () => andThen(elevatorExit(disk), () => each(all, drop)) };
}

function drop(kobj: Kobject): MaySleep<void> {
  return andThen(kobjectDel(kobj), () => kobjectPut(kobj));
}
