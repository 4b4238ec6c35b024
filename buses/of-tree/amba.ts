import { Device } from '../../lib/base/device';
import type { Bus } from '../../lib/base/bus';
import type { Kernel } from '../../lib/base/kernel';
import type { BusType, DeviceDriver } from '../../lib/base/types';
import { lastHolds, misfit, overrideClause, tableClauses, type MatchExplanation } from '../../lib/base/why';
import { ENODEV, EPROBE_DEFER } from '../../lib/errno';
import { kobjectUevent } from '../../lib/kobject';
import { after, type MaySleep } from '../../lib/may-sleep';
import { attrRo, attrRw } from '../../lib/sysfs';
import { ambaDriverAliases } from './aliases';
import { PRIMECELL } from './layout';
import type { DeviceNode } from './node';
import { iomemResource, releaseResource, requestResource, type Resource } from './resource';

/** @see include/linux/mod_devicetable.h struct amba_id */
export interface AmbaId {
  readonly id: number;
  readonly mask: number;
}

/** @see include/linux/amba/bus.h struct amba_driver */
export interface AmbaDriver extends DeviceDriver<AmbaDevice> {
  readonly idTable: readonly AmbaId[];
}

/** What an amba device is made of. */
export interface AmbaDeviceInit {
  readonly name: string;
  readonly parent: Device;
  readonly res: Resource;
  readonly ofNode?: DeviceNode | null;
  /** When the firmware knows better than the device. */
  readonly periphid?: number;
}

/** A PrimeCell: it says at the end of its window who it is. @see include/linux/amba/bus.h struct amba_device */
export class AmbaDevice extends Device {
  readonly res: Resource;
  override readonly ofNode: DeviceNode | null;
  /** 0 while it is not known. */
  periphid: number;

  constructor(kernel: Kernel, { name, parent, res, ofNode, periphid }: AmbaDeviceInit) {
    super(kernel, { name, bus: ambaBus, parent, release: (dev: AmbaDevice) => releaseResource(dev.res) });
    this.res = res;
    this.ofNode = ofNode ?? null;
    this.periphid = periphid ?? 0;
  }
}

/**
 * Reads who a device is, one byte from each word. What does not sign as a PrimeCell stays unknown.
 *
 * @returns 0 or -ENODEV
 * @see drivers/amba/bus.c amba_read_periphid
 */
function ambaReadPeriphid(dev: AmbaDevice): number {
  const { port } = dev.kernel;
  const end = Number(dev.res.end) + 1;
  const read = (fromEnd: number): number =>
    [0, 1, 2, 3].reduce((sum, i) => sum + ((port?.read(end - fromEnd + 4 * i, 4) ?? 0) & 0xff) * 2 ** (8 * i), 0);
  if (port === null || !Number.isSafeInteger(end)) return -ENODEV;
  const pid = read(PRIMECELL.PID_FROM_END);
  if (read(PRIMECELL.CID_FROM_END) === PRIMECELL.CID) dev.periphid = pid;
  return dev.periphid === 0 ? -ENODEV : 0;
}

/**
 * Match has a side effect here, as in Linux: a device that could not be asked when it was added is asked now, and its
 * add event is sent.
 *
 * @see drivers/amba/bus.c amba_match
 */
function ambaMatch(dev: AmbaDevice, def: AmbaDriver): number | boolean {
  if (dev.periphid === 0) {
    if (ambaReadPeriphid(dev) !== 0) return -EPROBE_DEFER;
    dev.ueventSuppress = false;
    kobjectUevent(dev, 'add');
  }
  if (dev.driverOverride !== null) return dev.driverOverride === def.name;
  return def.idTable.some(({ id, mask }) => mask !== 0 && ((dev.periphid & mask) >>> 0) === id);
}

/** Does not ask the device, as {@link ambaMatch} may. */
function explainMatch(dev: AmbaDevice, def: AmbaDriver): MatchExplanation {
  if (dev.periphid === 0) {
    const text = 'the device has not said who it is; match asks it again';
    return { result: -EPROBE_DEFER, clauses: [{ fn: 'amba_read_periphid', holds: false, text }] };
  }
  if (dev.driverOverride !== null) {
    const clause = overrideClause('amba_match', dev.driverOverride, def.name);
    return { result: clause.holds, clauses: [clause] };
  }
  const show = (id: number): string => `0x${hex(id, 8)}`;
  const clauses = tableClauses('amba_lookup', 'id table', def.idTable, ({ id, mask }) => [
    mask === 0
      ? 'a mask of 0 ends the table'
      : misfit(`id under the mask ${show(mask)}`, id, (dev.periphid & mask) >>> 0, show),
  ]);
  return { result: lastHolds(clauses), clauses };
}

const hex = (n: number | bigint, digits: number): string => n.toString(16).padStart(digits, '0');

function resourceText({ start, end, flags }: Resource): string {
  return `\t${hex(start, 16)}\t${hex(end, 16)}\t${hex(flags, 16)}\n`;
}

const ambaDevGroups = [
  {
    attrs: [
      attrRo<AmbaDevice>('id', (dev) => `${hex(dev.periphid, 8)}\n`),
      attrRo<AmbaDevice>('resource', ({ res }) => resourceText(res)),
      attrRw<AmbaDevice>(
        'driver_override',
        (dev) => after(dev.lock(), () => {
          dev.unlock();
          return `${dev.driverOverride ?? '(null)'}\n`;
        }),
        (dev, text) => dev.setDriverOverride(text),
      ),
    ],
  },
];

/** @see drivers/amba/bus.c amba_bustype */
export const ambaBus: BusType<AmbaDevice, AmbaDriver> = {
  name: 'amba',
  callsDriver: true,
  devGroups: ambaDevGroups,
  match: (dev, { def }) => ambaMatch(dev, def),
  explainMatch: (dev, { def }) => explainMatch(dev, def),
  aliases: ambaDriverAliases,
  uevent: (dev, env) => {
    const error = env.add('AMBA_ID', hex(dev.periphid, 8));
    return error === 0 ? env.add('MODALIAS', `amba:d${hex(dev.periphid, 8).toUpperCase()}`) : error;
  },
};

/** Makes the amba bus known in this kernel; a second call gives the same registration. @see amba_init */
export async function registerAmbaBus(kernel: Kernel): Promise<Bus> {
  return kernel.busOf(ambaBus) ?? kernel.registerBus(ambaBus);
}

/**
 * Gives a device its window, asks it who it is, and adds it. While that is not known it sends no events.
 *
 * @returns 0; -EBUSY for a window that is taken; what device_add gave
 * @see drivers/amba/bus.c amba_device_add
 */
export function ambaDeviceAdd(dev: AmbaDevice): MaySleep<number> {
  const error = requestResource(iomemResource(dev.kernel), dev.res);
  if (error !== 0) return error;
  if (dev.periphid === 0 && ambaReadPeriphid(dev) !== 0) dev.ueventSuppress = true;
  return after(dev.kernel.verbs.deviceAdd(dev), (failed) => {
    if (failed !== 0) releaseResource(dev.res);
    return failed;
  });
}
