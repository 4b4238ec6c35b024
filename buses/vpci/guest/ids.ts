import { EEXIST, EINVAL, ENODEV } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import type { Driver } from '../../../lib/base/driver';
import {
  lastHolds,
  misfit,
  overrideClause,
  tableClauses,
  type MatchClause,
  type MatchExplanation,
} from '../../../lib/base/why';
import { attrWo, type AttributeGroup } from '../../../lib/sysfs';
import type { PciDevice, PciDriver, PciDeviceId } from './device';
import { scanHexFields } from './parse';

/** Stands for every value of an id. @see include/linux/mod_devicetable.h PCI_ANY_ID */
export const PCI_ANY_ID = 0xffff_ffff;

/** What a device says of itself. */
type Identity = Required<Pick<PciDeviceId, 'vendor' | 'device' | 'subvendor' | 'subdevice' | 'class'>>;

/** @see drivers/pci/pci.h pci_id_from_device */
function idFromDevice(dev: PciDevice): Identity {
  const { vendor, device, subsystemVendor: subvendor, subsystemDevice: subdevice, classCode } = dev;
  return { vendor, device, subvendor, subdevice, class: classCode };
}

/** @see drivers/pci/pci.h pci_match_one_id */
function matchOneId(id: PciDeviceId, dev: Identity): boolean {
  const is = (wanted: number | undefined, value: number): boolean =>
    wanted === undefined || wanted === PCI_ANY_ID || wanted === value;
  return (
    is(id.vendor, dev.vendor) &&
    is(id.device, dev.device) &&
    is(id.subvendor, dev.subvendor) &&
    is(id.subdevice, dev.subdevice) &&
    (((id.class ?? 0) ^ dev.class) & (id.classMask ?? 0)) === 0
  );
}

/** The ids that were added to a registered driver, oldest first. @see include/linux/pci.h struct pci_dynids */
function dynidsOf(drv: Driver): PciDeviceId[] {
  return (drv.busData ??= []) as PciDeviceId[];
}

/** @see drivers/pci/pci-driver.c do_pci_match_id */
function matchTable(def: PciDriver, dev: Identity, includeOverrideOnly: boolean): PciDeviceId | undefined {
  return def.idTable?.find((id) => (id.overrideOnly !== true || includeOverrideOnly) && matchOneId(id, dev));
}

/**
 * The id under which a driver takes a device: an override first, then added ids, then the table; an override without
 * an id gives one that takes anything.
 *
 * @see drivers/pci/pci-driver.c pci_match_device
 */
export function matchDevice(drv: Driver<PciDriver>, dev: PciDevice): PciDeviceId | undefined {
  const { driverOverride } = dev;
  if (driverOverride !== null && driverOverride !== drv.def.name) return undefined;
  const identity = idFromDevice(dev);
  const added = dynidsOf(drv).find((id) => matchOneId(id, identity));
  const found = added ?? matchTable(drv.def, identity, driverOverride !== null);
  if (found !== undefined) return found;
  return driverOverride === null ? undefined : {};
}

/** The conditions of {@link matchDevice}, up to the one that decides. @see drivers/pci/pci-driver.c pci_bus_match */
export function explainMatch(dev: PciDevice, drv: Driver<PciDriver>): MatchExplanation {
  if (!dev.matchDriver) {
    return {
      result: 0,
      clauses: [{ fn: 'pci_bus_match', holds: false, text: 'the device is not fully added: match_driver is not set' }],
    };
  }
  return { result: matchDevice(drv, dev) === undefined ? 0 : 1, clauses: clausesOf(dev, drv) };
}

function clausesOf(dev: PciDevice, drv: Driver<PciDriver>): MatchClause[] {
  const fn = 'pci_match_device';
  const { driverOverride } = dev;
  const clauses = driverOverride === null ? [] : [overrideClause(fn, driverOverride, drv.def.name)];
  if (clauses.length > 0 && !lastHolds(clauses)) return clauses;
  const identity = idFromDevice(dev);
  const added = dynidsOf(drv);
  if (added.length > 0) clauses.push(...tableClauses(fn, 'added ids', added, (id) => misfits(id, identity)));
  if (added.some((id) => matchOneId(id, identity))) return clauses;
  const overrideOnly = (id: PciDeviceId): string | null =>
    id.overrideOnly === true && driverOverride === null
      ? 'only for a device whose driver_override names the driver'
      : null;
  clauses.push(
    ...tableClauses(fn, 'id table', drv.def.idTable ?? [], (id) => [overrideOnly(id), ...misfits(id, identity)]),
  );
  if (lastHolds(clauses) || driverOverride === null) return clauses;
  return [...clauses, { fn, holds: true, text: 'driver_override makes up for the missing id' }];
}

