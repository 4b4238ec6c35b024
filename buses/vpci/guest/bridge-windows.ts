import { busRange } from './bus-numbers';
import type { PciBus, PciDevice } from './device';
import { BRIDGE } from '../layout';
import { formatResource, IORESOURCE, RESOURCE, type PciResource } from './resource';

const TYPE_MASK = 0xf;

/** Reads what a bridge passes on to the bus behind it, and says so. @see drivers/pci/probe.c pci_read_bridge_bases */
export function readBridgeBases(child: PciBus): void {
  const { self, upper } = child;
  if (self === null || upper === null) return;
  const transparent = self.isTransparent ? ' (subtractive decode)' : '';
  self.info(`PCI bridge to ${busRange(child)}${transparent}`);
  readWindow(self, RESOURCE.BRIDGE_IO, ioWindow(self));
  readWindow(self, RESOURCE.BRIDGE_MEM, memWindow(self));
  readWindow(self, RESOURCE.BRIDGE_PREF, prefWindow(self));
  if (!self.isTransparent) return;
  child.subtractive = upper.allWindows;
  for (const { res } of child.subtractive) {
    self.info(`  bridge window ${formatResource(res)} (subtractive decode)`);
  }
}

interface Window {
  readonly base: bigint;
  readonly limit: bigint;
  readonly flags: number;
}

function readWindow(dev: PciDevice, index: number, { base, limit, flags }: Window): void {
  const res = dev.resource[index];
  // A limit that lies below the base means that there is no window.
  if (res === undefined || base > limit) return;
  res.start = base;
  res.end = limit;
  res.flags = flags;
  dev.info(`  bridge window ${formatResource(res)}`);
}

/** A granule of 4 KiB, 16 or 32 bits. @see drivers/pci/probe.c pci_read_bridge_io */
function ioWindow(dev: PciDevice): Window {
  const low = dev.readConfig(BRIDGE.IO_BASE, 1);
  const high = dev.readConfig(BRIDGE.IO_LIMIT, 1);
  const is32 = (low & TYPE_MASK) === 1;
  const baseUpper = is32 ? dev.readConfig(BRIDGE.IO_BASE_UPPER16, 2) : 0;
  const limitUpper = is32 ? dev.readConfig(BRIDGE.IO_LIMIT_UPPER16, 2) : 0;
  const base = BigInt(baseUpper * 0x1_0000 + ((low & 0xf0) << 8));
  const limit = BigInt(limitUpper * 0x1_0000 + ((high & 0xf0) << 8));
  return { base, limit: limit + 0xfffn, flags: (low & TYPE_MASK) | IORESOURCE.IO };
}

/** A granule of 1 MiB. @see drivers/pci/probe.c pci_read_bridge_mmio */
function memWindow(dev: PciDevice): Window {
  const low = dev.readConfig(BRIDGE.MEMORY_BASE, 2);
  const high = dev.readConfig(BRIDGE.MEMORY_LIMIT, 2);
  return window16(low, high, 0n, 0n, (low & TYPE_MASK) | IORESOURCE.MEM);
}

/** @see drivers/pci/probe.c pci_read_bridge_mmio_pref */
function prefWindow(dev: PciDevice): Window {
  const low = dev.readConfig(BRIDGE.PREF_BASE, 2);
  const high = dev.readConfig(BRIDGE.PREF_LIMIT, 2);
  const is64 = (low & TYPE_MASK) === 1;
  const upper = is64 ? BigInt(dev.readConfig(BRIDGE.PREF_BASE_UPPER32, 4)) : 0n;
  const limitUpper = is64 ? BigInt(dev.readConfig(BRIDGE.PREF_LIMIT_UPPER32, 4)) : 0n;
  const flags = (low & TYPE_MASK) | IORESOURCE.MEM | IORESOURCE.PREFETCH | (is64 ? IORESOURCE.MEM_64 : 0);
  // Upper halves that are the wrong way round were never set: the window is taken as unused above 4 GiB.
  const used = upper <= limitUpper;
  return window16(low, high, used ? upper : 0n, used ? limitUpper : 0n, flags);
}

function window16(low: number, high: number, upper: bigint, limitUpper: bigint, flags: number): Window {
  const at = (half: number, above: bigint): bigint => (above << 32n) | (BigInt(half & 0xfff0) << 16n);
  return { base: at(low, upper), limit: at(high, limitUpper) + 0xf_ffffn, flags };
}

/** Programs the memory window. @see drivers/pci/setup-bus.c pci_setup_bridge_mmio */
export function writeMemWindow(dev: PciDevice, res: PciResource): void {
  dev.writeConfig(BRIDGE.MEMORY_BASE, 2, Number((res.start >> 16n) & 0xfff0n));
  dev.writeConfig(BRIDGE.MEMORY_LIMIT, 2, Number((res.end >> 16n) & 0xfff0n));
}

/** Nothing is passed on but ports. @see drivers/pci/pci.c pci_disable_bridge_window */
export function disableBridgeWindows(dev: PciDevice): void {
  dev.writeConfig(BRIDGE.MEMORY_BASE, 4, 0x0000_fff0);
  dev.writeConfig(BRIDGE.PREF_LIMIT_UPPER32, 4, 0);
  dev.writeConfig(BRIDGE.PREF_BASE, 4, 0x0000_fff0);
  dev.writeConfig(BRIDGE.PREF_BASE_UPPER32, 4, 0xffff_ffff);
}
