import { isPending, type MaySleep } from '../../../lib/may-sleep';
import { bindCompanion, linkCompanion } from './acpi';
import { pciBus } from './bus';
import { readBridgeBases } from './bridge-windows';
import { findExtCapability } from './capability';
import { configureDevice } from './configure-device';
import { PciBus, PciDevice } from './device';
import { initCapabilities } from './init-capabilities';
import { bdfName, devfnOf, PCI, ARI, EXT_CAP } from '../layout';
import { isDownstreamPort } from './pcie';
import { reassignResourceAlignment } from './resource-alignment';
import { scanBridge } from './scan-bridge';
import { setupDevice } from './setup-device';
import { pciDevType } from './sysfs';
import { addVgaDevice } from './vga-arbiter';

/** How long a function may say that it is not ready, ms. */
const READY_TIMEOUT = 60_000;
const MS = 1_000_000;
const ONES = 0xffff_ffff;

/** The words that empty slots give. @see drivers/pci/probe.c pci_bus_generic_read_dev_vendor_id */
const EMPTY_SLOT: readonly number[] = [ONES, 0, 0x0000_ffff, 0xffff_0000];

/** The reserved vendor of a configuration request retry. @see drivers/pci/probe.c pci_bus_crs_vendor_id */
function isNotReady(word: number): boolean {
  return (word & 0xffff) === 0x0001;
}

/**
 * One read decides whether a function is there.
 *
 * @param timeout ms to wait for one that is not ready; 0: it counts as absent
 * @returns vendor and device id; undefined for an empty slot
 * @see drivers/pci/probe.c pci_bus_read_dev_vendor_id
 */
function readDevVendorId(bus: PciBus, devfn: number, timeout: number): MaySleep<number | undefined> {
  const word = bus.root.config.read(bus.number, devfn, PCI.VENDOR_ID, 4);
  if (EMPTY_SLOT.includes(word)) return undefined;
  if (!isNotReady(word)) return word;
  return timeout === 0 ? undefined : waitReady(bus, devfn, timeout);
}

/** Asks again after 1, 2, 4, ... ms of world time. @see drivers/pci/probe.c pci_bus_wait_crs */
async function waitReady(bus: PciBus, devfn: number, timeout: number): Promise<number | undefined> {
  const { log, world } = bus.kernel;
  const say = (what: string): string => `pci ${bdfName(bus.number, devfn)}: ${what}`;
  let delay = 1;
  let word: number;
  do {
    if (delay > timeout) {
      log.warn(say(`not ready after ${String(delay - 1)}ms; giving up`));
      return undefined;
    }
    if (delay >= 1000) log.info(say(`not ready after ${String(delay - 1)}ms; waiting`));
    await world.sleep(delay * MS);
    delay *= 2;
    word = bus.root.config.read(bus.number, devfn, PCI.VENDOR_ID, 4);
  } while (isNotReady(word));
  if (delay >= 1000) log.info(say(`ready after ${String(delay - 1)}ms`));
  return word;
}

/** Is the device still in the slot? @see drivers/pci/pci.c pci_device_is_present */
export function deviceIsPresent(dev: PciDevice): boolean {
  if (dev.disconnected) return false;
  const word = readDevVendorId(dev.pciBus, dev.devfn, 0);
  return !isPending(word) && word !== undefined;
}

/** Functions of one device; what a link leads to is one device. @see drivers/pci/probe.c pci_scan_slot */
async function scanSlot(bus: PciBus, slot: number): Promise<void> {
  if (slot > 0 && onlyOneChild(bus)) return;
  for (let fn: number | undefined = 0; fn !== undefined;) {
    const dev = await scanSingleDevice(bus, devfnOf(slot, fn));
    if (dev === undefined && fn === 0) return;
    if (dev !== undefined && fn > 0) dev.multifunction = true;
    fn = nextFn(bus, dev, fn);
  }
}

/** @returns undefined after the last function @see drivers/pci/probe.c next_fn */
function nextFn(bus: PciBus, dev: PciDevice | undefined, fn: number): number | undefined {
  if (bus.self?.ariEnabled === true) return nextAriFn(dev, fn);
  return fn >= 7 || dev?.multifunction === false ? undefined : fn + 1;
}

/** Each function names the next one. @see drivers/pci/probe.c next_ari_fn */
function nextAriFn(dev: PciDevice | undefined, fn: number): number | undefined {
  const cap = dev === undefined ? 0 : findExtCapability(dev, EXT_CAP.ARI);
  if (dev === undefined || cap === 0) return undefined;
  const next = dev.readConfig(cap + ARI.CAP, 2) >> 8;
  return next <= fn ? undefined : next;
}

