import type { Bus } from '../base/bus';
import type { Kernel } from '../base/kernel';
import type { BusType } from '../base/types';
import { lastHolds, misfit, tableClauses, type MatchExplanation } from '../base/why';
import type { UeventEnv } from '../kobject/uevent-env';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRo } from '../sysfs/attribute';
import {
  VIRTIO_DEV_ANY_ID,
  type VirtioDevice,
  type VirtioDeviceId,
  type VirtioDriver,
  type VirtioId,
} from './virtio-device';
import { featuresText } from './virtio-features';
import { virtioDevProbe, virtioDevRemove, virtioDevShutdown } from './virtio-probe';

/** @see drivers/virtio/virtio.c virtio_id_match @internal a table of tests */
export function virtioIdMatch(id: VirtioId, wanted: VirtioDeviceId): boolean {
  const { device, vendor = VIRTIO_DEV_ANY_ID } = wanted;
  if (device !== id.device && device !== VIRTIO_DEV_ANY_ID) return false;
  return vendor === VIRTIO_DEV_ANY_ID || vendor === id.vendor;
}

/** @see drivers/virtio/virtio.c virtio_dev_match */
function explainMatch(id: VirtioId, { idTable }: VirtioDriver): MatchExplanation {
  const show = (value: number): string => `0x${hex(value, 4)}`;
  const field = (name: 'device' | 'vendor', wanted = VIRTIO_DEV_ANY_ID): string | null =>
    wanted === VIRTIO_DEV_ANY_ID ? null : misfit(name, wanted, id[name], show);
  const clauses = tableClauses('virtio_id_match', 'id table', idTable, (row) => [
    field('device', row.device),
    field('vendor', row.vendor),
  ]);
  return { result: lastHolds(clauses), clauses };
}

/** The text that finds a driver's module. @see drivers/virtio/virtio.c modalias_show @internal tests ask for odd ids */
export function virtioModalias({ device, vendor }: VirtioId): string {
  return `virtio:d${hex(device, 8).toUpperCase()}v${hex(vendor, 8).toUpperCase()}`;
}

/** One pattern for each line of the table. @see scripts/mod/file2alias.c do_virtio_entry */
function virtioDriverAliases({ idTable }: VirtioDriver): string[] {
  const any = (id: number): string => (id === VIRTIO_DEV_ANY_ID ? '*' : hex(id, 8).toUpperCase());
  return idTable.map(({ device, vendor = VIRTIO_DEV_ANY_ID }) => {
    const alias = `virtio:d${any(device)}v${any(vendor)}`;
    return alias.endsWith('*') ? alias : `${alias}*`;
  });
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}

const virtioDevGroups = [
  {
    attrs: [
      attrRo<VirtioDevice>('device', (dev) => `0x${hex(dev.virtioId.device, 4)}\n`),
      attrRo<VirtioDevice>('vendor', (dev) => `0x${hex(dev.virtioId.vendor, 4)}\n`),
      attrRo<VirtioDevice>('status', (dev) => andThen(dev.transport.getStatus(), (status) => `0x${hex(status, 8)}\n`)),
      attrRo<VirtioDevice>('modalias', (dev) => `${virtioModalias(dev.virtioId)}\n`),
      attrRo<VirtioDevice>('features', (dev) => `${featuresText(dev.features)}\n`),
    ],
  },
];

/** The devices that a driver's table names; null when a line of it takes any. */
function keysOf({ idTable }: VirtioDriver): readonly number[] | null {
  const devices = idTable.map(({ device }) => device);
  return devices.includes(VIRTIO_DEV_ANY_ID) ? null : [...new Set(devices)];
}

/**
 * The virtio bus: devices by their VIRTIO ids, whatever bus they are reached over.
 *
 * @see drivers/virtio/virtio.c virtio_bus
 */
export const virtioBus: BusType<VirtioDevice, VirtioDriver> = {
  name: 'virtio',
  callsDriver: true,
  devGroups: virtioDevGroups,
  match: (dev, { def }) => def.idTable.some((wanted) => virtioIdMatch(dev.virtioId, wanted)),
  deviceKeys: (dev) => [dev.virtioId.device],
  driverKeys: ({ def }) => keysOf(def),
  explainMatch: (dev, { def }) => explainMatch(dev.virtioId, def),
  aliases: virtioDriverAliases,
  uevent: (dev: VirtioDevice, env: UeventEnv) => env.add('MODALIAS', virtioModalias(dev.virtioId)),
  probe: virtioDevProbe,
  remove: virtioDevRemove,
  shutdown: virtioDevShutdown,
};

/**
 * Registers the virtio bus in this kernel; a second call returns the same registration.
 *
 * @see drivers/virtio/virtio.c virtio_init
 */
export function registerVirtioBus(kernel: Kernel): MaySleep<Bus> {
  return kernel.busOf(virtioBus) ?? kernel.registerBus(virtioBus);
}
