import type { Device } from '../base/device';
import { EINVAL, ENOENT, EOPNOTSUPP } from '../errno';
import { Kobject, type KobjType } from '../kobject/kobject';
import { kobjectAdd, kobjectPut } from '../kobject/kobject-life';
import { Kset, ksetRegister, ksetUnregister } from '../kobject/kset';
import { kobjectUevent } from '../kobject/uevent';
import { bitmapParse, cString, kstrtouint, kstrtoul } from '../kstrtox';
import type { MaySleep } from '../may-sleep';
import { attrRo, attrRw, type Attribute, type AttributeGroup } from '../sysfs/attribute';
import { createGroup } from '../sysfs/group';

/** @see include/linux/dynamic_queue_limits.h DQL_MAX_LIMIT */
const DQL_MAX_LIMIT = 1_879_048_192n;
const UINT_MAX = 0xffff_ffffn;
const JIFFY_MS = 4n;

/** The directories of a network device's queues. */
export interface QueueKobjects {
  remove(): MaySleep<void>;
}

/**
 * The settings have no effect: one processor serves one queue.
 *
 * @see include/linux/netdevice.h struct netdev_rx_queue
 */
class RxQueue extends Kobject {
  rpsCpus = 0n;
  rpsFlowCnt = 0n;

  constructor(kset: Kset) {
    super(kset.kernel, rxQueueKtype);
    this.kset = kset;
  }
}

/** The settings have no effect. @see include/linux/netdevice.h struct netdev_queue */
class TxQueue extends Kobject {
  xpsRxqs = 0n;
  readonly dql = { limit: 0n, limit_max: DQL_MAX_LIMIT, limit_min: 0n, hold_time: 1000n };

  constructor(kset: Kset) {
    super(kset.kernel, netdevQueueKtype);
    this.kset = kset;
  }
}

/** @see net/core/net-sysfs.c store_rps_map */
const rpsCpus = attrRw<RxQueue>(
  'rps_cpus',
  (queue) => `${queue.rpsCpus.toString(16)}\n`,
  (queue, text) => {
    const mask = bitmapParse(text, 1);
    if (typeof mask === 'number') return mask;
    queue.rpsCpus = mask;
    return undefined;
  },
);

/** A power of two. @see net/core/net-sysfs.c store_rps_dev_flow_table_cnt */
const rpsFlowCnt = attrRw<RxQueue>(
  'rps_flow_cnt',
  (queue) => `${String(queue.rpsFlowCnt)}\n`,
  (queue, text) => {
    const count = kstrtoul(text, 0);
    if (typeof count === 'number') return count;
    if (count - 1n > UINT_MAX) return -EINVAL;
    queue.rpsFlowCnt = count === 0n ? 0n : roundupPowOfTwo(count);
    return undefined;
  },
);

function roundupPowOfTwo(count: bigint): bigint {
  let size = 1n;
  while (size < count) size <<= 1n;
  return size;
}

/** @see net/core/net-sysfs.c rx_queue_ktype */
const rxQueueKtype: KobjType<RxQueue> = {
  name: 'rx_queue_ktype',
  defaultGroups: [{ attrs: [rpsCpus, rpsFlowCnt] }],
};

/** @see net/core/net-sysfs.c xps_rxqs_store */
const xpsRxqs = attrRw<TxQueue>(
  'xps_rxqs',
  (queue) => `${queue.xpsRxqs.toString(16)}\n`,
  (queue, text) => {
    const mask = bitmapParse(text, 1);
    if (typeof mask === 'number') return mask;
    queue.xpsRxqs = mask;
    return undefined;
  },
);

/** @see net/core/net-sysfs.c bql_set, bql_set_hold_time */
function dqlAttr(name: keyof TxQueue['dql'], parse: (text: string) => bigint | number): Attribute<TxQueue> {
  return attrRw<TxQueue>(
    name,
    ({ dql }) => `${String(dql[name])}\n`,
    ({ dql }, text) => {
      const value = parse(text);
      if (typeof value === 'number') return value;
      dql[name] = value;
      return undefined;
    },
  );
}

function bqlLimit(text: string): bigint | number {
  if (/^max\n?$/.test(cString(text))) return DQL_MAX_LIMIT;
  const value = kstrtouint(text, 10);
  return typeof value === 'bigint' && value > DQL_MAX_LIMIT ? -EINVAL : value;
}

/** In whole jiffies, 250 a second. @see net/core/net-sysfs.c bql_set_hold_time */
function holdTime(text: string): bigint | number {
  const value = kstrtouint(text, 10);
  return typeof value === 'number' ? value : ((value + JIFFY_MS - 1n) / JIFFY_MS) * JIFFY_MS;
}

/** @see net/core/net-sysfs.c dql_group */
const dqlGroup: AttributeGroup<TxQueue> = {
  name: 'byte_queue_limits',
  attrs: [
    dqlAttr('limit', bqlLimit),
    dqlAttr('limit_max', bqlLimit),
    dqlAttr('limit_min', bqlLimit),
    dqlAttr('hold_time', holdTime),
    attrRo('inflight', () => '0\n'),
  ],
};

/** Of a device with one queue. @see net/core/net-sysfs.c netdev_queue_default_attrs */
const netdevQueueKtype: KobjType<TxQueue> = {
  name: 'netdev_queue_ktype',
  defaultGroups: [
    {
      attrs: [
        attrRo('tx_timeout', () => '0\n'),
        attrRo('traffic_class', () => -ENOENT),
        attrRw(
          'xps_cpus',
          () => -ENOENT,
          () => -ENOENT,
        ),
        xpsRxqs,
        attrRw(
          'tx_maxrate',
          () => '0\n',
          () => -EOPNOTSUPP,
        ),
      ],
    },
    dqlGroup,
  ],
};

/** One queue for each direction. @see net/core/net-sysfs.c register_queue_kobjects */
export function addQueueKobjects(dev: Device, rxGroup: AttributeGroup | null): QueueKobjects {
  const kset = new Kset(dev.kernel);
  ksetRegister(kset, 'queues', dev);
  const queues = [addQueue(new RxQueue(kset), 'rx-0', rxGroup), addQueue(new TxQueue(kset), 'tx-0', null)];
  return {
    remove: () => {
      for (const queue of queues) kobjectPut(queue);
      return ksetUnregister(kset);
    },
  };
}

/** @see net/core/net-sysfs.c rx_queue_add_kobject, netdev_queue_add_kobject */
function addQueue(queue: Kobject, name: string, group: AttributeGroup | null): Kobject {
  if (kobjectAdd(queue, null, name) !== 0) return queue;
  if (group !== null && queue.sd !== null) createGroup(queue.sd, group);
  kobjectUevent(queue, 'add');
  return queue;
}
