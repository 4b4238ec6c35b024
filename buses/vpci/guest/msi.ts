import { ioOr } from '../../../lib/access';
import { EINVAL, ENOMEM, ENOSPC, ERANGE } from '../../../lib/errno';
import { attrRo, createGroup, type Attribute, type AttributeGroup } from '../../../lib/sysfs';
import { findCapability } from './capability';
import type { PciBus, PciDevice } from './device';
import { iomapRange, type IoMem } from './enable';
import { CAP, COMMAND, MACHINE, MSIX, PCI } from '../layout';

/** The table of messages is in the memory of a base register. @see drivers/pci/msi/msi.c msix_map_region */
function mapTable(dev: PciDevice, cap: number, entries: number): IoMem | undefined {
  const where = dev.readConfig(cap + MSIX.TABLE, 4);
  const bar = where & MSIX.BIR_MASK;
  return iomapRange(dev, bar, where - bar, entries * MSIX.ENTRY_BYTES);
}

/** May the device have messages, and do all bridges above pass them on? @see drivers/pci/msi/msi.c pci_msi_supported */
function isMsiSupported(dev: PciDevice): boolean {
  if (dev.noMsi) return false;
  for (let bus: PciBus | null = dev.pciBus; bus !== null; bus = bus.upper) if (bus.noMsi) return false;
  return true;
}

/** How many messages a device may be given; a negative errno for none. @see drivers/pci/msi/msi.c __pci_enable_msix */
function msixCount(dev: PciDevice, cap: number, min: number, max: number): number {
  if (max < min) return -ERANGE;
  if (dev.msix !== null) {
    dev.kernel.warn(`__pci_enable_msix_range: ${String(dev.name)} has vectors for messages already`);
    return -EINVAL;
  }
  if (max < 1 || !isMsiSupported(dev) || dev.powerState !== 'D0' || cap === 0) return -EINVAL;
  const entries = (dev.readConfig(cap + MSIX.CONTROL, 2) & MSIX.SIZE_MASK) + 1;
  return entries < min ? -ENOSPC : Math.min(max, entries);
}

/**
 * Allocates vectors for messages (MSI-X), as many as the device has up to `max`, and disables its pin. The device must
 * have been enabled.
 *
 * @param min with fewer nothing is done; default: all or none
 * @returns the interrupt numbers by index of the table; -EINVAL without the capability, when messages are forbidden or
 *   in use, or the device was not enabled, -ENOSPC when it has fewer than `min`, -ERANGE for a `max` below `min`,
 *   -ENOMEM when its table is nowhere
 * @see drivers/pci/msi/msi.c __pci_enable_msix_range
 */
export function allocMsixVectors(dev: PciDevice, max: number, min = max): readonly number[] | number {
  const cap = findCapability(dev, CAP.MSIX);
  const count = msixCount(dev, cap, min, max);
  if (count < 0) return count;
  const table = mapTable(dev, cap, count);
  return table === undefined ? -ENOMEM : initMsix(dev, cap, table, dev.pciBus.root.allocVectors(count));
}

/** @see drivers/pci/msi/msi.c msix_capability_init */
function initMsix(dev: PciDevice, cap: number, table: IoMem, vectors: readonly number[]): readonly number[] {
  const control = dev.readConfig(cap + MSIX.CONTROL, 2);
  dev.msix = { cap, vectors };
  dev.writeConfig(cap + MSIX.CONTROL, 2, control | MSIX.ENABLE | MSIX.MASK_ALL);
  for (const [index, vector] of vectors.entries()) writeEntry(table, index, vector);
  setIntx(dev, false);
  dev.writeConfig(cap + MSIX.CONTROL, 2, (control | MSIX.ENABLE) & ~MSIX.MASK_ALL);
  if (dev.sd !== null) createGroup(dev.sd, irqsGroup(vectors.map((vector) => dev.pciBus.root.messageNumber(vector))));
  return vectors;
}

function writeEntry(table: IoMem, index: number, vector: number): void {
  const at = index * MSIX.ENTRY_BYTES;
  table.write(at + MSIX.ENTRY_ADDR, 4, MACHINE.MESSAGE_ADDRESS);
  table.write(at + MSIX.ENTRY_UPPER, 4, 0);
  table.write(at + MSIX.ENTRY_DATA, 4, vector);
  table.write(at + MSIX.ENTRY_CONTROL, 4, 0);
}

/** The directory msi_irqs, a file for each number. @see kernel/irq/msi.c msi_device_populate_sysfs */
function irqsGroup(numbers: readonly number[]): AttributeGroup<PciDevice> {
  return { name: 'msi_irqs', attrs: numbers.map(irqAttr) };
}

/** Numbers are used again and again; the same file for the same number lets devices share the list of their names. */
const irqAttrs = new Map<number, Attribute<PciDevice>>();

function irqAttr(irq: number): Attribute<PciDevice> {
  const attr = irqAttrs.get(irq) ?? attrRo<PciDevice>(String(irq), () => 'msix\n');
  irqAttrs.set(irq, attr);
  return attr;
}

/** Takes all vectors back; the pin works again. @see drivers/pci/msi/msi.c pci_disable_msix */
export function freeMsixVectors(dev: PciDevice): void {
  const { msix } = dev;
  if (msix === null) return;
  ioOr(undefined, () => {
    const control = dev.readConfig(msix.cap + MSIX.CONTROL, 2);
    dev.writeConfig(msix.cap + MSIX.CONTROL, 2, control & ~MSIX.ENABLE);
    setIntx(dev, true);
  });
  void dev.sd?.removeName('msi_irqs');
  dev.pciBus.root.freeVectors(msix.vectors);
  dev.msix = null;
}

/** Messages that a device had go on as they were. @see drivers/pci/msi/msi.c __pci_restore_msix_state */
export function restoreMsixState(dev: PciDevice): void {
  if (dev.msix === null) return;
  const { cap, vectors } = dev.msix;
  const table = mapTable(dev, cap, vectors.length);
  if (table === undefined) return;
  const control = dev.readConfig(cap + MSIX.CONTROL, 2) | MSIX.ENABLE;
  setIntx(dev, false);
  dev.writeConfig(cap + MSIX.CONTROL, 2, control | MSIX.MASK_ALL);
  for (const [index, vector] of vectors.entries()) writeEntry(table, index, vector);
  dev.writeConfig(cap + MSIX.CONTROL, 2, control & ~MSIX.MASK_ALL);
}

/** Lets the pin interrupt, or not. @see drivers/pci/pci.c pci_intx */
export function setIntx(dev: PciDevice, on: boolean): void {
  const command = dev.readConfig(PCI.COMMAND, 2);
  dev.writeConfig(PCI.COMMAND, 2, on ? command & ~COMMAND.INTX_DISABLE : command | COMMAND.INTX_DISABLE);
}
