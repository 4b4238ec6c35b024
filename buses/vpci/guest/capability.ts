import type { PciDevice } from './device';
import { CARDBUS, HEADER, hexDigits, PCI, STATUS_CAP_LIST } from '../layout';

/** Capabilities that fit into a configuration space. @see drivers/pci/pci.c PCI_FIND_CAP_TTL */
const MOST_CAPABILITIES = 48;

/** Extended capabilities that fit behind the first 256 bytes, 8 bytes each. */
const MOST_EXT_CAPABILITIES = (PCI.CFG_EXP_SIZE - PCI.CFG_SIZE) / 8;

/** The offset of a device's first capability with this id; 0 for none. @see drivers/pci/pci.c pci_find_capability */
export function findCapability(dev: PciDevice, id: number): number {
  const [first = 0] = capabilities(dev, id);
  return first;
}

/** Where the pointer to the first capability is; 0 for none. @see drivers/pci/pci.c __pci_bus_find_cap_start */
function capabilityStart(dev: PciDevice): number {
  if ((dev.readConfig(PCI.STATUS, 2) & STATUS_CAP_LIST) === 0) return 0;
  switch (dev.hdrType) {
    case HEADER.NORMAL:
    case HEADER.BRIDGE:
      return PCI.CAPABILITY_LIST;
    case HEADER.CARDBUS:
      return CARDBUS.CAPABILITY_LIST;
    default:
      return 0;
  }
}

/**
 * The offsets of all capabilities with this id, in the order of the list.
 *
 * It ends where Linux ends it: at a pointer below 0x40, at an id of all ones, after 48 steps. A list that cannot be
 * right is reported, where Linux says nothing, and one that loops ends, where Linux could go round for ever.
 *
 * @see drivers/pci/pci.c __pci_find_next_cap_ttl
 */
export function* capabilities(dev: PciDevice, id: number): Generator<number> {
  const start = capabilityStart(dev);
  if (start === 0) return;
  const seen = new Set<number>();
  let at = dev.readConfig(start, 1);
  for (let ttl = MOST_CAPABILITIES; ttl > 0 && at >= PCI.HEADER_END; ttl--) {
    at &= ~3;
    if (seen.has(at)) return badList(dev, at, 'the capability list loops');
    seen.add(at);
    const entry = dev.readConfig(at, 2);
    if ((entry & 0xff) === 0xff) return badList(dev, at, 'a capability reads as all ones');
    if ((entry & 0xff) === id) yield at;
    at = entry >> 8;
  }
  if (at !== 0 && at < PCI.HEADER_END) badList(dev, at, 'the capability list points into the header');
}

function badList(dev: PciDevice, at: number, what: string): void {
  if (dev.badCapabilityList || dev.disconnected) return;
  dev.badCapabilityList = true;
  dev.warn(`${what} at offset 0x${hexDigits(at, 2)}; the rest is ignored`);
}

/**
 * The offset of a device's first extended capability with this id; 0 for none.
 *
 * @see drivers/pci/pci.c pci_find_next_ext_capability
 */
export function findExtCapability(dev: PciDevice, id: number): number {
  if (dev.cfgSize <= PCI.CFG_SIZE) return 0;
  let at: number = PCI.CFG_SIZE;
  let header = dev.readConfig(at, 4);
  if (header === 0) return 0;
  for (let ttl = MOST_EXT_CAPABILITIES; ttl > 0; ttl--) {
    if ((header & 0xffff) === id) return at;
    at = (header >>> 20) & 0xffc;
    if (at < PCI.CFG_SIZE) return 0;
    header = dev.readConfig(at, 4);
  }
  return 0;
}
