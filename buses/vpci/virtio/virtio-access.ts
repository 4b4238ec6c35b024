import { chooseStyle, type AccessParam } from '../../../lib/access/styles/guest-styles';
import { EBUSY, EINVAL, ENODEV } from '../../../lib/errno';
import { VIRTIO_PCI_VENDOR } from '../../../lib/virtio/spec';
import { transportDriver, type Taken } from '../../../lib/virtio/transport-driver';
import { pciBus } from '../guest/bus';
import { findCapability } from '../guest/capability';
import type { PciDevice, PciDriver } from '../guest/device';
import { disableDevice, enableDevice, setMaster } from '../guest/enable';
import { PCI_ANY_ID } from '../guest/ids';
import { allocIrqVectors, freeIrqVectors, irqVector, PCI_IRQ } from '../guest/irq';
import { resourceSize } from '../guest/resource';
import { deviceIsPresent } from '../guest/scan';
import { ACCESS, CAP } from '../layout';

/** The place is in a vendor capability; one of its registers opens the device. */
function take(dev: PciDevice, param: AccessParam): Taken | number {
  const error = enableDevice(dev);
  if (error !== 0) return error;
  const taken = open(dev, param);
  if (typeof taken === 'number') leave(dev);
  return taken;
}

function open(dev: PciDevice, param: AccessParam): Taken | number {
  const at = findCapability(dev, CAP.VENDOR);
  if (at === 0) return -ENODEV;
  const style = chooseStyle(dev.readConfig(at + ACCESS.OFFERED, 1), param);
  if (style === null) return -EINVAL;
  const vectors = allocIrqVectors(dev, 1, 1, PCI_IRQ.MSIX);
  if (vectors < 0) return vectors;
  setMaster(dev);
  if (!select(dev, at, style.code)) return -EBUSY;
  const window = dev.resource[ACCESS.WINDOW_BAR];
  const [base, size] = window?.claimed === true ? [Number(window.start), Number(resourceSize(window))] : [0, 0];
  const handle = dev.readConfig(at + ACCESS.HANDLE, 4);
  const place = { base, size, handle, vector: irqVector(dev, 0), value: null };
  return { style, place, id: { device: dev.device - ACCESS.FIRST_DEVICE, vendor: VIRTIO_PCI_VENDOR } };
}

/** @returns false when the device has refused it */
function select(dev: PciDevice, at: number, code: number): boolean {
  dev.writeConfig(at + ACCESS.SELECT, 1, code);
  return dev.readConfig(at + ACCESS.SELECT, 1) === code;
}

function leave(dev: PciDevice): void {
  const at = findCapability(dev, CAP.VENDOR);
  if (at !== 0) dev.writeConfig(at + ACCESS.SELECT, 1, 0);
  freeIrqVectors(dev);
  disableDevice(dev);
}

/** The driver for functions that are accessed in one of several styles. @param param which one */
export function virtioAccessDriver(param: AccessParam): PciDriver {
  /** After hibernation the machine has never heard of the claim; what the kernel holds of the function it keeps. */
  const again = (dev: PciDevice): Taken | number => {
    freeIrqVectors(dev);
    return open(dev, param);
  };
  return {
    ...transportDriver<PciDevice>('virtio-pci-access', {
      bus: pciBus,
      take: (dev) => take(dev, param),
      leave,
      again,
      isGone: (dev) => !deviceIsPresent(dev),
    }),
    idTable: [{ vendor: ACCESS.VENDOR, device: PCI_ANY_ID }],
  };
}
