import type { DeviceClass } from '../base/types';
import { EINVAL, EOPNOTSUPP, ERANGE } from '../errno';
import { cString, kstrtoul } from '../kstrtox';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRo, attrRw, type Attribute, type AttributeGroup } from '../sysfs/attribute';
import { utf8Length } from '../utf8';
import type { NetDevice } from './net-device';
import { NETDEV_STATS } from './net-stats';

/** Longest alias, its end included. @see include/uapi/linux/if.h IFALIASZ */
const IFALIASZ = 256;
const S16_MAX = 32767n;

type NetAttribute = Attribute<NetDevice>;

/** A number that never changes. */
function constant(name: string, text: string): NetAttribute {
  return attrRo<NetDevice>(name, () => `${text}\n`);
}

function field(name: string, value: (dev: NetDevice) => number | string): NetAttribute {
  return attrRo<NetDevice>(name, (dev) => `${String(value(dev))}\n`);
}

/** Only a device that is up knows. */
function whileUp(name: string, value: (dev: NetDevice) => string): NetAttribute {
  return attrRo<NetDevice>(name, (dev) => (dev.isUp ? `${value(dev)}\n` : -EINVAL));
}

/** @see net/core/net-sysfs.c netdev_store */
function setting(
  name: string,
  show: (dev: NetDevice) => string | number | bigint,
  set: (dev: NetDevice, value: bigint) => MaySleep<number>,
): NetAttribute {
  return attrRw<NetDevice>(
    name,
    (dev) => `${String(show(dev))}\n`,
    (dev, text) => {
      const value = kstrtoul(text, 0);
      return typeof value === 'number' ? value : andThen(set(dev, value), (error) => error || undefined);
    },
  );
}

/** As C makes an int of a long. */
function toInt(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** A number that is kept and has no effect here. */
function kept<K extends 'group' | 'groFlushTimeout' | 'napiDeferHardIrqs'>(
  name: string,
  key: K,
  convert: (value: bigint) => NetDevice[K],
): NetAttribute {
  return setting(
    name,
    (dev) => dev[key],
    (dev, value) => dev.underRtnl(() => void (dev[key] = convert(value))),
  );
}

/** What this driver's devices cannot do. */
function unsupported(name: string): NetAttribute {
  return attrRo<NetDevice>(name, () => -EOPNOTSUPP);
}

function colons(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** @see net/core/net-sysfs.c ifalias_show, ifalias_store */
const ifalias = attrRw<NetDevice>(
  'ifalias',
  (dev) => (cString(dev.alias) === '' ? '' : `${cString(dev.alias)}\n`),
  (dev, text) => {
    const alias = text.endsWith('\n') ? text.slice(0, -1) : text;
    return andThen(
      dev.underRtnl(() => setAlias(dev, alias)),
      (error) => error || undefined,
    );
  },
);

/** @see net/core/dev.c dev_set_alias */
function setAlias(dev: NetDevice, alias: string): number {
  if (utf8Length(alias) >= IFALIASZ) return -EINVAL;
  dev.alias = alias;
  return 0;
}

/** Only a driver could change it, and none here can. @see net/core/net-sysfs.c carrier_show, carrier_store */
const carrier = attrRw<NetDevice>(
  'carrier',
  (dev) => (dev.isUp ? `${dev.carrierOk ? '1' : '0'}\n` : -EINVAL),
  () => -EOPNOTSUPP,
);

const protoDown = setting(
  'proto_down',
  () => 0,
  () => -EOPNOTSUPP,
);

/** @see net/core/dev.c dev_change_tx_queue_len */
const txQueueLen = setting(
  'tx_queue_len',
  (dev) => dev.txQueueLen,
  (dev, length) =>
    dev.underRtnl(() => {
      if (length > S16_MAX) return -ERANGE;
      dev.txQueueLen = Number(length);
      return 0;
    }),
);

/** @see net/core/net-sysfs.c modify_napi_threaded */
const threaded = setting(
  'threaded',
  (dev) => (dev.threaded ? 1 : 0),
  (dev, value) =>
    dev.underRtnl(() => {
      if (value > 1n) return -EOPNOTSUPP;
      dev.threaded = value === 1n;
      return 0;
    }),
);

/** Ethernet devices all. @see net/core/net-sysfs.c net_class_attrs */
const netClassGroup: AttributeGroup<NetDevice> = {
  attrs: [
    kept('netdev_group', 'group', toInt),
    constant('type', '1'),
    constant('dev_id', '0x0'),
    constant('dev_port', '0'),
    field('iflink', ({ ifindex }) => ifindex),
    field('ifindex', ({ ifindex }) => ifindex),
    constant('name_assign_type', '1'),
    field('addr_assign_type', ({ addrAssignType }) => addrAssignType),
    constant('addr_len', '6'),
    constant('link_mode', '0'),
    field('address', ({ address }) => colons(address)),
    constant('broadcast', 'ff:ff:ff:ff:ff:ff'),
    whileUp('speed', () => '-1'),
    whileUp('duplex', () => 'unknown'),
    whileUp('dormant', () => '0'),
    whileUp('testing', () => '0'),
    field('operstate', ({ operstate }) => operstate),
    field('carrier_changes', ({ carrierUpCount, carrierDownCount }) => carrierUpCount + carrierDownCount),
    ifalias,
    carrier,
    setting(
      'mtu',
      ({ mtu }) => mtu,
      (dev, mtu) => dev.setMtu(toInt(mtu)),
    ),
    setting(
      'flags',
      ({ flags }) => `0x${flags.toString(16)}`,
      (dev, flags) => dev.changeFlags(toInt(flags)),
    ),
    txQueueLen,
    kept('gro_flush_timeout', 'groFlushTimeout', (value) => value),
    kept('napi_defer_hard_irqs', 'napiDeferHardIrqs', toInt),
    unsupported('phys_port_id'),
    unsupported('phys_port_name'),
    unsupported('phys_switch_id'),
    protoDown,
    field('carrier_up_count', ({ carrierUpCount }) => carrierUpCount),
    field('carrier_down_count', ({ carrierDownCount }) => carrierDownCount),
    threaded,
  ],
};

/** @see net/core/net-sysfs.c netstat_group */
const netstatGroup: AttributeGroup<NetDevice> = {
  name: 'statistics',
  attrs: NETDEV_STATS.map((name) => field(name, ({ stats }) => stats[name])),
};

/** @see net/core/net-sysfs.c net_class, netdev_uevent */
export const netClass: DeviceClass<NetDevice> = {
  name: 'net',
  devGroups: [netClassGroup],
  devUevent: (dev, env) => env.add('INTERFACE', String(dev.name)) || env.add('IFINDEX', dev.ifindex),
};

/**
 * Class and statistics, and then its directory with the files.
 *
 * @see net/core/net-sysfs.c netdev_register_kobject
 */
export function netdevRegisterKobject(dev: NetDevice): MaySleep<void> {
  dev.class = dev.kernel.classOf(netClass);
  dev.groups = [netstatGroup];
  return dev.add();
}
