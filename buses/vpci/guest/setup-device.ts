import { EIO } from '../../../lib/errno';
import { findCapability } from './capability';
import type { PciDevice } from './device';
import { BRIDGE, CAP, CARDBUS, CLASS, HEADER, hexDigits, PCI, EXPRESS, EXPRESS_BIT, PCIX } from '../layout';
import { readPcie, setPciePortType } from './pcie';
import { readBases } from './read-base';
import { formatResource, IORESOURCE, resourceName } from './resource';

const ONES = 0xffff_ffff;

/**
 * Reads the header.
 *
 * @returns 0, or -EIO for an unknown header type
 * @see drivers/pci/probe.c pci_setup_device
 */
export function setupDevice(dev: PciDevice): number {
  const header = dev.readConfig(PCI.HEADER_TYPE, 1);
  dev.hdrType = header & 0x7f;
  dev.multifunction = (header & HEADER.MULTIFUNCTION) !== 0;
  setPciePortType(dev);
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
      readCardbus(dev);
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
  if (dev.classCode >> 8 === CLASS.STORAGE_IDE) readLegacyIde(dev);
}

function readBridge(dev: PciDevice): void {
  readIrq(dev);
  readBases(dev, 2, BRIDGE.ROM_ADDRESS);
  dev.isHotplugBridge = (readPcie(dev, EXPRESS.SLTCAP, 4) & EXPRESS_BIT.SLTCAP_HOTPLUG) !== 0;
  const cap = findCapability(dev, CAP.SSVID);
  if (cap === 0) return;
  dev.subsystemVendor = dev.readConfig(cap + 4, 2);
  dev.subsystemDevice = dev.readConfig(cap + 6, 2);
}

function readCardbus(dev: PciDevice): void {
  readIrq(dev);
  readBases(dev, 1, 0);
  dev.subsystemVendor = dev.readConfig(CARDBUS.SUBSYSTEM_VENDOR_ID, 2);
  dev.subsystemDevice = dev.readConfig(CARDBUS.SUBSYSTEM_ID, 2);
}

/** Ports of the two channels of an IDE controller, as on the first PCs. */
const LEGACY_IDE = [
  [0x1f0, 0x1f7],
  [0x3f6, 0x3f6],
  [0x170, 0x177],
  [0x376, 0x376],
] as const;

/** A channel in compatibility mode does not have its ports from its base registers. */
function readLegacyIde(dev: PciDevice): void {
  for (const [index, [start, end]] of LEGACY_IDE.entries()) {
    const native = index < 2 ? 1 : 4;
    const res = dev.resource[index];
    if (res === undefined || (dev.classCode & native) !== 0) continue;
    const flags = IORESOURCE.IO | IORESOURCE.PCI_FIXED;
    Object.assign(res, { start: BigInt(start), end: BigInt(end), flags });
    dev.info(`${resourceName(dev, index)} ${formatResource(res)}: legacy IDE quirk`);
  }
}

/** @see drivers/pci/probe.c pci_read_irq */
function readIrq(dev: PciDevice): void {
  dev.pin = dev.readConfig(PCI.INTERRUPT_PIN, 1);
  if (dev.pin !== 0) dev.irq = dev.readConfig(PCI.INTERRUPT_LINE, 1);
}

/** @see drivers/pci/probe.c pci_cfg_space_size */
function configSize(dev: PciDevice): number {
  if (dev.pciBus.noExtCfg) return PCI.CFG_SIZE;
  if (dev.classCode >> 8 === CLASS.BRIDGE_HOST || dev.pcie !== null) return extConfigSize(dev);
  const cap = findCapability(dev, CAP.PCIX);
  const is266 = cap !== 0 && (dev.readConfig(cap + PCIX.STATUS, 4) & (PCIX.MHZ_266 | PCIX.MHZ_533)) !== 0;
  return is266 ? extConfigSize(dev) : PCI.CFG_SIZE;
}

/** 4 KiB if the device decodes more than the first 256 bytes. @see drivers/pci/probe.c pci_cfg_space_size_ext */
function extConfigSize(dev: PciDevice): number {
  const answers = dev.readConfig(PCI.CFG_SIZE, 4) !== ONES && !isExtConfigAliased(dev);
  return answers ? PCI.CFG_EXP_SIZE : PCI.CFG_SIZE;
}

/** Behind some bridges the first 256 bytes come again and again. @see drivers/pci/probe.c pci_ext_cfg_is_aliased */
function isExtConfigAliased(dev: PciDevice): boolean {
  const header = dev.readConfig(PCI.VENDOR_ID, 4);
  for (let at: number = PCI.CFG_SIZE; at < PCI.CFG_EXP_SIZE; at += PCI.CFG_SIZE) {
    if (dev.readConfig(at, 4) !== header) return false;
  }
  return true;
}
