import { findCapability } from './capability';
import { busRange, insertBusnRes, updateBusnResEnd } from './bus-numbers';
import { PciBus, type PciDevice } from './device';
import { fixedBusNumbers } from './enhanced-allocation';
import { BRIDGE, CAP, HEADER, hexDigits, PCI, EXPRESS, EXPRESS_BIT, PCIX, PORT_TYPE } from '../layout';
import { changePcie, pcieType, readPcie } from './pcie';
import { addSlots } from './slots';
import { pcibusClass } from './sysfs-bus';

/** Bus numbers that are kept for bridges on cards. @see drivers/pci/probe.c CARDBUS_RESERVE_BUSNR */
const CARDBUS_RESERVE_BUSNR = 3;
/** @see drivers/pci/probe.c CARDBUS_LATENCY_TIMER */
const CARDBUS_LATENCY_TIMER = 176;

/** A bus number is a byte. */
const LAST_BUSNR = 0xff;

/** Scans a bus that may reserve a number of additional bus numbers; returns the highest number. */
export type ScanChildBus = (bus: PciBus, availableBuses: number) => Promise<number>;

/** One look behind a bridge. */
interface Look {
  readonly bus: PciBus;
  readonly dev: PciDevice;
  /** Highest bus number that was met before. */
  readonly max: number;
  /** Bus numbers that the bridge may have beyond those it needs. */
  readonly availableBuses: number;
  readonly scan: ScanChildBus;
  readonly numbers: BusNumbers;
}

/** A bus of this domain by its number. @see drivers/pci/search.c pci_find_bus */
function findBus(bus: PciBus, number: number): PciBus | undefined {
  let top = bus;
  while (top.upper !== null) top = top.upper;
  return [...top.below()].find((known) => known.number === number);
}

/** @see drivers/pci/probe.c pci_add_new_bus */
async function addNewBus(parent: PciBus, bridge: PciDevice, number: number): Promise<PciBus> {
  const child = new PciBus(parent.kernel, parent.root, parent, bridge, number, 0xff, pcibusClass);
  if (!isExtCfgAccessible(bridge)) {
    child.noExtCfg = true;
    child.info('extended config space not accessible');
  }
  bridge.subordinate = child;
  await child.add();
  addSlots(child);
  return child;
}

