import type { BusWindow, PciBus, PciDevice } from './device';
import { writeMemWindow } from './bridge-windows';
import { BAR, COMMAND, PCI } from './layout';
import { formatResource, IORESOURCE, RESOURCE, resourceName, resourceSize, type PciResource } from './resource';

const MIB = 0x10_0000n;
/** Lowest port that is given to a device. @see arch/x86/include/asm/pci.h PCIBIOS_MIN_IO */
const MIN_IO = 0x1000n;

/** A resource of one device that has no place yet. */
interface Wanting {
  readonly dev: PciDevice;
  readonly index: number;
  readonly res: PciResource;
}

/** Windows of a bus that a resource may lie in, the best first. @see drivers/pci/pci.c pci_find_parent_resource */
function windowsFor(bus: PciBus, res: PciResource): BusWindow[] {
  const type = IORESOURCE.IO | IORESOURCE.MEM;
  const isPref = (res.flags & IORESOURCE.PREFETCH) !== 0;
  const fits = bus.windows.filter(
    ({ res: win }) => (win.flags & type) === (res.flags & type) && (isPref || (win.flags & IORESOURCE.PREFETCH) === 0),
  );
  return fits.sort((a, b) => (b.res.flags & IORESOURCE.PREFETCH) - (a.res.flags & IORESOURCE.PREFETCH));
}

/** What is in the way of a range in a window. */
function conflictIn(win: BusWindow, start: bigint, end: bigint): BusWindow['claims'][number] | undefined {
  return win.claims.find(({ res }) => res.start <= end && start <= res.end);
}

function enter(win: BusWindow, { dev, index, res }: Wanting): void {
  res.claimed = true;
  res.flags &= ~IORESOURCE.UNSET;
  win.claims.push({ res, name: dev.name ?? '' });
  if (index < RESOURCE.BRIDGE) return;
  dev.subordinate?.windows.push({ res, claims: [] });
}

/**
 * Takes the place that firmware gave.
 *
 * @returns false when there is no window for it or somebody else has it, as the log then says
 * @see drivers/pci/setup-res.c pci_claim_resource
 */
function claimResource(want: Wanting): boolean {
  const { dev, index, res } = want;
  const refuse = (why: string): boolean => {
    dev.info(`${resourceName(index)} ${formatResource(res)}: can't claim; ${why}`);
    return false;
  };
  const win = windowsFor(dev.pciBus, res).find((w) => w.res.start <= res.start && res.end <= w.res.end);
  if (win === undefined) return refuse('no compatible bridge window');
  const conflict = conflictIn(win, res.start, res.end);
  if (conflict !== undefined) return refuse(`address conflict with ${conflict.name} ${formatResource(conflict.res)}`);
  enter(win, want);
  return true;
}

/** A place that could not be taken is given up; the resource is assigned anew. */
function giveUp({ res }: Wanting): void {
  res.end -= res.start;
  res.start = 0n;
  res.flags |= IORESOURCE.UNSET;
}

function wanting(dev: PciDevice, first: number, last: number): Wanting[] {
  const found: Wanting[] = [];
  for (let index = first; index <= last; index++) {
    const res = dev.resource[index];
    if (res === undefined || res.claimed || (res.flags & (IORESOURCE.IO | IORESOURCE.MEM)) === 0) continue;
    found.push({ dev, index, res });
  }
  return found;
}

/**
 * Keeps what firmware has set up: windows of bridges from the root down, then devices that decode, then the others.
 *
 * @see arch/x86/pci/i386.c pcibios_resource_survey
 */
export function claimBusResources(root: PciBus): void {
  for (const bus of root.below()) for (const dev of bus.devices) claimWindows(dev);
  const all = [...root.below()].flatMap((bus) => bus.devices.flatMap((dev) => wanting(dev, 0, RESOURCE.BARS - 1)));
  const placed = all.filter(({ res }) => res.start !== 0n);
  claimAll(placed.filter(isDecoding));
  claimAll(placed.filter((want) => !want.res.claimed && (want.res.flags & IORESOURCE.UNSET) === 0));
}

/** A window at 0 was never set up. @see arch/x86/pci/i386.c pcibios_allocate_bridge_resources */
function claimWindows(dev: PciDevice): void {
  for (const want of wanting(dev, RESOURCE.BRIDGE, RESOURCE.COUNT - 1)) {
    if (want.res.start === 0n || !claimResource(want)) forgetWindow(want.res);
  }
}

function forgetWindow(res: PciResource): void {
  Object.assign(res, { start: 0n, end: 0n, flags: 0 });
}

function claimAll(wants: readonly Wanting[]): void {
  for (const want of wants) if (!claimResource(want)) giveUp(want);
}

function isDecoding({ dev, res }: Wanting): boolean {
  const bit = (res.flags & IORESOURCE.IO) === 0 ? COMMAND.MEMORY : COMMAND.IO;
  return (dev.readConfig(PCI.COMMAND, 2) & bit) !== 0;
}

