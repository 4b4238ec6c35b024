import { EINVAL, ENODEV } from '../errno';
import { scanNumber, simpleStrtoul } from '../kstrtox';
import { attrRo, attrRw, type Attribute, type AttributeGroup } from '../sysfs/attribute';
import type { BlockDisk } from './gendisk';
import type { BlockOp } from './request-queue';

function text(name: string, value: (disk: BlockDisk) => string | number): Attribute<BlockDisk> {
  return attrRo<BlockDisk>(name, (disk) => `${String(value(disk))}\n`);
}

/** @see block/genhd.c part_inflight_show */
function inFlight({ queue }: BlockDisk): string {
  const count = (op: BlockOp): string => String(queue.inFlightOf(op)).padStart(8);
  return `${count('read')} ${count('write')}`;
}

/** @see block/genhd.c part_stat_show */
function statShow({ queue }: BlockDisk): string {
  queue.updateIoTicks();
  return queue.stats.text(queue.inFlightOf('read') + queue.inFlightOf('write'));
}

/**
 * No disk here reports changes of its medium, so none is polled.
 *
 * @see block/disk-events.c disk_events_poll_msecs_store
 */
function eventsPollMsecsStore(written: string): number {
  const interval = scanNumber(written, '%d')?.value;
  return interval === undefined || interval < -1n ? -EINVAL : -ENODEV;
}

/** @see block/genhd.c disk_attr_group */
const diskAttrGroup: AttributeGroup<BlockDisk> = {
  attrs: [
    text('range', ({ minors }) => minors),
    text('ext_range', () => 256),
    text('removable', () => 0),
    text('hidden', () => 0),
    text('ro', ({ readOnly }) => (readOnly ? 1 : 0)),
    text('size', ({ capacity }) => capacity),
    text('alignment_offset', () => 0),
    text('discard_alignment', () => 0),
    text('capability', () => 0),
    attrRo<BlockDisk>('stat', statShow),
    text('inflight', inFlight),
    attrRo<BlockDisk>('events', () => ''),
    attrRo<BlockDisk>('events_async', () => ''),
    attrRw<BlockDisk>(
      'events_poll_msecs',
      () => '-1\n',
      (_disk, written) => eventsPollMsecsStore(written),
    ),
    text('diskseq', ({ diskseq }) => diskseq),
  ],
};

/** A switch that is kept: there is no profile that would look at it. */
function integritySwitch(name: string, key: 'verify' | 'generate'): Attribute<BlockDisk> {
  return attrRw<BlockDisk>(
    name,
    ({ integrity }) => `${integrity[key] ? '1' : '0'}\n`,
    ({ integrity }, written) => {
      integrity[key] = simpleStrtoul(written, 10).value !== 0n;
    },
  );
}

/** @see block/blk-integrity.c blk_integrity_attr_group */
const integrityGroup: AttributeGroup<BlockDisk> = {
  name: 'integrity',
  attrs: [
    text('format', () => 'none'),
    text('tag_size', () => 0),
    text('protection_interval_bytes', () => 0),
    integritySwitch('read_verify', 'verify'),
    integritySwitch('write_generate', 'generate'),
    text('device_is_integrity_capable', () => 0),
  ],
};

/** @see block/genhd.c disk_attr_groups */
export const diskAttrGroups: readonly AttributeGroup<BlockDisk>[] = [diskAttrGroup, integrityGroup];
