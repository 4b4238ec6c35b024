import { EBUSY, EINVAL, ENODEV } from '../../../lib/errno';
import { devMessage } from '../../../lib/base/device';
import { guard } from '../../../lib/base/guard';
import type { BusType } from '../../../lib/base/types';
import { lastHolds, misfit, tableClauses, type MatchExplanation } from '../../../lib/base/why';
import type { UeventEnv } from '../../../lib/kobject';
import { kstrtoul } from '../../../lib/kstrtox';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, type AttributeGroup } from '../../../lib/sysfs';
import { ccwDriverAliases } from './aliases';
import { hex } from '../layout';
import type { SenseId } from '../layout/ccw';
import type { CcwDevice, CcwDeviceId, CcwDriver } from './device';
import { ccwDeviceOffline } from './fsm-done';
import { onlineStore } from './online';
import { ioSubchannelQuiesce } from './quiesce';

/** Does a line of an id table fit? @see arch/s390/include/asm/ccwdev.h ccw_device_id_match */
export function ccwIdMatch(id: SenseId, { cuType, cuModel, devType, devModel }: CcwDeviceId): boolean {
  if (cuType !== id.cuType) return false;
  if (cuModel !== undefined && cuModel !== id.cuModel) return false;
  if (devType !== undefined && devType !== id.devType) return false;
  return devModel === undefined || devModel === id.devModel;
}

/** The conditions of a driver's id table. @see drivers/s390/cio/device.c ccw_bus_match */
function explainMatch(id: SenseId, { ids }: CcwDriver): MatchExplanation {
  const field = (name: keyof CcwDeviceId & keyof SenseId, wanted: number | undefined, digits: number): string | null =>
    wanted === undefined ? null : misfit(name, wanted, id[name], (value) => `0x${hex(value, digits)}`);
  const clauses = tableClauses('ccw_device_id_match', 'id table', ids, (row) => [
    field('cuType', row.cuType, 4),
    field('cuModel', row.cuModel, 2),
    field('devType', row.devType, 4),
    field('devModel', row.devModel, 2),
  ]);
  return { result: lastHolds(clauses), clauses };
}

/** The text that finds a driver's module. @see drivers/s390/cio/device.c snprint_alias */
export function ccwModalias({ cuType, cuModel, devType, devModel }: SenseId): string {
  const device = devType === 0 ? 'dtdm' : `dt${upper(devType, 4)}dm${upper(devModel, 2)}`;
  return `ccw:t${upper(cuType, 4)}m${upper(cuModel, 2)}${device}`;
}

function upper(value: number, digits: number): string {
  return hex(value, digits).toUpperCase();
}

/** @see drivers/s390/cio/device.c ccw_uevent */
function ccwUevent({ ccwId }: CcwDevice, env: UeventEnv): number {
  const vars: readonly (readonly [string, string])[] = [
    ['CU_TYPE', upper(ccwId.cuType, 4)],
    ['CU_MODEL', upper(ccwId.cuModel, 2)],
    ['DEV_TYPE', upper(ccwId.devType, 4)],
    ['DEV_MODEL', upper(ccwId.devModel, 2)],
    ['MODALIAS', ccwModalias(ccwId)],
  ];
  for (const [key, value] of vars) {
    const error = env.add(key, value);
    if (error !== 0) return error;
  }
  return 0;
}

/** @see drivers/s390/cio/device.c ccw_device_probe */
function ccwProbe(cdev: CcwDevice): MaySleep<number> {
  const driver = (cdev.driver?.def as CcwDriver | undefined) ?? null;
  if (driver === null) return -ENODEV;
  cdev.ccwDriver = driver;
  return andThen(driver.probe(cdev), (error) => {
    if (error !== undefined && error !== 0) cdev.ccwDriver = null;
    return error ?? 0;
  });
}

/**
 * A device that is still online is closed, whatever its driver says.
 *
 * @see drivers/s390/cio/device.c ccw_device_remove
 */
async function ccwRemove(cdev: CcwDevice): Promise<void> {
  const where = (): string => `ccw_device_remove: device ${String(cdev.name)}`;
  const error = await guard(cdev.kernel.world, where, () => cdev.ccwDriver?.remove?.(cdev));
  if (error !== 0) cdev.kernel.log.err(devMessage(cdev, `remove failed with error ${String(error)}`));
  if (cdev.online) await close(cdev);
  cdev.setTimeout(0);
  cdev.ccwDriver = null;
  await ioSubchannelQuiesce(cdev.sch, cdev);
}

/** A device that cannot be closed is taken for closed, or it could not go online again. Linux: "we can't fail". */
async function close(cdev: CcwDevice): Promise<void> {
  cdev.online = false;
  const error = ccwDeviceOffline(cdev);
  if (error === 0) await cdev.waitFinal();
  else {
    cdev.kernel.log.err(devMessage(cdev, `ccw_device_offline returned ${String(error)}`));
    if (error !== -EBUSY) cdev.state = 'offline';
  }
  cdev.put();
}

/**
 * The bus of channel-attached devices.
 *
 * @see drivers/s390/cio/device.c ccw_bus_type
 */
export const ccwBus: BusType<CcwDevice, CcwDriver> = {
  name: 'ccw',
  callsDriver: true,
  match: ({ ccwId }, { def }) => def.ids.some((id) => ccwIdMatch(ccwId, id)),
  explainMatch: ({ ccwId }, { def }) => explainMatch(ccwId, def),
  aliases: ccwDriverAliases,
  uevent: ccwUevent,
  probe: ccwProbe,
  remove: ccwRemove,
  shutdown: (cdev) => cdev.ccwDriver?.shutdown?.(cdev),
};

/** @see drivers/s390/cio/device.c ccwdev_attrs */
export const CCWDEV_GROUPS: readonly AttributeGroup<CcwDevice>[] = [
  {
    attrs: [
      attrRo<CcwDevice>('devtype', ({ ccwId }) => devtype(ccwId)),
      attrRo<CcwDevice>('cutype', ({ ccwId: id }) => `${hex(id.cuType, 4)}/${hex(id.cuModel, 2)}\n`),
      attrRo<CcwDevice>('modalias', ({ ccwId }) => `${ccwModalias(ccwId)}\n`),
      attrRw<CcwDevice>('online', ({ online }) => (online ? '1\n' : '0\n'), onlineStore),
      attrRw<CcwDevice>(
        'cmb_enable',
        () => '0\n',
        (_cdev, text) => cmbEnableStore(text),
      ),
      attrRo<CcwDevice>('availability', availability),
    ],
  },
];

/**
 * There is no measurement facility that could be enabled, so it cannot be disabled either.
 *
 * @see drivers/s390/cio/cmf.c cmb_enable_store
 */
function cmbEnableStore(text: string): number {
  const value = kstrtoul(text, 16);
  if (typeof value === 'number') return value;
  return value === 1n ? -ENODEV : -EINVAL;
}

/** @see drivers/s390/cio/device.c devtype_show */
function devtype({ devType, devModel }: SenseId): string {
  return devType === 0 ? 'n/a\n' : `${hex(devType, 4)}/${hex(devModel, 2)}\n`;
}

/** @see drivers/s390/cio/device.c available_show */
function availability(cdev: CcwDevice): string {
  if (cdev.isOrphan) return 'no device\n';
  if (cdev.state === 'boxed') return 'boxed\n';
  if (!cdev.isDisconnected && cdev.state !== 'not-oper') return 'good\n';
  return cdev.sch.lpm === 0 ? 'no path\n' : 'no device\n';
}
