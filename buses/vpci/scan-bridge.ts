import { busRange } from './bridge-windows';
import { PciBus, type PciDevice } from './device';
import { BRIDGE, hexDigits, PCI } from './layout';
import { pcibusClass } from './sysfs';

/** A bus of this domain by its number. @see drivers/pci/search.c pci_find_bus */
function findBus(bus: PciBus, number: number): PciBus | undefined {
  let top = bus;
  while (top.upper !== null) top = top.upper;
  return [...top.below()].find((known) => known.number === number);
}

/** @see drivers/pci/probe.c pci_add_new_bus */
async function addNewBus(parent: PciBus, bridge: PciDevice, number: number, busnEnd: number): Promise<PciBus> {
  const child = new PciBus(parent.kernel, parent.root, parent, bridge, number, busnEnd, pcibusClass);
  bridge.subordinate = child;
  await child.add();
  return child;
}

interface BusNumbers {
  readonly word: number;
  readonly primary: number;
  readonly secondary: number;
  readonly subordinate: number;
}

function busNumbers(bus: PciBus, dev: PciDevice): BusNumbers {
  const word = dev.readConfig(BRIDGE.PRIMARY_BUS, 4);
  const primary = word & 0xff;
  const [secondary, subordinate] = [(word >> 8) & 0xff, (word >> 16) & 0xff];
  const hardWired = primary === 0 && bus.number !== 0 && secondary !== 0 && subordinate !== 0;
  if (hardWired) dev.warn('Primary bus is hard wired to 0');
  return { word, primary: hardWired ? bus.number : primary, secondary, subordinate };
}

/**
 * Looks behind a bridge: in pass 0 if firmware has set it up, in pass 1 after giving it bus numbers.
 *
 * @param scan scans the bus behind it
 * @returns the highest bus number met so far
 * @see drivers/pci/probe.c pci_scan_bridge_extend
 */
export async function scanBridge(
  bus: PciBus,
  dev: PciDevice,
  max: number,
  pass: 0 | 1,
  scan: (bus: PciBus) => Promise<number>,
): Promise<number> {
  const numbers = busNumbers(bus, dev);
  const broken = pass === 0 && isBroken(bus, dev, numbers);
  const control = dev.readConfig(BRIDGE.CONTROL, 2);
  dev.writeConfig(BRIDGE.CONTROL, 2, control & ~BRIDGE.CONTROL_MASTER_ABORT);
  const isSet = (numbers.secondary !== 0 || numbers.subordinate !== 0) && !broken;
  const found = isSet
    ? await (pass === 0 ? scanConfigured(bus, dev, numbers, max, scan) : max)
    : await (pass === 0 ? forget(dev, numbers, broken, max) : configure(bus, dev, numbers, max, scan));
  dev.writeConfig(BRIDGE.CONTROL, 2, control);
  return found;
}

function isBroken(bus: PciBus, dev: PciDevice, { primary, secondary, subordinate }: BusNumbers): boolean {
  if (primary === bus.number && secondary > bus.number && secondary <= subordinate) return false;
  const range = `[bus ${hexDigits(secondary, 2)}-${hexDigits(subordinate, 2)}]`;
  dev.info(`bridge configuration invalid (${range}), reconfiguring`);
  return true;
}

async function scanConfigured(
  bus: PciBus,
  dev: PciDevice,
  { secondary, subordinate }: BusNumbers,
  max: number,
  scan: (bus: PciBus) => Promise<number>,
): Promise<number> {
  const child = findBus(bus, secondary) ?? (await addNewBus(bus, dev, secondary, subordinate));
  const highest = await scan(child);
  if (highest > subordinate) {
    dev.warn(`bridge has subordinate ${hexDigits(subordinate, 2)} but max busn ${hexDigits(highest, 2)}`);
  }
  return Math.max(max, subordinate);
}

/** Nothing is passed on meanwhile, so that two bridges with the same numbers do not both answer. */
function forget(dev: PciDevice, { word }: BusNumbers, broken: boolean, max: number): number {
  if (broken) dev.writeConfig(BRIDGE.PRIMARY_BUS, 4, (word & 0xff00_0000) >>> 0);
  return max;
}

async function configure(
  bus: PciBus,
  dev: PciDevice,
  { word }: BusNumbers,
  max: number,
  scan: (bus: PciBus) => Promise<number>,
): Promise<number> {
  dev.writeConfig(PCI.STATUS, 2, 0xffff);
  const number = max + 1;
  if (number > bus.busnEnd) {
    dev.err('No bus number available for this bridge');
    return max;
  }
  const child = findBus(bus, number) ?? (await addNewBus(bus, dev, number, bus.busnEnd));
  const numbers = (word & 0xff00_0000) | (child.busnEnd << 16) | (child.number << 8) | bus.number;
  dev.writeConfig(BRIDGE.PRIMARY_BUS, 4, numbers >>> 0);
  const highest = await scan(child);
  child.busnEnd = highest;
  dev.writeConfig(BRIDGE.SUBORDINATE_BUS, 1, highest);
  warnOfUnusable(bus, dev, child);
  return highest;
}

function warnOfUnusable(bus: PciBus, dev: PciDevice, child: PciBus): void {
  for (let above = bus; above.upper !== null; above = above.upper) {
    if (child.busnEnd <= above.busnEnd && child.number >= above.number) continue;
    dev.info(`devices behind bridge are unusable because [bus ${busRange(child)}] cannot be assigned for them`);
    return;
  }
}
