import { EINVAL, EOPNOTSUPP, ERANGE } from '../errno';
import { after, type MaySleep } from '../may-sleep';
import { attrRo, attrRw, type Attribute, type AttributeGroup } from '../sysfs/attribute';
import { utf8Length } from '../utf8';
import type { NetDevice } from './net-device';
import { NETDEV_STATS } from './net-stats';

/** Longest alias, its end included. @see include/uapi/linux/if.h IFALIASZ */
const IFALIASZ = 256;

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
  show: (dev: NetDevice) => string,
  set: (dev: NetDevice, value: number) => MaySleep<number>,
): NetAttribute {
  return attrRw<NetDevice>(name, (dev) => `${show(dev)}\n`, (dev, text) => {
    const value = kstrtoul(text);
    if (value < 0) return value;
    return after(set(dev, value), (error) => (error === 0 ? text.length : error));
  });
}

/** A number that is kept and has no effect here. */
function kept(name: string, start: number): NetAttribute {
  return setting(name, (dev) => String(dev.settings.get(name) ?? start), (dev, value) => {
    dev.settings.set(name, value);
    return 0;
  });
}

/** What this driver's devices cannot do. */
function unsupported(name: string): NetAttribute {
  return attrRo<NetDevice>(name, () => -EOPNOTSUPP);
}

/** With base 0. @returns the number, or -EINVAL, -ERANGE @see lib/kstrtox.c kstrtoul */
function kstrtoul(text: string): number {
  const digits = text.endsWith('\n') ? text.slice(0, -1) : text;
  const match = /^\+?(?:0x([0-9a-f]+)|(0[0-7]*)|([1-9]\d*))$/i.exec(digits);
  if (match === null) return -EINVAL;
  const [, hex, octal, decimal] = match;
  const base = hex !== undefined ? 16 : octal !== undefined ? 8 : 10;
  const value = Number.parseInt(hex ?? octal ?? decimal ?? '', base);
  return Number.isSafeInteger(value) ? value : -ERANGE;
}

function colons(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** @see net/core/net-sysfs.c ifalias_store, net/core/dev.c dev_set_alias */
const ifalias = attrRw<NetDevice>(
  'ifalias',
  (dev) => (dev.alias === '' ? '' : `${dev.alias}\n`),
  (dev, text) => {
    const alias = text.endsWith('\n') ? text.slice(0, -1) : text;
    if (utf8Length(alias) >= IFALIASZ) return -EINVAL;
    dev.alias = alias;
    return text.length;
  },
);

/** Only a driver could change it, and none here can. @see net/core/net-sysfs.c carrier_show, carrier_store */
const carrier = attrRw<NetDevice>(
  'carrier',
  (dev) => (dev.isUp ? `${dev.carrierOk ? '1' : '0'}\n` : -EINVAL),
  () => -EOPNOTSUPP,
);

const protoDown = setting('proto_down', () => '0', () => -EOPNOTSUPP);

/** Ethernet devices all. @see net/core/net-sysfs.c net_class_attrs */
export const netClassGroup: AttributeGroup<NetDevice> = {
  attrs: [
    kept('netdev_group', 0),
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
    setting('mtu', ({ mtu }) => String(mtu), (dev, mtu) => dev.setMtu(mtu)),
    setting('flags', ({ flags }) => `0x${flags.toString(16)}`, (dev, flags) => dev.changeFlags(flags)),
    setting('tx_queue_len', ({ txQueueLen }) => String(txQueueLen), (dev, length) => {
      dev.txQueueLen = length;
      return 0;
    }),
    kept('gro_flush_timeout', 0),
    kept('napi_defer_hard_irqs', 0),
    unsupported('phys_port_id'),
    unsupported('phys_port_name'),
    unsupported('phys_switch_id'),
    protoDown,
    field('carrier_up_count', ({ carrierUpCount }) => carrierUpCount),
    field('carrier_down_count', ({ carrierDownCount }) => carrierDownCount),
    kept('threaded', 0),
  ],
};

/** @see net/core/net-sysfs.c netstat_group */
export const netstatGroup: AttributeGroup<NetDevice> = {
  name: 'statistics',
  attrs: NETDEV_STATS.map((name) => field(name, ({ stats }) => stats[name])),
};
