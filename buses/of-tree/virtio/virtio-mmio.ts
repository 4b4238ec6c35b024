import { MmioTransport } from '../../../lib/access/styles/mmio/guest';
import { devMessage } from '../../../lib/base/device';
import { systemSleepPmOps } from '../../../lib/base/power/pm-ops';
import { ENODEV, ENXIO } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import {
  registerVirtioDevice,
  unregisterVirtioDevice,
  virtioBreakDevice,
  virtioDeviceFreeze,
  virtioDeviceRestore,
  type VirtioDevice,
} from '../../../lib/virtio';
import { platformBus } from '../guest/bus';
import type { PlatformDevice, PlatformDriver } from '../guest/device';
import { MMIO } from '../layout';
import { devmPlatformIoremapResource, platformGetIrq } from '../guest/platform-resource';

/**
 * Makes a virtio device of a platform device, if there is one behind its registers.
 *
 * @returns -EINVAL, -EBUSY for a window that cannot be mapped; -ENODEV for an empty slot or another device; -ENXIO for
 *   a register layout other than 2; the error of the virtio bus
 * @see drivers/virtio/virtio_mmio.c virtio_mmio_probe, VIRTIO 1.2 §4.2.3.1.1
 */
function virtioMmioProbe(pdev: PlatformDevice): MaySleep<number> {
  const { kernel } = pdev;
  const base = devmPlatformIoremapResource(pdev, 0);
  if (base < 0) return base;
  if (kernel.port === null) return -ENODEV;
  const irq = { vector: () => platformGetIrq(pdev, 0), value: null };
  const transport = new MmioTransport(kernel, pdev.platformName, kernel.port, base, irq);
  const magic = transport.read(MMIO.MAGIC_VALUE);
  if (magic !== MMIO.MAGIC) {
    kernel.log.warn(devMessage(pdev, `Wrong magic value 0x${magic.toString(16).padStart(8, '0')}!`));
    return -ENODEV;
  }
  const version = transport.read(MMIO.VERSION);
  if (version !== MMIO.VERSION_MODERN) {
    kernel.log.err(devMessage(pdev, `Version ${String(version)} not supported!`));
    return -ENXIO;
  }
  const device = transport.read(MMIO.DEVICE_ID);
  return device === 0 ? -ENODEV : register(pdev, transport, device);
}

function register(pdev: PlatformDevice, transport: MmioTransport, device: number): MaySleep<number> {
  pdev.drvdata = transport;
  const id = { device, vendor: transport.read(MMIO.VENDOR_ID) };
  return andThen(registerVirtioDevice(pdev.kernel, { parent: pdev, transport, id }), () => 0);
}

/** @see drivers/virtio/virtio_mmio.c virtio_mmio_remove */
function virtioMmioRemove(pdev: PlatformDevice): MaySleep<void> {
  const vdev = transportOf(pdev)?.vdev ?? null;
  return vdev === null ? undefined : unregisterVirtioDevice(vdev);
}

function transportOf(pdev: PlatformDevice): MmioTransport | null {
  return pdev.drvdata instanceof MmioTransport ? pdev.drvdata : null;
}

/** Marks the queues of a removed device broken, so that no task waits for it. */
export function breakTransport(pdev: PlatformDevice): void {
  const vdev = transportOf(pdev)?.vdev;
  if (vdev != null) virtioBreakDevice(vdev);
}

/** What a driver of a place without a device does: nothing. */
function withVdev(action: (vdev: VirtioDevice) => MaySleep<number>): (pdev: PlatformDevice) => MaySleep<number> {
  return (pdev) => {
    const vdev = transportOf(pdev)?.vdev ?? null;
    return vdev === null ? 0 : action(vdev);
  };
}

/** The transport driver for virtio over MMIO. @see drivers/virtio/virtio_mmio.c virtio_mmio_driver */
export const virtioMmioDriver: PlatformDriver = {
  name: 'virtio-mmio',
  bus: platformBus,
  ofMatchTable: [{ compatible: 'virtio,mmio' }],
  probe: virtioMmioProbe,
  remove: virtioMmioRemove,
  // virtio_mmio_freeze, virtio_mmio_restore
  pm: systemSleepPmOps(withVdev(virtioDeviceFreeze), withVdev(virtioDeviceRestore)),
};
