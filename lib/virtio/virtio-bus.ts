import type { Bus } from '../base/bus';
import type { Kernel } from '../base/kernel';
import type { BusType } from '../base/types';
import type { UeventEnv } from '../kobject';
import { after, type MaySleep } from '../may-sleep';
import { attrRo } from '../sysfs';
import type { VirtioDevice } from './virtio-device';
import { VIRTIO_DEV_ANY_ID, type VirtioDeviceId, type VirtioDriver, type VirtioId } from './virtio-driver';
import { featuresText } from './virtio-features';
import { virtioDevProbe, virtioDevRemove, virtioDevShutdown } from './virtio-probe';

/** @see drivers/virtio/virtio.c virtio_id_match */
export function virtioIdMatch(id: VirtioId, wanted: VirtioDeviceId): boolean {
  const { device, vendor = VIRTIO_DEV_ANY_ID } = wanted;
  if (device !== id.device && device !== VIRTIO_DEV_ANY_ID) return false;
  return vendor === VIRTIO_DEV_ANY_ID || vendor === id.vendor;
}

/** The text that finds a driver's module. @see drivers/virtio/virtio.c modalias_show */
export function virtioModalias({ device, vendor }: VirtioId): string {
  return `virtio:d${hex(device, 8).toUpperCase()}v${hex(vendor, 8).toUpperCase()}`;
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}

const virtioDevGroups = [
  {
    attrs: [
      attrRo<VirtioDevice>('device', (dev) => `0x${hex(dev.virtioId.device, 4)}\n`),
      attrRo<VirtioDevice>('vendor', (dev) => `0x${hex(dev.virtioId.vendor, 4)}\n`),
      attrRo<VirtioDevice>('status', (dev) => after(dev.transport.getStatus(), (status) => `0x${hex(status, 8)}\n`)),
      attrRo<VirtioDevice>('modalias', (dev) => `${virtioModalias(dev.virtioId)}\n`),
      attrRo<VirtioDevice>('features', (dev) => `${featuresText(dev.features)}\n`),
    ],
  },
];

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
  uevent: (dev: VirtioDevice, env: UeventEnv) => env.add('MODALIAS', virtioModalias(dev.virtioId)),
  probe: virtioDevProbe,
  remove: virtioDevRemove,
  shutdown: virtioDevShutdown,
};

/**
 * Makes the virtio bus known in this kernel; a second call gives the same registration.
 *
 * @see drivers/virtio/virtio.c virtio_init
 */
export function registerVirtioBus(kernel: Kernel): MaySleep<Bus> {
  return kernel.busOf(virtioBus) ?? kernel.registerBus(virtioBus);
}
