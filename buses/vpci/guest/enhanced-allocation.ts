import { findCapability } from './capability';
import type { PciDevice } from './device';
import { CAP, HEADER, EA } from '../layout';
import { formatResource, IORESOURCE, RESOURCE, resourceName, type PciResource } from './resource';

/**
 * Bus numbers that a bridge is built for.
 *
 * @returns undefined without the capability, or when the numbers cannot be
 * @see drivers/pci/probe.c pci_ea_fixed_busnrs
 */
export function fixedBusNumbers(dev: PciDevice): Record<'secondary' | 'subordinate', number> | undefined {
  const cap = dev.hdrType === HEADER.BRIDGE ? findCapability(dev, CAP.EA) : 0;
  if (cap === 0) return undefined;
  const word = dev.readConfig(cap + EA.FIRST, 4);
  const [secondary, subordinate] = [word & 0xff, (word >> 8) & 0xff];
  return secondary === 0 || subordinate < secondary ? undefined : { secondary, subordinate };
}

/**
 * Places that the device has without base registers.
 *
 * @see drivers/pci/pci.c pci_ea_init
 */
export function initEnhancedAllocation(dev: PciDevice): void {
  const cap = findCapability(dev, CAP.EA);
  if (cap === 0) return;
  const count = dev.readConfig(cap + EA.ENTRIES, 1) & EA.ENTRIES_MASK;
  let offset = cap + EA.FIRST + (dev.hdrType === HEADER.BRIDGE ? 4 : 0);
  for (let i = 0; i < count && offset < dev.cfgSize; i++) offset = readEntry(dev, offset);
}

/** @returns where the next entry is @see drivers/pci/pci.c pci_ea_read */
function readEntry(dev: PciDevice, offset: number): number {
  const first = dev.readConfig(offset, 4);
  const size = ((first & EA.SIZE) + 1) * 4;
  if ((first & EA.ENABLE) !== 0) takeEntry(dev, offset, size, first);
  return offset + size;
}

function takeEntry(dev: PciDevice, offset: number, size: number, first: number): void {
  const bei = (first >> 4) & 0xf;
  const property = propertyOf(first);
  if (property > EA.P_BRIDGE_IO || isOfVirtualFunction(bei)) return;
  const res = resourceOf(dev, bei, property);
  if (res === undefined) {
    dev.err(`Unsupported EA entry BEI: ${String(bei)}`);
    return;
  }
  const flags = flagsOf(property);
  if (flags === 0) {
    dev.err(`Unsupported EA properties: 0x${property.toString(16)}`);
    return;
  }
  const range = readRange(dev, offset, size, flags);
  if (range === undefined) return;
  Object.assign(res, range);
  // Linux takes the entry's number for the resource's, so that a ROM has another name in this line.
  const name = `${resourceName(dev, bei)} ${formatResource(res)}`;
  dev.info(`${name}: from Enhanced Allocation, properties 0x${property.toString(16)}`);
}

/** The second property counts when the first one is reserved. */
function propertyOf(first: number): number {
  const property = (first >> 8) & 0xff;
  const isReserved = property > EA.P_BRIDGE_IO && property < EA.P_MEM_RESERVED;
  return isReserved ? (first >> 16) & 0xff : property;
}

function isOfVirtualFunction(bei: number): boolean {
  return bei >= EA.BEI_VF_BAR0 && bei <= EA.BEI_VF_BAR5;
}

/** @see drivers/pci/pci.c pci_ea_get_resource */
function resourceOf(dev: PciDevice, bei: number, property: number): PciResource | undefined {
  if (bei <= EA.BEI_BAR5 && property <= EA.P_IO) return dev.resource[bei];
  return bei === EA.BEI_ROM ? dev.resource[RESOURCE.ROM] : undefined;
}

/** @see drivers/pci/pci.c pci_ea_flags */
function flagsOf(property: number): number {
  const fixed = IORESOURCE.PCI_FIXED | IORESOURCE.PCI_EA_BEI;
  switch (property) {
    case EA.P_MEM:
    case EA.P_VF_MEM:
      return fixed | IORESOURCE.MEM;
    case EA.P_MEM_PREFETCH:
    case EA.P_VF_MEM_PREFETCH:
      return fixed | IORESOURCE.MEM | IORESOURCE.PREFETCH;
    case EA.P_IO:
      return fixed | IORESOURCE.IO;
    default:
      return 0;
  }
}

/** First address, then what is added to it for the last; each of one word or two. */
function readRange(
  dev: PciDevice,
  offset: number,
  size: number,
  kind: number,
): Pick<PciResource, 'start' | 'end' | 'flags'> | undefined {
  const [base, most] = [dev.readConfig(offset + 4, 4), dev.readConfig(offset + 8, 4)];
  let at = offset + 12;
  const upper = (low: number): bigint => {
    if ((low & EA.IS_64) === 0) return 0n;
    at += 4;
    return BigInt(dev.readConfig(at - 4, 4)) << 32n;
  };
  const start = upper(base) | BigInt((base & EA.FIELD) >>> 0);
  const end = BigInt.asUintN(64, start + BigInt((most | 3) >>> 0) + upper(most));
  if (end < start) {
    dev.err('EA Entry crosses address boundary');
    return undefined;
  }
  if (at - offset !== size) {
    dev.err(`EA Entry Size (${String(size)}) does not match length read (${String(at - offset)})`);
    return undefined;
  }
  return { start, end, flags: kind | (((base | most) & EA.IS_64) === 0 ? 0 : IORESOURCE.MEM_64) };
}
