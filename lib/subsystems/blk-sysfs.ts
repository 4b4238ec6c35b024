import { EINVAL } from '../errno';
import { Kobject, type KobjType } from '../kobject/kobject';
import { kstrtoint, kstrtos64, kstrtoul } from '../kstrtox';
import type { MaySleep } from '../may-sleep';
import { attrRo, attrRw, type Attribute } from '../sysfs/attribute';
import { schedulerStore, schedulerText } from './elevator';
import type { BlockDisk } from './gendisk';

const UINT_MAX = 0xffff_ffffn;
const PAGE_KB = 4;
/** @see include/linux/blkdev.h BLKDEV_MIN_RQ */
const BLKDEV_MIN_RQ = 4;

/** The directory `queue` of a disk. @see block/blk-sysfs.c blk_queue_ktype */
export class QueueKobject extends Kobject {
  constructor(readonly disk: BlockDisk) {
    super(disk.kernel, blkQueueKtype);
  }
}

type QueueAttribute = Attribute<QueueKobject>;
type Value = string | number | bigint;

function ro(name: string, show: (disk: BlockDisk) => Value): QueueAttribute {
  return attrRo<QueueKobject>(name, ({ disk }) => `${String(show(disk))}\n`);
}

function rw(
  name: string,
  show: (disk: BlockDisk) => Value,
  store: (disk: BlockDisk, text: string) => MaySleep<number | void>,
): QueueAttribute {
  return attrRw<QueueKobject>(
    name,
    ({ disk }) => `${String(show(disk))}\n`,
    ({ disk }, text) => store(disk, text),
  );
}

/** @see block/blk-sysfs.c queue_var_store */
function queueVar(
  name: string,
  show: (disk: BlockDisk) => Value,
  set: (disk: BlockDisk, value: number) => number | void,
): QueueAttribute {
  return rw(name, show, (disk, text) => {
    const value = kstrtoul(text, 10);
    return typeof value === 'number' || value > UINT_MAX ? -EINVAL : set(disk, Number(value));
  });
}

/** @see block/blk-sysfs.c QUEUE_SYSFS_BIT_FNS */
function queueBit(name: string, key: 'addRandom' | 'rotational' | 'stableWrites'): QueueAttribute {
  return queueVar(
    name,
    ({ settings }) => (settings[key] ? 1 : 0),
    ({ settings }, value) => {
      settings[key] = value !== 0;
    },
  );
}

/** More than the driver has places for would need a scheduler. @see block/blk-mq.c blk_mq_update_nr_requests */
const nrRequests = queueVar(
  'nr_requests',
  ({ queue }) => queue.nrRequests,
  ({ queue }, value) => {
    const wanted = Math.max(BLKDEV_MIN_RQ, value);
    if (wanted !== queue.nrRequests && wanted > queue.depth) return -EINVAL;
    queue.nrRequests = wanted;
    return undefined;
  },
);

/** @see block/blk-sysfs.c queue_max_sectors_store */
const maxSectors = queueVar(
  'max_sectors_kb',
  (disk) => disk.maxSectors >>> 1,
  (disk, value) => {
    if (value > maxHwSectorsKb(disk) || value < PAGE_KB) return -EINVAL;
    disk.maxSectors = value * 2;
    return undefined;
  },
);

function maxHwSectorsKb(disk: BlockDisk): number {
  return Math.floor(disk.maxHwSectors / 2);
}

const scheduler = attrRw<QueueKobject>(
  'scheduler',
  ({ disk }) => `${schedulerText(disk)}\n`,
  (queue, text) => schedulerStore(queue.disk, text, queue),
);

/** @see block/blk-sysfs.c queue_poll_delay_store */
const pollDelay = rw(
  'io_poll_delay',
  ({ settings: { pollNsec } }) => (pollNsec === -1 ? -1 : Math.trunc(pollNsec / 1000)),
  ({ settings }, text) => {
    const value = kstrtoint(text, 10);
    if (typeof value === 'number') return value;
    if (value < -1n) return -EINVAL;
    settings.pollNsec = value === -1n ? -1 : Number(BigInt.asIntN(32, value * 1000n));
    return undefined;
  },
);

