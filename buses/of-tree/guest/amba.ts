import type { Bus } from '../../../lib/base/bus';
import type { Kernel } from '../../../lib/base/kernel';
import type { BusType } from '../../../lib/base/types';
import { lastHolds, misfit, overrideClause, tableClauses, type MatchExplanation } from '../../../lib/base/why';
import { EINVAL, ENODEV, EPROBE_DEFER } from '../../../lib/errno';
import { kobjectUevent } from '../../../lib/kobject';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw } from '../../../lib/sysfs';
import { ambaDriverAliases } from './aliases';
import { ambaCsUciIdMatch, ambaIds, ambaLookup, ambaReadPeriphid } from './amba-id';
import { ofIrqGet } from './irq';
import { iomemResource, releaseResource, requestResource, type Resource } from './resource';
import { type AmbaDriver, type AmbaDeviceInit, AmbaDevice } from './amba-device';

/** @see include/linux/amba/bus.h AMBA_NR_IRQS */
const AMBA_NR_IRQS = 9;

/**
 * Match has a side effect here, as in Linux: a device whose id could not be read when it was added is read now, and its
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
  return ambaLookup(def.idTable, dev) !== null;
}

/** Does not read the device's id, as {@link ambaMatch} may. */
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
  const clauses = tableClauses('amba_lookup', 'id table', ambaIds(def.idTable), (row) => [
    misfit(`id under the mask ${show(row.mask)}`, row.id, (dev.periphid & row.mask) >>> 0, show),
    ambaCsUciIdMatch(row, dev) ? null : `the component tells ${show(dev.uci.devarch)} and ${show(dev.uci.devtype)}`,
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
        (dev) =>
          andThen(dev.lock(), () => {
            dev.unlock();
            return `${dev.driverOverride ?? '(null)'}\n`;
          }),
        (dev, text) => dev.setDriverOverride(text),
      ),
    ],
  },
];

/** @see drivers/amba/bus.c of_amba_device_decode_irq */
function decodeIrq(dev: AmbaDevice): number {
  const { ofNode } = dev;
  if (ofNode === null) return 0;
  const irq: number[] = [];
  for (let i = 0; i < AMBA_NR_IRQS; i += 1) {
    const vector = ofIrqGet(ofNode, i);
    if (vector === -EPROBE_DEFER) return vector;
    irq.push(Math.max(vector, 0));
  }
  dev.irq = irq;
  return 0;
}

/** @see drivers/amba/bus.c amba_probe */
function ambaProbe(dev: AmbaDevice): MaySleep<number | void> {
  const def = dev.driver?.def as AmbaDriver | undefined;
  const error = decodeIrq(dev);
  return error === 0 ? def?.probe?.(dev, ambaLookup(def.idTable, dev)) : error;
}

/** @see drivers/amba/bus.c amba_bustype */
export const ambaBus: BusType<AmbaDevice, AmbaDriver> = {
  name: 'amba',
  callsDriver: true,
  devGroups: ambaDevGroups,
  match: (dev, { def }) => ambaMatch(dev, def),
  explainMatch: (dev, { def }) => explainMatch(dev, def),
  aliases: ambaDriverAliases,
  checkDriver: (def) => (def.probe === undefined ? -EINVAL : 0),
  uevent: (dev, env) => {
    const error = env.add('AMBA_ID', hex(dev.periphid, 8));
    return error === 0 ? env.add('MODALIAS', `amba:d${hex(dev.periphid, 8).toUpperCase()}`) : error;
  },
  probe: ambaProbe,
};

/**
 * Registers the amba bus in this kernel; a second call returns the same registration.
 *
 * @see drivers/amba/bus.c amba_init
 */
export async function ambaInit(kernel: Kernel): Promise<Bus> {
  return kernel.busOf(ambaBus) ?? kernel.registerBus(ambaBus);
}

/**
 * Matches nothing: its match makes the bus read the ids of devices again that were off at first, and send their events,
 * although all their drivers are modules.
 *
 * @see drivers/amba/bus.c amba_proxy_drv
 */
const ambaProxyDriver: AmbaDriver = {
  name: 'amba-proxy',
  bus: ambaBus,
  idTable: [{ id: 0, mask: 0 }],
  probe: (dev) => {
    dev.kernel.warn('Stub driver should never match any device.');
    return -ENODEV;
  },
};

/** At the end of boot, or at once. @see drivers/amba/bus.c amba_stub_drv_init */
export function ambaStubDrvInit(kernel: Kernel): MaySleep<void> {
  return kernel.lateInitcallSync('amba_stub_drv_init', () => {
    if (kernel.busOf(ambaBus)?.findDriver(ambaProxyDriver.name) != null) return 0;
    return andThen(kernel.registerDriver(ambaProxyDriver), () => 0);
  });
}

/**
 * Registers the amba bus in this kernel, as with CONFIG_ARM_AMBA, and at the end of boot its driver `amba-proxy`. A
 * second call returns the same registration.
 *
 * @see drivers/amba/bus.c amba_init, amba_stub_drv_init
 */
export async function registerAmbaBus(kernel: Kernel): Promise<Bus> {
  const bus = await ambaInit(kernel);
  await ambaStubDrvInit(kernel);
  return bus;
}

/**
 * Reserves a device's window, reads its peripheral id, and adds it. While the id is unknown it sends no events.
 *
 * @returns 0; -EBUSY for a window that is taken; the error of device_add
 * @see drivers/amba/bus.c amba_device_add
 */
export function ambaDeviceAdd(dev: AmbaDevice): MaySleep<number> {
  const error = requestResource(iomemResource(dev.kernel), dev.res);
  if (error !== 0) return error;
  if (dev.periphid === 0 && ambaReadPeriphid(dev) !== 0) dev.ueventSuppress = true;
  return andThen(dev.kernel.ops.deviceAdd(dev), (failed) => {
    if (failed !== 0) releaseResource(dev.res);
    return failed;
  });
}

/**
 * Makes and adds a device.
 *
 * @throws ErrnoError EBUSY for a window that is taken, and as device_add; nothing is left behind
 * @see drivers/amba/bus.c amba_device_register
 */
export function ambaDeviceRegister(kernel: Kernel, init: AmbaDeviceInit): MaySleep<AmbaDevice> {
  const dev = new AmbaDevice(kernel, ambaBus, init);
  const add = (): MaySleep<number> =>
    andThen(ambaDeviceAdd(dev), (error) => {
      if (error !== 0) dev.put();
      return error;
    });
  return kernel.query('amba_device_register', init.name, add, () => dev);
}
