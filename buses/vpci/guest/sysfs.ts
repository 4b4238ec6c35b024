import type { DeviceType } from '../../../lib/base/types';
import { EBUSY, EINVAL, EIO } from '../../../lib/errno';
import { kstrtoint, kstrtoul } from '../../../lib/kstrtox';
import type { MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, attrWo, type Attribute, type AttributeGroup } from '../../../lib/sysfs';
import type { PciDevice } from './device';
import { disableDevice, enableDevice } from './enable';
import { modalias } from './ids';
import { hexDigits } from '../layout';
import { lockedRescanRemove } from './rescan-remove';
import { aerGroup } from './sysfs-aer';
import { onNonZero, rescan } from './sysfs-bus';
import { configGroup } from './sysfs-config';
import { aspmGroup, bridgeGroup, linkGroup } from './sysfs-link';
import { resetGroup } from './sysfs-reset';
import { resourceAttr, romGroup } from './sysfs-resource';
import { isVga } from './vga-arbiter';
import { vpdGroup } from './vpd';

/** The one node of memory that the machine has. */
const ONLY_NODE = 0n;
/** @see include/linux/numa.h NUMA_NO_NODE */
const NO_NODE = -1n;

function hexAttr(name: string, digits: number, value: (dev: PciDevice) => number): Attribute<PciDevice> {
  return attrRo<PciDevice>(name, (dev) => `0x${hexDigits(value(dev), digits)}\n`);
}

function textAttr(name: string, value: (dev: PciDevice) => string | number): Attribute<PciDevice> {
  return attrRo<PciDevice>(name, (dev) => `${String(value(dev))}\n`);
}

type SetFlag = (dev: PciDevice, on: boolean) => void;

function flagAttr(name: string, get: (dev: PciDevice) => boolean, set: SetFlag): Attribute<PciDevice> {
  return attrRw<PciDevice>(
    name,
    (dev) => `${get(dev) ? '1' : '0'}\n`,
    (dev, text) => {
      const value = kstrtoul(text, 0);
      if (typeof value === 'number') return -EINVAL;
      set(dev, value !== 0n);
      return undefined;
    },
  );
}

/** By hand only for a device without driver. @see drivers/pci/pci-sysfs.c enable_store */
async function enableStore(dev: PciDevice, text: string): Promise<number | undefined> {
  const value = kstrtoul(text, 0);
  if (typeof value === 'number') return -EINVAL;
  await dev.lock();
  const result = dev.driver === null ? enableByHand(dev, value !== 0n) : -EBUSY;
  dev.unlock();
  return result < 0 ? result : undefined;
}

function enableByHand(dev: PciDevice, on: boolean): number {
  if (on) return enableDevice(dev);
  if (dev.enableCount === 0) return -EIO;
  disableDevice(dev);
  return 0;
}

/** A user knows better than firmware which memory is near. @see drivers/pci/pci-sysfs.c numa_node_store */
function numaNodeStore(dev: PciDevice, text: string): number | void {
  const node = kstrtoint(text, 0);
  if (node !== NO_NODE && node !== ONLY_NODE) return -EINVAL;
  dev.kernel.log.crit(
    dev.message(`[Firmware Bug]: Overriding NUMA node to ${String(node)}.  Contact your vendor for updates.`),
  );
  dev.numaNode = Number(node);
}

/** Of a bridge it is about the bus behind it. @see drivers/pci/pci-sysfs.c msi_bus_show */
function hasMsi({ subordinate, noMsi }: PciDevice): boolean {
  return subordinate === null ? !noMsi : !subordinate.noMsi;
}

/** Devices that use messages keep them. @see drivers/pci/pci-sysfs.c msi_bus_store */
function setMsi(dev: PciDevice, on: boolean): void {
  const { subordinate } = dev;
  const what = `MSI/MSI-X ${on ? 'allowed' : 'disallowed'} for future drivers`;
  (subordinate ?? dev).noMsi = !on;
  if (subordinate === null) dev.info(what);
  else subordinate.info(`${what} of devices on this bus`);
}

/** The file goes first, so that the call which runs is not waited for. @see drivers/pci/pci-sysfs.c remove_store */
function removeStore(dev: PciDevice, text: string): MaySleep<number | void> {
  return onNonZero(text, () => {
    if (dev.sd?.removeSelf('remove') !== true) return undefined;
    const { root } = dev.pciBus;
    return lockedRescanRemove(root, () => root.ops.stopAndRemoveBusDevice(dev));
  });
}

const devAttrs: readonly Attribute<PciDevice>[] = [
  textAttr('power_state', (dev) => dev.powerState),
  resourceAttr,
  hexAttr('vendor', 4, (dev) => dev.vendor),
  hexAttr('device', 4, (dev) => dev.device),
  hexAttr('subsystem_vendor', 4, (dev) => dev.subsystemVendor),
  hexAttr('subsystem_device', 4, (dev) => dev.subsystemDevice),
  hexAttr('revision', 2, (dev) => dev.revision),
  hexAttr('class', 6, (dev) => dev.classCode),
  textAttr('irq', (dev) => dev.irq),
  textAttr('local_cpus', () => 1),
  textAttr('local_cpulist', () => 0),
  textAttr('modalias', modalias),
  attrRw<PciDevice>('numa_node', (dev) => `${String(dev.numaNode)}\n`, numaNodeStore),
  textAttr('dma_mask_bits', (dev) => dev.dmaMaskBits),
  textAttr('consistent_dma_mask_bits', (dev) => dev.dmaMaskBits),
  attrRw<PciDevice>('enable', (dev) => `${String(dev.enableCount)}\n`, enableStore),
  flagAttr(
    'broken_parity_status',
    (dev) => dev.brokenParity,
    (dev, on) => void (dev.brokenParity = on),
  ),
  flagAttr('msi_bus', hasMsi, setMsi),
  flagAttr(
    'd3cold_allowed',
    (dev) => dev.d3coldAllowed,
    (dev, on) => void (dev.d3coldAllowed = on),
  ),
  attrRw<PciDevice>(
    'driver_override',
    (dev) => `${dev.driverOverride ?? '(null)'}\n`,
    (dev, text) => dev.setDriverOverride(text),
  ),
  textAttr('ari_enabled', (dev) => (dev.pciBus.self?.ariEnabled === true ? 1 : 0)),
];

/** Files of every PCI device. @see drivers/pci/pci-sysfs.c pci_dev_groups */
export const pciDevGroups: readonly AttributeGroup<PciDevice>[] = [
  { attrs: devAttrs },
  configGroup,
  romGroup,
  resetGroup,
  vpdGroup,
];

/** @see drivers/pci/pci-sysfs.c pci_dev_attr_group */
const vgaGroup: AttributeGroup<PciDevice> = {
  attrs: [textAttr('boot_vga', (dev) => (dev.pciBus.root.bootVga?.dev === dev ? 1 : 0))],
  isVisible: (dev, attr) => (isVga(dev) ? attr.mode : 0),
};

const hotplugGroup: AttributeGroup<PciDevice> = {
  attrs: [
    { name: 'remove', mode: 0o220, store: removeStore },
    attrWo<PciDevice>('rescan', (dev, text) => onNonZero(text, () => rescan(dev.pciBus))),
  ],
};

/** @see drivers/pci/pci-sysfs.c pci_dev_type */
export const pciDevType: DeviceType<PciDevice> = {
  groups: [vgaGroup, hotplugGroup, bridgeGroup, linkGroup, aerGroup, aspmGroup],
};