/** A link has two ends. @see drivers/pci/probe.c only_one_child */
function onlyOneChild({ self }: PciBus): boolean {
  return self !== null && self.pcie !== null && isDownstreamPort(self);
}

/** @see drivers/pci/probe.c pci_scan_single_device */
async function scanSingleDevice(bus: PciBus, devfn: number): Promise<PciDevice | undefined> {
  const known = bus.slot(devfn);
  if (known !== undefined) return known;
  const word = await readDevVendorId(bus, devfn, READY_TIMEOUT);
  if (word === undefined) return undefined;
  const dev = new PciDevice(bus.kernel, bus, devfn, word & 0xffff, word >>> 16, { bus: pciBus, type: pciDevType });
  if (setupDevice(dev) !== 0) {
    dev.put();
    return undefined;
  }
  return (await deviceAdd(dev)) ? dev : undefined;
}

/** The first phase: the device is known, but no driver can match. @see drivers/pci/probe.c pci_device_add */
async function deviceAdd(dev: PciDevice): Promise<boolean> {
  const { pciBus: bus } = dev;
  configureDevice(dev);
  dev.numaNode = bus.self?.numaNode ?? dev.numaNode;
  reassignResourceAlignment(dev);
  initCapabilities(dev);
  bus.addDevice(dev);
  dev.matchDriver = false;
  try {
    bindCompanion(dev);
    await dev.add();
    linkCompanion(dev);
    addVgaDevice(dev);
    return true;
  } catch (error) {
    dev.kernel.warn(`pci_device_add: ${String(error)}`);
    bus.removeDevice(dev);
    dev.put();
    return false;
  }
}

/** Maximum number of buses in one scan. Where several bridges lead to one bus, Linux scans it once for each path. */
const MOST_BUS_SCANS = 1024;

/** Scans a bus and all behind it. @see drivers/pci/probe.c pci_scan_child_bus */
export async function scanChildBus(bus: PciBus): Promise<void> {
  bus.root.busScans = 0;
  await scanChildBusExtend(bus, 0);
}

/**
 * Scans all slots of a bus, then behind its bridges: first those that are configured, then the others.
 *
 * @param availableBuses bus numbers that may be reserved for hot-plug
 * @returns the highest bus number that is used or reserved below this bus
 * @see drivers/pci/probe.c pci_scan_child_bus_extend
 */
async function scanChildBusExtend(bus: PciBus, availableBuses: number): Promise<number> {
  if (isScanTooLong(bus)) return bus.number;
  for (let slot = 0; slot < 32; slot++) {
    await scanSlot(bus, slot);
    await bus.kernel.world.condResched();
  }
  if (!bus.isScanned) {
    readBridgeBases(bus);
    bus.isScanned = true;
  }
  return keepForHotplug(bus, await scanBridges(bus, availableBuses), availableBuses);
}

function isScanTooLong({ root }: PciBus): boolean {
  root.busScans += 1;
  if (root.busScans === MOST_BUS_SCANS + 1) {
    const why = `more than ${String(MOST_BUS_SCANS)} buses in one scan: bridges lead to the same buses`;
    root.kernel.log.err(`pci_bus 0000:00: ${why}; the rest is ignored`);
  }
  return root.busScans > MOST_BUS_SCANS;
}

async function scanBridges(bus: PciBus, availableBuses: number): Promise<number> {
  let max = bus.number;
  let used = 0;
  const bridges = bus.devices.filter((dev) => dev.isBridge);
  for (const dev of bridges) {
    const before = max;
    max = await scanBridge(bus, dev, max, 0, 0, scanChildBusExtend);
    // One number for each bridge, so that those for hot-plug do not take what others need in the second pass.
    used += Math.max(max - before, 1);
  }
  for (const dev of bridges) {
    const extra = extraBuses(bridges, dev, availableBuses, used);
    const before = max;
    max = await scanBridge(bus, dev, max, extra, 1, scanChildBusExtend);
    used += Math.max(max - before - 1, 0);
  }
  return max;
}

/** What a bridge may have beyond its own needs: all for a single one, equal parts for those with hot-plug. */
function extraBuses(bridges: readonly PciDevice[], dev: PciDevice, available: number, used: number): number {
  const hotplug = bridges.filter((bridge) => bridge.isHotplugBridge).length;
  if (hotplug === 0 && bridges.length === 1) return available;
  if (!dev.isHotplugBridge) return 0;
  const left = (available - used + 1) >>> 0;
  return Math.min(Math.floor(available / hotplug), left);
}

/** A bridge with hot-plug has as many numbers as it may, if the bus has room. */
function keepForHotplug(bus: PciBus, max: number, availableBuses: number): number {
  if (bus.self?.isHotplugBridge !== true || max - bus.number >= availableBuses) return max;
  return Math.min(bus.number + availableBuses, bus.busnEnd);
}
