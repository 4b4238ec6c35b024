import { EINVAL, ENODEV } from '../../../lib/errno';
import { capabilities } from '../guest/capability';
import type { PciDevice } from '../guest/device';
import { iomapRange, type IoMem } from '../guest/enable';
import { CAP, COMMON, VIRTIO_CAP, VIRTIO_PCI } from '../layout';
import { resourceSize } from '../guest/resource';

/** Where a device's structures are. @see include/linux/virtio_pci_modern.h struct virtio_pci_modern_device */
export interface ModernDevice {
  readonly id: { readonly device: number; readonly vendor: number };
  readonly common: IoMem;
  readonly isr: IoMem;
  readonly notify: IoMem;
  readonly notifyMultiplier: number;
  /** Its own configuration, if it has any. */
  readonly device: IoMem | null;
}

const BARS = 6;
const PAGE = 4096;

/** The first capability of that type whose base register exists. @see virtio_pci_find_capability */
function findVirtioCap(dev: PciDevice, type: number): number {
  for (const at of capabilities(dev, CAP.VENDOR)) {
    const bar = dev.readConfig(at + VIRTIO_CAP.BAR, 1);
    const res = bar < BARS ? dev.resource[bar] : undefined;
    if (res === undefined || dev.readConfig(at + VIRTIO_CAP.CFG_TYPE, 1) !== type) continue;
    if (res.flags !== 0 && resourceSize(res) > 0n) return at;
  }
  return 0;
}

interface Need {
  readonly least: number;
  readonly align: number;
  readonly most: number;
}

/** Maps what a capability points at; what cannot be is reported. @see vp_modern_map_capability */
function mapCapability(dev: PciDevice, at: number, { least, align, most }: Need): IoMem | undefined {
  const bar = dev.readConfig(at + VIRTIO_CAP.BAR, 1);
  const offset = dev.readConfig(at + VIRTIO_CAP.OFFSET, 4);
  const length = dev.readConfig(at + VIRTIO_CAP.LENGTH, 4);
  const refuse = (why: string): undefined => {
    dev.err(`virtio_pci: capability at offset 0x${at.toString(16)}: ${why}`);
    return undefined;
  };
  const bytes = String(length);
  if (length === 0 || length < least) return refuse(`bad capability len ${bytes} (>=${String(least)} expected)`);
  if (offset % align !== 0) return refuse(`offset ${String(offset)} not aligned to ${String(align)}`);
  const mapped = iomapRange(dev, bar, offset, Math.min(length, most));
  const where = `bar ${String(bar)} length ${String(resourceSize(dev.resource[bar]))}`;
  return mapped ?? refuse(`map virtio ${bytes}@${String(offset)} out of range on ${where}`);
}

function virtioId(dev: PciDevice): ModernDevice['id'] {
  const isTransitional = dev.device < VIRTIO_PCI.MODERN;
  const device = isTransitional ? dev.subsystemDevice : dev.device - VIRTIO_PCI.MODERN;
  return { device, vendor: dev.subsystemVendor };
}

/**
 * Finds and maps the structures of a modern device.
 *
 * @returns -ENODEV for a device that is not a modern virtio device, -EINVAL when a structure is missing or invalid
 * @see drivers/virtio/virtio_pci_modern_dev.c vp_modern_probe, VIRTIO 1.2 §4.1.4
 */
export function modernProbe(dev: PciDevice): ModernDevice | number {
  if (dev.device < VIRTIO_PCI.FIRST || dev.device > VIRTIO_PCI.LAST) return -ENODEV;
  const common = findVirtioCap(dev, VIRTIO_CAP.COMMON);
  if (common === 0) {
    dev.info('virtio_pci: leaving for legacy driver');
    return -ENODEV;
  }
  const isr = findVirtioCap(dev, VIRTIO_CAP.ISR);
  const notify = findVirtioCap(dev, VIRTIO_CAP.NOTIFY);
  if (isr === 0 || notify === 0) {
    dev.err(`virtio_pci: missing capabilities ${String(common)}/${String(isr)}/${String(notify)}`);
    return -EINVAL;
  }
  dev.dmaMaskBits = 64;
  return mapAll(dev, { common, isr, notify, device: findVirtioCap(dev, VIRTIO_CAP.DEVICE) });
}

/** Offsets of the capabilities; 0 for none. */
type CapOffsets = Readonly<Record<'common' | 'isr' | 'notify' | 'device', number>>;

function mapAll(dev: PciDevice, caps: CapOffsets): ModernDevice | number {
  const common = mapCapability(dev, caps.common, { least: COMMON.BYTES, align: 4, most: PAGE });
  const isr = common && mapCapability(dev, caps.isr, { least: 1, align: 1, most: 1 });
  const notify = isr && mapCapability(dev, caps.notify, { least: 2, align: 2, most: 0xffff_ffff });
  if (common === undefined || isr === undefined || notify === undefined) return -EINVAL;
  const device = caps.device === 0 ? null : mapCapability(dev, caps.device, { least: 0, align: 4, most: PAGE });
  if (device === undefined) return -EINVAL;
  const notifyMultiplier = dev.readConfig(caps.notify + VIRTIO_CAP.EXTRA, 4);
  return { id: virtioId(dev), common, isr, notify, notifyMultiplier, device };
}