/** Can more than 256 bytes be reached behind a bridge? @see pci_bridge_child_ext_cfg_accessible */
function isExtCfgAccessible(bridge: PciDevice): boolean {
  if (bridge.pciBus.noExtCfg) return false;
  const type = pcieType(bridge);
  const onBothSides: readonly number[] = [PORT_TYPE.ROOT_PORT, PORT_TYPE.UPSTREAM, PORT_TYPE.DOWNSTREAM];
  if (bridge.pcie !== null && onBothSides.includes(type)) return true;
  const cap = findCapability(bridge, CAP.PCIX);
  return cap !== 0 && (bridge.readConfig(cap + PCIX.STATUS, 4) & (PCIX.MHZ_266 | PCIX.MHZ_533)) !== 0;
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
 * Scans behind a bridge: in pass 0 if firmware has configured it, in pass 1 after assigning bus numbers.
 *
 * @param max highest bus number in use so far
 * @param availableBuses how many bus numbers the bridge may have beyond those it needs
 * @param scan scans the bus behind it
 * @returns the highest bus number in use or reserved so far
 * @see drivers/pci/probe.c pci_scan_bridge_extend
 */
export async function scanBridge(
  bus: PciBus,
  dev: PciDevice,
  max: number,
  availableBuses: number,
  pass: 0 | 1,
  scan: ScanChildBus,
): Promise<number> {
  const numbers = busNumbers(bus, dev);
  const look = { bus, dev, max, availableBuses, scan, numbers };
  const broken = pass === 0 && isBroken(look);
  const control = dev.readConfig(BRIDGE.CONTROL, 2);
  dev.writeConfig(BRIDGE.CONTROL, 2, control & ~BRIDGE.CONTROL_MASTER_ABORT);
  enableCrs(dev);
  const isSet = (numbers.secondary !== 0 || numbers.subordinate !== 0) && !isCardbus(dev) && !broken;
  let found = max;
  if (isSet && pass === 0) found = await scanConfigured(look);
  else if (!isSet && pass === 0 && (broken || isCardbus(dev))) forget(look);
  else if (!isSet && pass === 1) found = await configure(look);
  dev.writeConfig(BRIDGE.CONTROL, 2, control);
  return found;
}

function isCardbus(dev: PciDevice): boolean {
  return dev.hdrType === HEADER.CARDBUS;
}

function isBroken({ bus, dev, numbers: { primary, secondary, subordinate } }: Look): boolean {
  if (primary === bus.number && secondary > bus.number && secondary <= subordinate) return false;
  const range = `[bus ${hexDigits(secondary, 2)}-${hexDigits(subordinate, 2)}]`;
  dev.info(`bridge configuration invalid (${range}), reconfiguring`);
  return true;
}

/** A root port distinguishes devices that are not ready from empty slots. @see drivers/pci/probe.c pci_enable_crs */
function enableCrs(dev: PciDevice): void {
  if ((readPcie(dev, EXPRESS.RTCAP, 2) & EXPRESS_BIT.RTCAP_CRS) === 0) return;
  changePcie(dev, EXPRESS.RTCTL, 0, EXPRESS_BIT.RTCTL_CRS);
}

async function scanConfigured({ bus, dev, max, scan, numbers }: Look): Promise<number> {
  const { secondary, subordinate } = numbers;
  let child = findBus(bus, secondary);
  if (child === undefined) {
    child = await addNewBus(bus, dev, secondary);
    insertBusnRes(child, subordinate);
  }
  const highest = await scan(child, subordinate - secondary);
  if (highest > subordinate) {
    dev.warn(`bridge has subordinate ${hexDigits(subordinate, 2)} but max busn ${hexDigits(highest, 2)}`);
  }
  warnOfUnusable(bus, dev, child);
  return Math.max(max, subordinate);
}

/** Nothing is forwarded meanwhile, so that two bridges with the same numbers do not both respond. */
function forget({ dev, numbers: { word } }: Look): void {
  dev.writeConfig(BRIDGE.PRIMARY_BUS, 4, (word & 0xff00_0000) >>> 0);
}

async function configure(look: Look): Promise<number> {
  const { bus, dev, max, scan, numbers, availableBuses } = look;
  dev.writeConfig(PCI.STATUS, 2, 0xffff);
  const fixed = fixedBusNumbers(dev);
  const number = fixed?.secondary ?? max + 1;
  if (number > LAST_BUSNR) {
    dev.err('No bus number available for this bridge');
    return max;
  }
  let child = findBus(bus, number);
  if (child === undefined) {
    child = await addNewBus(bus, dev, number);
    insertBusnRes(child, bus.busnEnd);
  }
  writeBusNumbers(look, child, numbers);
  const met = max + 1;
  const highest = isCardbus(dev) ? met + reserveForCards(bus, met) : await scan(child, Math.max(availableBuses - 1, 0));
  const end = fixed?.subordinate ?? highest;
  updateBusnResEnd(child, end);
  dev.writeConfig(BRIDGE.SUBORDINATE_BUS, 1, end);
  warnOfUnusable(bus, dev, child);
  return end;
}

/** All numbers at once, so that the bridge never passes on half of a range. */
function writeBusNumbers({ bus, dev }: Look, child: PciBus, { word }: BusNumbers): void {
  const latency = isCardbus(dev) ? CARDBUS_LATENCY_TIMER : word >>> 24;
  const value = latency * 0x100_0000 + (child.busnEnd << 16) + (child.number << 8) + bus.number;
  dev.writeConfig(BRIDGE.PRIMARY_BUS, 4, value);
}

/** How many numbers a CardBus bridge keeps: fewer where they would run into those of others. */
function reserveForCards(bus: PciBus, max: number): number {
  for (let kept = 0; kept < CARDBUS_RESERVE_BUSNR; kept++) {
    if (findBus(bus, max + kept + 1) !== undefined) return kept;
    for (let above = bus; above.upper !== null; above = above.upper) {
      if (above.busnEnd > max && above.busnEnd <= max + kept) return Math.floor(kept / 2);
    }
  }
  return CARDBUS_RESERVE_BUSNR;
}

/** Can everything below the bridge be reached through the buses above it? */
function warnOfUnusable(bus: PciBus, dev: PciDevice, child: PciBus): void {
  for (let above = bus; above.upper !== null; above = above.upper) {
    const reachable =
      child.busnEnd <= above.busnEnd &&
      child.number <= above.busnEnd &&
      child.number >= above.number &&
      child.busnEnd >= above.number;
    if (reachable) continue;
    dev.info(`devices behind bridge are unusable because ${busRange(child)} cannot be assigned for them`);
    return;
  }
}
