import { findCapability } from './capability';
import type { PciDevice, PcieCapability } from './device';
import { CAP, EXPRESS, EXPRESS_BIT, PORT_TYPE } from '../layout';

/** The bridge in front of a device; null on a root bus. @see include/linux/pci.h pci_upstream_bridge */
export function upstreamBridge(dev: PciDevice): PciDevice | null {
  return dev.pciBus.self;
}

/** The type of port; 0 too for a device without the capability. @see include/linux/pci.h pci_pcie_type */
export function pcieType({ pcie }: PciDevice): number {
  return ((pcie?.flags ?? 0) & EXPRESS_BIT.FLAGS_TYPE) >> 4;
}

/** Is there a link below it, or a PCI bus that a link leads to? @see drivers/pci/pci.h pcie_downstream_port */
export function isDownstreamPort(dev: PciDevice): boolean {
  const type = pcieType(dev);
  return type === PORT_TYPE.ROOT_PORT || type === PORT_TYPE.DOWNSTREAM || type === PORT_TYPE.PCIE_BRIDGE;
}

/** The root port above a device, or itself; null for none. @see include/linux/pci.h pcie_find_root_port */
export function findRootPort(dev: PciDevice): PciDevice | null {
  for (let at: PciDevice | null = dev; at !== null; at = upstreamBridge(at)) {
    if (at.pcie !== null && pcieType(at) === PORT_TYPE.ROOT_PORT) return at;
  }
  return null;
}

/**
 * Finds the capability. The type of a port is corrected if it contradicts that of the port above.
 *
 * @see drivers/pci/probe.c set_pcie_port_type
 */
export function setPciePortType(dev: PciDevice): void {
  const cap = findCapability(dev, CAP.EXPRESS);
  if (cap === 0) return;
  const flags = dev.readConfig(cap + EXPRESS.FLAGS, 2);
  dev.pcie = { cap, flags, devcap: dev.readConfig(cap + EXPRESS.DEVCAP, 4) };
  const parent = upstreamBridge(dev);
  const type = pcieType(dev);
  if (parent === null) return;
  if (type === PORT_TYPE.DOWNSTREAM && isDownstreamPort(parent)) correct(dev, 'downstream', 'upstream');
  if (type === PORT_TYPE.UPSTREAM && pcieType(parent) === PORT_TYPE.UPSTREAM) correct(dev, 'upstream', 'downstream');
}

/**
 * The type is put in as it is numbered, not where it belongs: the device then counts as an endpoint. It has no name at
 * that time.
 */
function correct(dev: PciDevice, claimed: string, acting: 'upstream' | 'downstream'): void {
  dev.kernel.log.info(`pci (null): claims to be ${claimed} port but is acting as ${acting} port, correcting type`);
  const type = acting === 'upstream' ? PORT_TYPE.UPSTREAM : PORT_TYPE.DOWNSTREAM;
  if (dev.pcie !== null) dev.pcie = { ...dev.pcie, flags: (dev.pcie.flags & ~EXPRESS_BIT.FLAGS_TYPE) | type };
}

/** @see drivers/pci/access.c pcie_cap_has_lnkctl */
function hasLink(dev: PciDevice): boolean {
  const type = pcieType(dev);
  return type <= PORT_TYPE.LEGACY_ENDPOINT || (type >= PORT_TYPE.ROOT_PORT && type <= PORT_TYPE.PCIE_BRIDGE);
}

/** @see drivers/pci/access.c pcie_cap_has_sltctl */
function hasSlot(dev: PciDevice): boolean {
  return isDownstreamPort(dev) && ((dev.pcie?.flags ?? 0) & EXPRESS_BIT.FLAGS_SLOT) !== 0;
}

/** @see drivers/pci/access.c pcie_cap_has_rtctl */
export function hasRootControl(dev: PciDevice): boolean {
  const type = pcieType(dev);
  return type === PORT_TYPE.ROOT_PORT || type === PORT_TYPE.ROOT_COMPLEX_EVENT_COLLECTOR;
}

/** Which registers a port of that type has. @see drivers/pci/access.c pcie_capability_reg_implemented */
function isImplemented(dev: PciDevice, pcie: PcieCapability, reg: number): boolean {
  if (reg < EXPRESS.LNKCAP) return true;
  if (reg < EXPRESS.SLTCAP) return hasLink(dev);
  if (reg < EXPRESS.RTCTL) return hasSlot(dev);
  if (reg < EXPRESS.DEVCAP2) return hasRootControl(dev);
  return (pcie.flags & EXPRESS_BIT.FLAGS_VERSION) > 1;
}

/**
 * Reads a register of the capability; 0 for one that a port of that type does not have.
 *
 * @see drivers/pci/access.c pcie_capability_read_word, pcie_capability_read_dword
 */
export function readPcie(dev: PciDevice, reg: number, width: 2 | 4): number {
  const { pcie } = dev;
  if (pcie === null || dev.disconnected) return 0;
  if (isImplemented(dev, pcie, reg)) return dev.readConfig(pcie.cap + reg, width);
  return reg === EXPRESS.SLTSTA && isDownstreamPort(dev) ? EXPRESS_BIT.SLTSTA_PRESENCE : 0;
}

/** Changes bits of a register that is there. @see drivers/pci/access.c pcie_capability_clear_and_set_word */
export function changePcie(dev: PciDevice, reg: number, clear: number, set: number): void {
  const { pcie } = dev;
  if (pcie === null || !isImplemented(dev, pcie, reg)) return;
  dev.writeConfig(pcie.cap + reg, 2, (readPcie(dev, reg, 2) & ~clear) | set);
}
