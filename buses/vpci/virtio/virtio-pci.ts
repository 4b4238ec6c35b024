import { systemSleepPmOps } from '../../../lib/base/power/pm-ops';
import { ENODEV, ErrnoError } from '../../../lib/errno';
import { andThen, orUndo, type MaySleep } from '../../../lib/may-sleep';
import {
  registerVirtioDevice,
  unregisterVirtioDevice,
  virtioBreakDevice,
  virtioDeviceFreeze,
  virtioDeviceRestore,
  type VirtioDevice,
} from '../../../lib/virtio';
import { NO_STATUS } from '../../../lib/virtio/spec';
import { pciBus } from '../guest/bus';
import type { PciDevice, PciDriver } from '../guest/device';
import { disableDevice, enableDevice, setMaster } from '../guest/enable';
import { COMMON, VIRTIO_PCI } from '../layout';
import { deviceIsPresent } from '../guest/scan';
import { modernProbe, type ModernDevice } from './caps';
import { VirtioPciTransport } from './transport';

/** @see drivers/virtio/virtio_pci_common.c virtio_pci_probe */
function virtioPciProbe(dev: PciDevice): MaySleep<number> {
  const error = enableDevice(dev);
  if (error !== 0) return error;
  const probe = (): MaySleep<number> => {
    const modern = answering(dev, modernProbe(dev));
    if (typeof modern === 'number') throw new ErrnoError(modern, { syscall: 'vp_modern_probe', path: dev.name ?? '' });
    setMaster(dev);
    return registerOn(dev, modern);
  };
  return orUndo(probe, () => disableDevice(dev));
}

/**
 * The probe of a function whose registers do not respond fails with ENODEV; Linux would wait for its reset for ever.
 */
function answering(dev: PciDevice, modern: ModernDevice | number): ModernDevice | number {
  if (typeof modern === 'number' || modern.common.read(COMMON.DEVICE_STATUS, 1) !== NO_STATUS) return modern;
  dev.err('virtio_pci: the registers do not answer');
  return -ENODEV;
}

function registerOn(dev: PciDevice, modern: ModernDevice): MaySleep<number> {
  const transport = new VirtioPciTransport(dev, modern);
  return andThen(registerVirtioDevice(dev.kernel, { parent: dev, transport, id: modern.id }), (vdev) => {
    dev.drvdata = vdev;
    return 0;
  });
}

/** Queues of a device that has gone are broken first, so that no task waits for it. @see virtio_pci_remove */
function virtioPciRemove(dev: PciDevice): MaySleep<void> {
  const vdev = dev.drvdata as VirtioDevice;
  if (!deviceIsPresent(dev)) virtioBreakDevice(vdev);
  return andThen(unregisterVirtioDevice(vdev), () => disableDevice(dev));
}

/** @see drivers/virtio/virtio_pci_common.c virtio_pci_freeze */
function virtioPciFreeze(dev: PciDevice): MaySleep<number> {
  return andThen(virtioDeviceFreeze(dev.drvdata as VirtioDevice), (error) => {
    if (error === 0) disableDevice(dev);
    return error;
  });
}

/** @see drivers/virtio/virtio_pci_common.c virtio_pci_restore */
function virtioPciRestore(dev: PciDevice): MaySleep<number> {
  const error = enableDevice(dev);
  if (error !== 0) return error;
  setMaster(dev);
  return virtioDeviceRestore(dev.drvdata as VirtioDevice);
}

/**
 * The driver that registers virtio devices for PCI functions. Its probe fails with ENODEV for legacy devices.
 *
 * @see drivers/virtio/virtio_pci_common.c virtio_pci_driver
 */
export const virtioPci: PciDriver = {
  name: 'virtio-pci',
  bus: pciBus,
  idTable: [{ vendor: VIRTIO_PCI.VENDOR }],
  probe: (dev) => virtioPciProbe(dev),
  remove: (dev) => virtioPciRemove(dev),
  pm: systemSleepPmOps(virtioPciFreeze, virtioPciRestore),
};
