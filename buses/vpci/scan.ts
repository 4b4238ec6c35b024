import { EIO } from '../../lib/errno';
import { slept, type MaySleep } from '../../lib/may-sleep';
import { pciBus } from './bus';
import { readBridgeBases } from './bridge-windows';
import { findCapability } from './capability';
import { PciBus, PciDevice } from './device';
import { bdfName, BRIDGE, CAP, CLASS, devfnOf, EXPRESS, HEADER, hexDigits, PCI } from './layout';
import { readBases } from './read-base';
import { scanBridge } from './scan-bridge';
import { pciDevType } from './sysfs';

/** How long a function may say that it is not ready, ms. */
const READY_TIMEOUT = 60_000;
const MS = 1_000_000;
const ONES = 0xffff_ffff;

/** The words that empty slots give. @see drivers/pci/probe.c pci_bus_generic_read_dev_vendor_id */
const EMPTY_SLOT: readonly number[] = [ONES, 0, 0x0000_ffff, 0xffff_0000];

/** The reserved vendor that says "ask again". @see drivers/pci/probe.c pci_bus_crs_vendor_id */
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

/** Is somebody still in the slot? @see drivers/pci/pci.c pci_device_is_present */
export function deviceIsPresent(dev: PciDevice): boolean {
  if (dev.disconnected) return false;
  const word = readDevVendorId(dev.pciBus, dev.devfn, 0);
  return !slept(word) && word !== undefined;
}

/** @returns the number of functions that are new @see drivers/pci/probe.c pci_scan_slot */
async function scanSlot(bus: PciBus, slot: number): Promise<void> {
  if (slot > 0 && onlyOneChild(bus)) return;
  for (let fn = 0; fn < 8; fn++) {
    const dev = await scanSingleDevice(bus, devfnOf(slot, fn));
    if (dev === undefined && fn === 0) return;
    if (dev === undefined) continue;
    if (fn > 0) dev.multifunction = true;
    else if (!dev.multifunction) return;
  }
}

/** A link has two ends. @see drivers/pci/probe.c only_one_child */
function onlyOneChild(bus: PciBus): boolean {
  const { self } = bus;
  const cap = self === null ? 0 : findCapability(self, CAP.EXPRESS);
  if (self === null || cap === 0) return false;
  const type = (self.readConfig(cap + EXPRESS.FLAGS, 2) >> 4) & 0xf;
  return type === EXPRESS.TYPE_ROOT_PORT || type === EXPRESS.TYPE_DOWNSTREAM;
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
  const { devices } = dev.pciBus;
  devices.push(dev);
  dev.matchDriver = false;
  try {
    await dev.add();
    return true;
  } catch (error) {
    dev.kernel.warn(`pci_device_add: ${String(error)}`);
    devices.splice(devices.indexOf(dev), 1);
    dev.put();
    return false;
  }
}

/**
 * Reads the header.
 *
 * @returns 0, or -EIO for a header that nobody knows
 * @see drivers/pci/probe.c pci_setup_device
 */
function setupDevice(dev: PciDevice): number {
  const header = dev.readConfig(PCI.HEADER_TYPE, 1);
  dev.hdrType = header & 0x7f;
  dev.multifunction = (header & HEADER.MULTIFUNCTION) !== 0;
  const revisionAndClass = dev.readConfig(PCI.REVISION, 4);
  dev.revision = revisionAndClass & 0xff;
  dev.classCode = revisionAndClass >>> 8;
  dev.cfgSize = configSize(dev);
  const ids = `[${hexDigits(dev.vendor, 4)}:${hexDigits(dev.device, 4)}]`;
  dev.info(`${ids} type ${hexDigits(dev.hdrType, 2)} class 0x${hexDigits(dev.classCode, 6)}`);
  return readHeader(dev);
}

function readHeader(dev: PciDevice): number {
  const cls = dev.classCode >> 8;
  switch (dev.hdrType) {
    case HEADER.NORMAL:
      if (cls === CLASS.BRIDGE_PCI) return ignoreClass(dev);
      readNormal(dev);
      return 0;
    case HEADER.BRIDGE:
      readBridge(dev);
      return 0;
    case HEADER.CARDBUS:
      if (cls !== CLASS.BRIDGE_CARDBUS) return ignoreClass(dev);
      readIrq(dev);
      readBases(dev, 1, 0);
      return 0;
    default:
      dev.err(`unknown header type ${hexDigits(dev.hdrType, 2)}, ignoring device`);
      return -EIO;
  }
}

/** A device with the wrong class is kept without one. */
function ignoreClass(dev: PciDevice): number {
  const header = hexDigits(dev.hdrType, 2);
  dev.err(`ignoring class 0x${hexDigits(dev.classCode, 6)} (doesn't match header type ${header})`);
  dev.classCode = 0;
  return 0;
}

function readNormal(dev: PciDevice): void {
  readIrq(dev);
  readBases(dev, 6, PCI.ROM_ADDRESS);
  dev.subsystemVendor = dev.readConfig(PCI.SUBSYSTEM_VENDOR_ID, 2);
  dev.subsystemDevice = dev.readConfig(PCI.SUBSYSTEM_ID, 2);
}

function readBridge(dev: PciDevice): void {
  readIrq(dev);
  readBases(dev, 2, BRIDGE.ROM_ADDRESS);
  const cap = findCapability(dev, CAP.SSVID);
  if (cap === 0) return;
  dev.subsystemVendor = dev.readConfig(cap + 4, 2);
  dev.subsystemDevice = dev.readConfig(cap + 6, 2);
}

/** @see drivers/pci/probe.c pci_read_irq */
function readIrq(dev: PciDevice): void {
  if (dev.readConfig(PCI.INTERRUPT_PIN, 1) !== 0) dev.irq = dev.readConfig(PCI.INTERRUPT_LINE, 1);
}

/** 4 KiB for express functions and host bridges that answer behind the first 256 bytes. @see pci_cfg_space_size */
function configSize(dev: PciDevice): number {
  const mayBeBig = dev.classCode >> 8 === CLASS.BRIDGE_HOST || findCapability(dev, CAP.EXPRESS) !== 0;
  return mayBeBig && dev.readConfig(PCI.CFG_SIZE, 4) !== ONES ? PCI.CFG_EXP_SIZE : PCI.CFG_SIZE;
}

/**
 * Looks into all slots of a bus, then behind its bridges: those that are set up first, then those that are not.
 *
 * @returns the highest bus number that was met
 * @see drivers/pci/probe.c pci_scan_child_bus_extend
 */
export async function scanChildBus(bus: PciBus): Promise<number> {
  for (let slot = 0; slot < 32; slot++) {
    await scanSlot(bus, slot);
    await bus.kernel.world.condResched();
  }
  if (!bus.isScanned) {
    readBridgeBases(bus);
    bus.isScanned = true;
  }
  let max = bus.number;
  for (const pass of [0, 1] as const) {
    const bridges = bus.devices.filter((dev) => dev.isBridge);
    for (const dev of bridges) max = await scanBridge(bus, dev, max, pass, scanChildBus);
  }
  return max;
}