/** @see block/blk-sysfs.c queue_wb_lat_store, block/blk-wbt.c wbt_default_latency_nsec */
const wbLat = rw(
  'wbt_lat_usec',
  ({ settings }) => settings.wbtMinLatNsec / 1000n,
  ({ settings }, text) => {
    const value = kstrtos64(text, 10);
    if (typeof value === 'number') return value;
    if (value < -1n) return -EINVAL;
    const preset = settings.rotational ? 75_000_000n : 2_000_000n;
    settings.wbtMinLatNsec = value === -1n ? preset : BigInt.asUintN(64, value * 1000n);
    return undefined;
  },
);

/** Whether writes are followed by a flush; the device stays as it is. @see block/blk-sysfs.c queue_wc_store */
const writeCache = rw(
  'write_cache',
  ({ writeCache: wc }) => (wc ? 'write back' : 'write through'),
  (disk, text) => {
    const on = text.startsWith('write back');
    if (on ? !disk.hwWriteCache : !/^(?:write through|none)/.test(text)) return -EINVAL;
    disk.writeCache = on;
    return undefined;
  },
);

/** Whole granules, at most what the device can. @see block/blk-sysfs.c queue_discard_max_store */
const discardMax = queueVar(
  'discard_max_bytes',
  ({ discard }) => discard.maxBytes,
  ({ discard }, value) => {
    if (value === 0 && discard.granularity === 0) return undefined;
    if (discard.granularity === 0 || value % discard.granularity !== 0) return -EINVAL;
    discard.maxBytes = Math.min(value, discard.maxHwBytes);
    return undefined;
  },
);

/** @see block/blk-sysfs.c queue_attrs */
const QUEUE_ATTRS: readonly QueueAttribute[] = [
  nrRequests,
  queueVar(
    'read_ahead_kb',
    ({ settings }) => settings.readAheadKb,
    ({ settings }, value) => {
      settings.readAheadKb = value - (value % PAGE_KB);
    },
  ),
  ro('max_hw_sectors_kb', maxHwSectorsKb),
  maxSectors,
  ro('max_segments', (disk) => disk.maxSegments),
  ro('max_discard_segments', () => 1),
  ro('max_integrity_segments', () => 0),
  ro('max_segment_size', (disk) => disk.maxSegmentSize),
  scheduler,
  ro('hw_sector_size', (disk) => disk.logicalBlockSize),
  ro('logical_block_size', (disk) => disk.logicalBlockSize),
  ro('physical_block_size', (disk) => disk.topology.physicalBlock || disk.logicalBlockSize),
  ro('chunk_sectors', () => 0),
  ro('minimum_io_size', (disk) => disk.topology.minIo || disk.logicalBlockSize),
  ro('optimal_io_size', ({ topology }) => topology.optIo),
  ro('discard_granularity', ({ discard }) => discard.granularity),
  discardMax,
  ro('discard_max_hw_bytes', ({ discard }) => discard.maxHwBytes),
  ro('discard_zeroes_data', () => 0),
  ro('write_same_max_bytes', () => 0),
  ro('write_zeroes_max_bytes', ({ discard }) => discard.writeZeroesBytes),
  ro('zone_append_max_bytes', () => 0),
  ro('zone_write_granularity', () => 0),
  queueBit('rotational', 'rotational'),
  ro('zoned', () => 'none'),
  ro('nr_zones', () => 0),
  queueVar(
    'nomerges',
    ({ settings }) => settings.nomerges,
    ({ settings }, value) => {
      settings.nomerges = value === 2 ? 2 : Math.min(value, 1);
    },
  ),
  queueVar(
    'rq_affinity',
    ({ settings }) => settings.rqAffinity,
    ({ settings }, value) => {
      if (value <= 2) settings.rqAffinity = value;
    },
  ),
  queueVar(
    'iostats',
    ({ queue }) => (queue.iostats ? 1 : 0),
    ({ queue }, value) => {
      queue.iostats = value !== 0;
    },
  ),
  queueBit('stable_writes', 'stableWrites'),
  queueBit('add_random', 'addRandom'),
  rw(
    'io_poll',
    () => 0,
    () => -EINVAL,
  ),
  writeCache,
  ro('fua', () => 0),
  ro('dax', () => 0),
  wbLat,
  pollDelay,
  ro('virt_boundary_mask', () => 0),
  ro('dma_alignment', () => 511),
];

const blkQueueKtype: KobjType<QueueKobject> = {
  name: 'blk_queue_ktype',
  defaultGroups: [{ attrs: QUEUE_ATTRS }],
};
