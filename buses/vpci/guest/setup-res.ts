import { firstIndex } from '../../../lib/sorted';
import type { BusWindow, PciBus, PciDevice } from './device';
import { writeMemWindow } from './bridge-windows';
import { BAR, COMMAND, PCI } from '../layout';
import { formatResource, IORESOURCE, RESOURCE, resourceName, resourceSize, type PciResource } from './resource';

/** Lowest port that is given to a device. @see arch/x86/include/asm/pci.h PCIBIOS_MIN_IO */
const MIN_IO = 0x1000n;

/** A resource of one device that has no place yet. */
export interface Wanting {
  readonly dev: PciDevice;
  readonly index: number;
  readonly res: PciResource;
}

const TYPE = IORESOURCE.IO | IORESOURCE.MEM;

/** Windows of a bus in which a place may be looked for, the best first. @see pci_bus_alloc_resource */
function windowsFor(bus: PciBus, res: PciResource): BusWindow[] {
  const isPref = (res.flags & IORESOURCE.PREFETCH) !== 0;
  const fits = bus.allWindows.filter(
    ({ res: win }) => (win.flags & TYPE) === (res.flags & TYPE) && (isPref || (win.flags & IORESOURCE.PREFETCH) === 0),
  );
  return fits.sort((a, b) => (b.res.flags & IORESOURCE.PREFETCH) - (a.res.flags & IORESOURCE.PREFETCH));
}

/**
 * The first window of a bus that contains a range; a prefetchable window is not for non-prefetchable memory.
 *
 * @see drivers/pci/pci.c pci_find_parent_resource
 */
function findParentResource(bus: PciBus, res: PciResource): BusWindow | undefined {
  const found = bus.allWindows.find(
    ({ res: win }) => (win.flags & TYPE) === (res.flags & TYPE) && win.start <= res.start && res.end <= win.end,
  );
  return found !== undefined && (found.res.flags & ~res.flags & IORESOURCE.PREFETCH) !== 0 ? undefined : found;
}

/** Index of the first claim of a window that ends at an address or above it. */
function firstUpFrom(win: BusWindow, start: bigint): number {
  return firstIndex(win.claims, ({ res }) => res.end >= start);
}

/** The lowest resource that conflicts with a range in a window. @see kernel/resource.c __request_resource */
function conflictIn(win: BusWindow, start: bigint, end: bigint): BusWindow['claims'][number] | undefined {
  const claim = win.claims[firstUpFrom(win, start)];
  return claim !== undefined && claim.res.start <= end ? claim : undefined;
}

function enter(win: BusWindow, { dev, index, res }: Wanting): void {
  res.claimed = true;
  res.flags &= ~IORESOURCE.UNSET;
  win.claims.splice(firstUpFrom(win, res.start), 0, { res, name: dev.name ?? '' });
  if (index < RESOURCE.BRIDGE) return;
  dev.subordinate?.windows.push({ res, claims: [], searched: new Map() });
}

/**
 * Claims the address that firmware assigned.
 *
 * @returns false when there is no window for it or it conflicts, which is logged
 * @see drivers/pci/setup-res.c pci_claim_resource
 */
export function claimResource(want: Wanting): boolean {
  const { dev, index, res } = want;
  const refuse = (why: string): boolean => {
    dev.info(`${resourceName(dev, index)} ${formatResource(res)}: can't claim; ${why}`);
    return false;
  };
  const win = findParentResource(dev.pciBus, res);
  if (win === undefined) return refuse('no compatible bridge window');
  const conflict = conflictIn(win, res.start, res.end);
  if (conflict !== undefined) return refuse(`address conflict with ${conflict.name} ${formatResource(conflict.res)}`);
  enter(win, want);
  return true;
}

/** Resources of a device, from `first` to `last`, that it has and that have no place. */
export function wanting(dev: PciDevice, first: number, last: number): Wanting[] {
  const found: Wanting[] = [];
  for (let index = first; index <= last; index++) {
    const res = dev.resource[index];
    if (res === undefined || res.claimed || (res.flags & (IORESOURCE.IO | IORESOURCE.MEM)) === 0) continue;
    found.push({ dev, index, res });
  }
  return found;
}

/** It is as if the device did not have it. @see drivers/pci/setup-bus.c reset_resource */
export function resetResource(res: PciResource): void {
  Object.assign(res, { start: 0n, end: 0n, flags: 0 });
}

/** Assigns an address to the ROM, if it has none. @returns whether it has one now @see drivers/pci/rom.c pci_map_rom */
export function assignRom(dev: PciDevice): boolean {
  for (const want of wanting(dev, RESOURCE.ROM, RESOURCE.ROM)) assignResource(want, resourceSize(want.res));
  return dev.resource[RESOURCE.ROM]?.claimed === true;
}

