import type { PciDevice } from './device';
import { hexDigits, PCI, STATUS_CAP_LIST } from './layout';

/** Capabilities that fit into a configuration space. @see drivers/pci/pci.c PCI_FIND_CAP_TTL */
const MOST_CAPABILITIES = 48;

/** The offset of a device's first capability with this id; 0 for none. @see drivers/pci/pci.c pci_find_capability */
export function findCapability(dev: PciDevice, id: number): number {
  const [first = 0] = capabilities(dev, id);
  return first;
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
  if ((dev.readConfig(PCI.STATUS, 2) & STATUS_CAP_LIST) === 0) return;
  const seen = new Set<number>();
  let at = dev.readConfig(PCI.CAPABILITY_LIST, 1);
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