/**
 * Gives a place to every base register that has none, the biggest first, and windows to bridges that need one.
 *
 * @see drivers/pci/setup-bus.c pci_assign_unassigned_bus_resources
 */
export function assignUnassignedResources(bus: PciBus): void {
  const wants = bus.devices.flatMap((dev) => [...wanting(dev, 0, RESOURCE.BARS - 1), ...wantedWindow(dev)]);
  const alignment = (want: Wanting): bigint => (want.index >= RESOURCE.BRIDGE ? MIB : resourceSize(want.res));
  wants.sort((a, b) => Number(alignment(b) - alignment(a) > 0n) - Number(alignment(a) - alignment(b) > 0n));
  for (const want of wants) assignResource(want, alignment(want));
  for (const dev of bus.devices) if (dev.subordinate !== null) assignUnassignedResources(dev.subordinate);
}

/** A bridge without a memory window gets one for what is behind it. @see drivers/pci/setup-bus.c pbus_size_mem */
function wantedWindow(dev: PciDevice): Wanting[] {
  const res = dev.resource[RESOURCE.BRIDGE_MEM];
  if (res === undefined || dev.subordinate === null || res.claimed) return [];
  for (const { res: unused } of wanting(dev, RESOURCE.BRIDGE, RESOURCE.COUNT - 1)) forgetWindow(unused);
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

/** @see drivers/pci/setup-res.c pci_assign_resource */
function assignResource(want: Wanting, align: bigint): void {
  const { dev, index, res } = want;
  const size = resourceSize(res);
  Object.assign(res, { start: 0n, end: size - 1n, flags: res.flags | IORESOURCE.UNSET });
  for (const win of windowsFor(dev.pciBus, res)) {
    const start = findGap(win, size, align, res);
    if (start === undefined) continue;
    Object.assign(res, { start, end: start + size - 1n });
    enter(win, want);
    dev.info(`${resourceName(index)} ${formatResource(res)}: assigned`);
    if (index >= RESOURCE.BRIDGE) writeMemWindow(dev, res);
    else updateResource(want);
    return;
  }
  dev.info(`${resourceName(index)} ${formatResource(res)}: can't assign; no space`);
  dev.info(`${resourceName(index)} ${formatResource(res)}: failed to assign`);
}

function findGap(win: BusWindow, size: bigint, align: bigint, res: PciResource): bigint | undefined {
  const floor = (res.flags & IORESOURCE.IO) !== 0 && win.res.start < MIN_IO ? MIN_IO : win.res.start;
  const up = (at: bigint): bigint => ((at + align - 1n) / align) * align;
  let start = up(floor);
  for (;;) {
    const end = start + size - 1n;
    if (end > win.res.end) return undefined;
    const conflict = conflictIn(win, start, end);
    if (conflict === undefined) return start;
    start = up(conflict.res.end + 1n);
  }
}

/** Writes a base register; a device that does not take it is reported. @see setup-res.c pci_std_update_resource */
function updateResource({ dev, index, res }: Wanting): void {
  const is64 = (res.flags & IORESOURCE.MEM_64) !== 0;
  const flagBits = (res.flags & IORESOURCE.IO) !== 0 ? BAR.IO_FLAGS : BAR.MEM_FLAGS;
  const offset = PCI.BAR0 + 4 * index;
  const command = dev.readConfig(PCI.COMMAND, 2);
  if (is64) dev.writeConfig(PCI.COMMAND, 2, command & ~COMMAND.MEMORY);
  const low = (Number(res.start & 0xffff_ffffn) | (res.flags & flagBits)) >>> 0;
  writeChecked(dev, offset, low, `${resourceName(index)}: error updating`, flagBits);
  if (is64) writeChecked(dev, offset + 4, Number(res.start >> 32n), `${resourceName(index)}: error updating (high)`, 0);
  if (is64) dev.writeConfig(PCI.COMMAND, 2, command);
}

function writeChecked(dev: PciDevice, offset: number, value: number, what: string, flagBits: number): void {
  dev.writeConfig(offset, 4, value);
  const check = dev.readConfig(offset, 4);
  if (((value ^ check) & ~flagBits) === 0) return;
  dev.err(`${what} (0x${value.toString(16).padStart(8, '0')} != 0x${check.toString(16).padStart(8, '0')})`);
}

/** Gives all places of a device back. @see drivers/pci/remove.c pci_free_resources */
export function freeResources(dev: PciDevice): void {
  for (const res of dev.resource) {
    if (!res.claimed) continue;
    res.claimed = false;
    for (const win of dev.pciBus.windows) {
      const at = win.claims.findIndex((claim) => claim.res === res);
      if (at >= 0) win.claims.splice(at, 1);
    }
  }
}