/** @see drivers/pci/setup-res.c pci_assign_resource */
export function assignResource(want: Wanting, align: bigint): void {
  const { dev, index, res } = want;
  const size = resourceSize(res);
  Object.assign(res, { start: 0n, end: size - 1n, flags: res.flags | IORESOURCE.UNSET });
  for (const win of highFirst(windowsFor(dev.pciBus, res), res)) {
    const start = findGap(win, size, align, res);
    if (start === undefined) continue;
    Object.assign(res, { start, end: start + size - 1n });
    enter(win, want);
    dev.info(`${resourceName(dev, index)} ${formatResource(res)}: assigned`);
    if (index >= RESOURCE.BRIDGE) writeMemWindow(dev, res);
    else updateResource(want);
    return;
  }
  dev.info(`${resourceName(dev, index)} ${formatResource(res)}: can't assign; no space`);
  dev.info(`${resourceName(dev, index)} ${formatResource(res)}: failed to assign`);
  resetResource(res);
}

/** What can be anywhere goes above 4 GiB, if there is a window. @see drivers/pci/bus.c pci_bus_alloc_resource */
function highFirst(windows: readonly BusWindow[], res: PciResource): readonly BusWindow[] {
  if ((res.flags & IORESOURCE.MEM_64) === 0) return windows.filter(({ res: { start } }) => start < HIGH);
  const isHigh = ({ res: { start } }: BusWindow): boolean => start >= HIGH;
  return [...windows.filter(isHigh), ...windows.filter((win) => !isHigh(win))];
}

const HIGH = 1n << 32n;
/** The first megabyte is for cards of the first PCs. @see arch/x86/pci/i386.c pcibios_align_resource */
const BIOS_END = 0x10_0000n;

function findGap(win: BusWindow, size: bigint, align: bigint, res: PciResource): bigint | undefined {
  const least = (res.flags & IORESOURCE.IO) !== 0 ? MIN_IO : BIOS_END;
  const floor = win.res.start < least ? least : win.res.start;
  const up = (at: bigint): bigint => ((at + align - 1n) / align) * align;
  const key = `${String(size)} ${String(align)}`;
  let start = win.searched.get(key) ?? up(floor);
  for (let at = firstUpFrom(win, start); at < win.claims.length; at += 1) {
    const { res: taken } = win.claims[at] as BusWindow['claims'][number];
    if (taken.start >= start + size) break;
    if (taken.end >= start) start = up(taken.end + 1n);
  }
  win.searched.set(key, start);
  return start + size - 1n > win.res.end ? undefined : start;
}

/** Writes a base register; a device that does not take it is reported. @see setup-res.c pci_std_update_resource */
function updateResource(want: Wanting): void {
  const { dev, index, res } = want;
  if (index === RESOURCE.ROM) return updateRom(want);
  const is64 = (res.flags & IORESOURCE.MEM_64) !== 0;
  const flagBits = (res.flags & IORESOURCE.IO) !== 0 ? BAR.IO_FLAGS : BAR.MEM_FLAGS;
  const offset = PCI.BAR0 + 4 * index;
  const command = dev.readConfig(PCI.COMMAND, 2);
  if (is64) dev.writeConfig(PCI.COMMAND, 2, command & ~COMMAND.MEMORY);
  const low = (Number(res.start & 0xffff_ffffn) | (res.flags & flagBits)) >>> 0;
  const what = `${resourceName(dev, index)}: error updating`;
  writeChecked(dev, offset, low, what, flagBits);
  if (is64) writeChecked(dev, offset + 4, Number(res.start >> 32n), `${what} (high)`, 0);
  if (is64) dev.writeConfig(PCI.COMMAND, 2, command);
}

/** The address of a disabled ROM is written when it is enabled. */
function updateRom({ dev, res }: Wanting): void {
  if ((res.flags & IORESOURCE.ROM_ENABLE) === 0) return;
  writeChecked(dev, dev.romBaseReg, Number(res.start) | PCI.ROM_ENABLE, 'ROM: error updating', ~PCI.ROM_ADDRESS_MASK);
}

function writeChecked(dev: PciDevice, offset: number, value: number, what: string, flagBits: number): void {
  dev.writeConfig(offset, 4, value);
  const check = dev.readConfig(offset, 4);
  if (((value ^ check) & ~flagBits) === 0) return;
  dev.err(`${what} (0x${value.toString(16).padStart(8, '0')} != 0x${check.toString(16).padStart(8, '0')})`);
}

/** Releases all resources of a device. @see drivers/pci/remove.c pci_free_resources */
export function freeResources(dev: PciDevice): void {
  for (const res of dev.resource) {
    if (!res.claimed) continue;
    res.claimed = false;
    for (const win of dev.pciBus.allWindows) {
      const at = firstUpFrom(win, res.start);
      if (win.claims[at]?.res === res) win.claims.splice(at, 1);
      win.searched.clear();
    }
  }
}
