import type { Kernel } from '../base/kernel';
import { EINVAL } from '../errno';
import { Kobject, type KobjType } from '../kobject/kobject';
import { kobjectAdd, kobjectDel, kobjectPut } from '../kobject/kobject-life';
import { kstrtoint } from '../kstrtox';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRw, type Attribute, type AttributeGroup } from '../sysfs/attribute';
import type { BlockDisk } from './gendisk';

/** Requests of a queue with a scheduler, at most. @see include/linux/blkdev.h BLKDEV_DEFAULT_RQ */
const DEFAULT_REQUESTS = 128;
const NAME = 'mq-deadline';

/** Does this kernel have the scheduler and the tracer? */
interface BlockConfig {
  deadline: boolean;
}

const blockConfig = (): BlockConfig => ({ deadline: false });

/** CONFIG_MQ_IOSCHED_DEADLINE and CONFIG_BLK_DEV_IO_TRACE: disks have a scheduler's files, and those of the tracer. */
export function deadlineInit(kernel: Kernel): void {
  kernel.stateOf(blockConfig).deadline = true;
}

/** @see block/mq-deadline.c struct deadline_data */
class Deadline extends Kobject {
  readonly values = new Map<string, number>();

  constructor(readonly disk: BlockDisk) {
    super(disk.kernel, deadlineKtype);
  }
}

/** Numbers that are kept; a scheduler that orders nothing has no use for them. @see deadline_attrs */
const PRESETS: readonly (readonly [name: string, preset: number, least: number, most: number])[] = [
  ['read_expire', 500, 0, 0x7fff_ffff],
  ['write_expire', 5000, 0, 0x7fff_ffff],
  ['writes_starved', 2, -0x8000_0000, 0x7fff_ffff],
  ['front_merges', 1, 0, 1],
  ['async_depth', 0, 1, 0x7fff_ffff],
  ['fifo_batch', 16, 0, 0x7fff_ffff],
  ['prio_aging_expire', 10000, 0, 0x7fff_ffff],
];

function setting([name, preset, least, most]: (typeof PRESETS)[number]): Attribute<Deadline> {
  const presetOf = ({ disk }: Deadline): number => (name === 'async_depth' ? disk.queue.nrRequests : preset);
  return attrRw<Deadline>(
    name,
    (elevator) => `${String(elevator.values.get(name) ?? presetOf(elevator))}\n`,
    (elevator, text) => {
      const value = kstrtoint(text, 0);
      if (typeof value === 'number') return value;
      elevator.values.set(name, Math.max(least, Math.min(most, Number(value))));
      return undefined;
    },
  );
}

const deadlineKtype: KobjType<Deadline> = { name: 'elv_ktype', defaultGroups: [{ attrs: PRESETS.map(setting) }] };

/** The schedulers of disks that have one. */
const elevators = (): WeakMap<BlockDisk, Deadline> => new WeakMap();

function elevatorOf(disk: BlockDisk): Deadline | undefined {
  return disk.kernel.stateOf(elevators).get(disk);
}

/** @see block/elevator.c elevator_init_mq */
export function elevatorInit(disk: BlockDisk, queueDir: Kobject): void {
  if (disk.kernel.stateOf(blockConfig).deadline) start(disk, queueDir);
}

function start(disk: BlockDisk, queueDir: Kobject): void {
  const elevator = new Deadline(disk);
  const { queue } = disk;
  queue.nrRequests = 2 * Math.min(queue.depth, DEFAULT_REQUESTS);
  kobjectAdd(elevator, queueDir, 'iosched');
  disk.kernel.stateOf(elevators).set(disk, elevator);
}

/** @see block/elevator.c elevator_exit */
export function elevatorExit(disk: BlockDisk): MaySleep<void> {
  const elevator = elevatorOf(disk);
  if (elevator === undefined) return undefined;
  disk.kernel.stateOf(elevators).delete(disk);
  disk.queue.nrRequests = disk.queue.depth;
  return andThen(kobjectDel(elevator), () => kobjectPut(elevator));
}

/** @see block/elevator.c elv_iosched_show */
export function schedulerText(disk: BlockDisk): string {
  if (!disk.kernel.stateOf(blockConfig).deadline) return '[none] ';
  return elevatorOf(disk) === undefined ? `[none] ${NAME} ` : `[${NAME}] none`;
}

/** @see block/elevator.c elv_iosched_store */
export function schedulerStore(disk: BlockDisk, text: string, queueDir: Kobject): MaySleep<number | void> {
  if (text.startsWith('none')) return elevatorExit(disk);
  if (text.trim() !== NAME || !disk.kernel.stateOf(blockConfig).deadline) return -EINVAL;
  if (elevatorOf(disk) === undefined) start(disk, queueDir);
  return undefined;
}

/** Nothing is traced. @see kernel/trace/blktrace.c blk_trace_attrs */
const traceGroup: AttributeGroup<BlockDisk> = {
  name: 'trace',
  attrs: [
    ['enable', '0'],
    ['act_mask', 'disabled'],
    ['pid', 'disabled'],
    ['start_lba', 'disabled'],
    ['end_lba', 'disabled'],
  ].map(([name = '', value = '']) =>
    attrRw<BlockDisk>(
      name,
      () => `${value}\n`,
      (_disk, text) => (text.trim() === '0' ? undefined : -EINVAL),
    ),
  ),
};
const TRACE_GROUPS = [traceGroup];
const NO_GROUPS: readonly AttributeGroup<BlockDisk>[] = [];

/** Groups of a disk that the kernel's configuration gives. */
export function configuredGroups(kernel: Kernel): readonly AttributeGroup<BlockDisk>[] {
  return kernel.stateOf(blockConfig).deadline ? TRACE_GROUPS : NO_GROUPS;
}
