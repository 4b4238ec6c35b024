import type { PciBus, PciDevice } from './device';
import { COMMAND, PCI } from '../layout';
import { formatResource, IORESOURCE, RESOURCE, resourceSize } from './resource';
import { assignResource, assignRom, claimResource, resetResource, wanting, type Wanting } from './setup-res';

const MIB = 0x10_0000n;

/** A place that could not be taken is given up, if it can be: the resource is assigned anew. */
function giveUp({ dev, index, res }: Wanting): void {
  res.flags |= IORESOURCE.UNSET;
  if ((res.flags & IORESOURCE.PCI_FIXED) !== 0) {
    dev.info(`BAR ${String(index)} ${formatResource(res)} is immovable`);
    return;
  }
  res.end -= res.start;
  res.start = 0n;
}

/**
 * Keeps what firmware has set up: windows of bridges from the root down, then devices that decode, then the others,
 * ROMs last.
 *
 * @see arch/x86/pci/i386.c pcibios_resource_survey
 */
export function claimBusResources(root: PciBus): void {
  for (const bus of root.below()) if (bus.self !== null) claimWindows(bus.self);
  const devices = devicesBelow(root);
  for (const dev of devices) {
    claimAll(placed(dev).filter(isDecoding));
    turnRomOff(dev);
  }
  for (const dev of devices) claimAll(placed(dev).filter((want) => !isDecoding(want)));
  for (const dev of devices) claimAll(wanting(dev, RESOURCE.ROM, RESOURCE.ROM).filter(({ res }) => res.start !== 0n));
}

/** A bridge before what is behind it. @see arch/x86/pci/i386.c pcibios_allocate_resources */
function devicesBelow(bus: PciBus): PciDevice[] {
  return bus.devices.flatMap((dev) => [dev, ...(dev.subordinate === null ? [] : devicesBelow(dev.subordinate))]);
}

function placed(dev: PciDevice): Wanting[] {
  const wants = wanting(dev, 0, RESOURCE.BARS - 1);
  return wants.filter(({ res }) => res.start !== 0n && (res.flags & IORESOURCE.UNSET) === 0);
}

/** A ROM that firmware has used. @see arch/x86/pci/i386.c pcibios_allocate_dev_resources */
function turnRomOff(dev: PciDevice): void {
  const res = dev.resource[RESOURCE.ROM];
  if (res === undefined || (res.flags & IORESOURCE.ROM_ENABLE) === 0) return;
  res.flags &= ~IORESOURCE.ROM_ENABLE;
  dev.writeConfig(dev.romBaseReg, 4, (dev.readConfig(dev.romBaseReg, 4) & ~PCI.ROM_ENABLE) >>> 0);
}

/** A window at 0 was never set up. @see arch/x86/pci/i386.c pcibios_allocate_bridge_resources */
function claimWindows(dev: PciDevice): void {
  for (const want of wanting(dev, RESOURCE.BRIDGE, RESOURCE.COUNT - 1)) {
    if (want.res.start === 0n || !claimResource(want)) resetResource(want.res);
  }
}

function claimAll(wants: readonly Wanting[]): void {
  for (const want of wants) if (!claimResource(want)) giveUp(want);
}

function isDecoding({ dev, res }: Wanting): boolean {
  const bit = (res.flags & IORESOURCE.IO) === 0 ? COMMAND.MEMORY : COMMAND.IO;
  return (dev.readConfig(PCI.COMMAND, 2) & bit) !== 0;
}

/**
 * Assigns an address to every base register without one, the biggest first, and windows to bridges that need one; ROMs
 * come last.
 *
 * @see drivers/pci/setup-bus.c pci_assign_unassigned_bus_resources
 */
export function assignUnassignedResources(bus: PciBus): void {
  const movable = ({ res }: Wanting): boolean => (res.flags & IORESOURCE.PCI_FIXED) === 0;
  const bars = bus.devices.flatMap((dev) => wanting(dev, 0, RESOURCE.BARS - 1).filter(movable));
  const wants = [...bars, ...bus.devices.flatMap(wantedWindow)];
  const alignment = (want: Wanting): bigint => (want.index >= RESOURCE.BRIDGE ? MIB : resourceSize(want.res));
  wants.sort((a, b) => Number(alignment(b) - alignment(a) > 0n) - Number(alignment(a) - alignment(b) > 0n));
  for (const want of wants) assignResource(want, alignment(want));
  for (const dev of bus.devices) assignRom(dev);
  for (const dev of bus.devices) if (dev.subordinate !== null) assignUnassignedResources(dev.subordinate);
}

/** A bridge without a memory window gets one for what is behind it. @see drivers/pci/setup-bus.c pbus_size_mem */
function wantedWindow(dev: PciDevice): Wanting[] {
  const res = dev.resource[RESOURCE.BRIDGE_MEM];
  if (res === undefined || dev.subordinate === null || res.claimed) return [];
  for (const { res: unused } of wanting(dev, RESOURCE.BRIDGE, RESOURCE.COUNT - 1)) resetResource(unused);
  const size = neededBelow(dev.subordinate);
  if (size === 0n) return [];
  Object.assign(res, { start: 0n, end: size - 1n, flags: IORESOURCE.MEM | IORESOURCE.UNSET });
  return [{ dev, index: RESOURCE.BRIDGE_MEM, res }];
}

function neededBelow(bus: PciBus): bigint {
  let sum = 0n;
  for (const dev of bus.devices) {
    for (const { res } of wanting(dev, 0, RESOURCE.BARS - 1)) {
      if ((res.flags & IORESOURCE.MEM) !== 0) sum += resourceSize(res);
    }
    if (dev.subordinate !== null) sum += neededBelow(dev.subordinate);
  }
  return ((sum + MIB - 1n) / MIB) * MIB;
}
