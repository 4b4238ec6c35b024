import { ENODEV, EPERM, errnoName } from '../../../lib/errno';
import { devMessage } from '../../../lib/base/device';
import { ps3SystemBus } from './bus';
import type { Ps3Device, Ps3Driver } from './device';
import { MATCH_ID, USB_REVISION } from '../layout';

/**
 * The first register of a half of the controller.
 *
 * @returns null while it is not mapped, all ones when the device is gone
 */
export function readUsbRevision({ region, kernel }: Ps3Device): number | null {
  if (region === null || region.lparAddress === 0 || kernel.port === null) return null;
  return kernel.port.read(region.lparAddress, 4);
}

/** @returns 0, or the error of the hypervisor @see system-bus.c ps3_mmio_region_create */
function mapRegion({ address, region, system }: Ps3Device): number {
  if (address === null || region === null) return -ENODEV;
  const mapped = system.lv1.mapDeviceMmioRegion(address.busId, address.devId, region.window);
  if (mapped < 0) return mapped;
  region.lparAddress = mapped;
  return 0;
}

/** @see arch/powerpc/platforms/ps3/system-bus.c ps3_free_mmio_region */
function freeRegion(dev: Ps3Device): void {
  const { address, region, system } = dev;
  if (address === null || region === null || region.lparAddress === 0) return;
  const status = system.lv1.unmapDeviceMmioRegion(address.busId, address.devId, region.lparAddress);
  region.lparAddress = 0;
  if (status !== 0) dev.kernel.log.err(devMessage(dev, `lv1_unmap_device_mmio_region failed: ${errnoName(status)}`));
}

/**
 * Maps its registers and looks at the first one; there is no USB behind it. That the device is open is taken for
 * granted: the bus has opened it, or has counted that it was open.
 */
function hostController(name: string, matchId: number, revision: number): Ps3Driver {
  return {
    name,
    bus: ps3SystemBus,
    matchId,
    probe(dev) {
      if (mapRegion(dev) !== 0) {
        dev.kernel.log.err(devMessage(dev, 'ps3_map_mmio_region failed'));
        return -EPERM;
      }
      if (readUsbRevision(dev) === revision) return 0;
      freeRegion(dev);
      return -ENODEV;
    },
    remove: freeRegion,
  };
}

/** The driver of a USB controller's high speed half. @see drivers/usb/host/ehci-ps3.c */
export const ps3EhciDriver = hostController('ps3-ehci-driver', MATCH_ID.EHCI, USB_REVISION.EHCI);

/** The driver of a USB controller's full speed half. @see drivers/usb/host/ohci-ps3.c */
export const ps3OhciDriver = hostController('ps3-ohci-driver', MATCH_ID.OHCI, USB_REVISION.OHCI);