/** @see drivers/pci/pci.h pci_match_one_id */
function misfits(id: PciDeviceId, dev: Identity): (string | null)[] {
  const show = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;
  const field = (key: 'vendor' | 'device' | 'subvendor' | 'subdevice'): string | null =>
    id[key] === undefined || id[key] === PCI_ANY_ID ? null : misfit(key, id[key], dev[key], show);
  const mask = id.classMask ?? 0;
  return [
    field('vendor'),
    field('device'),
    field('subvendor'),
    field('subdevice'),
    misfit(`class under the mask ${show(mask)}`, ((id.class ?? 0) & mask) >>> 0, (dev.class & mask) >>> 0, show),
  ];
}

/**
 * Adds an id and offers the driver every device again.
 *
 * @returns 0; -EEXIST for one that is there when `checkDup`
 * @see drivers/pci/pci-driver.c do_pci_add_dynid
 */
function addDynid(drv: Driver, id: Required<Identity> & PciDeviceId, checkDup: boolean): MaySleep<number> {
  const dynids = dynidsOf(drv);
  if (checkDup && dynids.some((known) => matchOneId(known, id))) return -EEXIST;
  dynids.push(id);
  return andThen(drv.attach(), () => 0);
}

/** The seven fields of new_id; a 32-bit field keeps its low bits. */
function parseId(fields: readonly bigint[]): Identity & { classMask: number; driverData: bigint } {
  const u32 = (at: number, missing: number): number => {
    const field = fields[at];
    return field === undefined ? missing : Number(BigInt.asUintN(32, field));
  };
  return {
    vendor: u32(0, 0),
    device: u32(1, 0),
    subvendor: u32(2, PCI_ANY_ID),
    subdevice: u32(3, PCI_ANY_ID),
    class: u32(4, 0),
    classMask: u32(5, 0),
    driverData: fields[6] ?? 0n,
  };
}

/** @see drivers/pci/pci-driver.c new_id_store */
function newIdStore(drv: Driver, text: string): MaySleep<number | undefined> {
  const def = drv.def as unknown as PciDriver;
  const fields = scanHexFields(text, 7);
  if (fields.length < 2) return -EINVAL;
  const { driverData, ...id } = parseId(fields);
  const checkDup = fields.length !== 7;
  if (checkDup && matchTable(def, id, false) !== undefined) return -EEXIST;
  if (def.idTable?.every((known) => BigInt(known.driverData ?? 0) !== driverData) === true) return -EINVAL;
  const added = addDynid(drv, { ...id, driverData: Number(driverData) }, checkDup);
  return andThen(added, (error) => error || undefined);
}

/** @see drivers/pci/pci-driver.c remove_id_store */
function removeIdStore(drv: Driver, text: string): number | undefined {
  const fields = scanHexFields(text, 6);
  if (fields.length < 2) return -EINVAL;
  const wanted = parseId(fields);
  const dynids = dynidsOf(drv);
  const index = dynids.findIndex((id) => isWanted(id, wanted));
  if (index < 0) return -ENODEV;
  dynids.splice(index, 1);
  return undefined;
}

function isWanted(id: PciDeviceId, wanted: Identity & { classMask: number }): boolean {
  return (
    id.vendor === wanted.vendor &&
    id.device === wanted.device &&
    (wanted.subvendor === PCI_ANY_ID || id.subvendor === wanted.subvendor) &&
    (wanted.subdevice === PCI_ANY_ID || id.subdevice === wanted.subdevice) &&
    (((id.class ?? 0) ^ wanted.class) & wanted.classMask) === 0
  );
}

/** Files of every PCI driver. @see drivers/pci/pci-driver.c pci_drv_groups */
export const pciDrvGroups: readonly AttributeGroup<Driver>[] = [
  { attrs: [attrWo<Driver>('new_id', newIdStore), attrWo<Driver>('remove_id', removeIdStore)] },
];

/** What names the modules for a device. @see drivers/pci/pci-sysfs.c modalias_show */
export function modalias(dev: PciDevice): string {
  const x8 = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');
  const x2 = (shift: number): string => ((dev.classCode >> shift) & 0xff).toString(16).toUpperCase().padStart(2, '0');
  const ids = `v${x8(dev.vendor)}d${x8(dev.device)}sv${x8(dev.subsystemVendor)}sd${x8(dev.subsystemDevice)}`;
  return `pci:${ids}bc${x2(16)}sc${x2(8)}i${x2(0)}`;
}
