import type { PciFunction } from '../../buses/vpci';

/** A base register as firmware finds it. */
export interface FirmwareBar {
  readonly index: number;
  readonly size: number;
  readonly kind: 'mem32' | 'mem64' | 'io';
  readonly prefetchable: boolean;
  /** Where the board wants it, whatever firmware has chosen. */
  readonly fixed?: number;
}

/** A function as firmware finds it. */
export interface FirmwareFunction {
  readonly fn: PciFunction;
  readonly devfn: number;
  readonly bars: readonly FirmwareBar[];
  /** Its pin, from 1; 0 for none. */
  readonly pin: number;
  /** Firmware has read from it, as from a disk: it may reach memory. */
  readonly boots: boolean;
  /** Functions behind it; null for what is no bridge. */
  readonly behind: readonly FirmwareFunction[] | null;
}

type Kind = 'io' | 'mem' | 'pref';
const KINDS: readonly Kind[] = ['io', 'mem', 'pref'];

/** What wants a piece of a region: a base register, or a window of a bridge. */
interface Claim {
  readonly size: number;
  readonly align: number;
  assign(base: number): void;
}

/** Pieces of one kind on one bus, the largest first; of equal ones the first that was found. */
class Region {
  readonly #claims: Claim[] = [];

  add(claim: Claim): void {
    const before = ({ align, size }: Claim): boolean =>
      align < claim.align || (align === claim.align && size < claim.size);
    const at = this.#claims.findIndex(before);
    this.#claims.splice(at < 0 ? this.#claims.length : at, 0, claim);
  }

  get sum(): number {
    return this.#claims.reduce((sum, { size }) => sum + size, 0);
  }

  get align(): number {
    return this.#claims.reduce((most, { align }) => Math.max(most, align), 1);
  }

  assign(base: number): void {
    let at = base;
    for (const claim of this.#claims) {
      claim.assign(at);
      at += claim.size;
    }
  }
}

type Regions = Readonly<Record<Kind, Region>>;

function regions(): Regions {
  return { io: new Region(), mem: new Region(), pref: new Region() };
}

/** End of the memory for devices. @see SeaBIOS src/config.h BUILD_PCIMEM_END */
const MEMORY_END = 0xfec0_0000;
/** Ports for devices. @see SeaBIOS src/fw/pciinit.c pci_bios_init_root_regions_io */
const IO_BASE = 0xc000;
/** Least window of a bridge, which is kept for hot-plug. */
const BRIDGE_WINDOW = 1 << 21;
const BRIDGE_IO = 0x1000;
/** Least piece of memory of a device. */
const PAGE = 4096;
/** Lines of the four links. @see SeaBIOS src/fw/pciinit.c pci_irqs */
const LINES = [10, 10, 11, 11];
/** Devices decode ports and memory, and report system errors. */
const COMMAND = 0x0103;
const MASTER = 0x4;
const LAST_ROTATED_SLOT = 24;

const REGISTER = {
  command: 0x04,
  bar0: 0x10,
  buses: 0x18,
  io: 0x1c,
  memory: 0x20,
  pref: 0x24,
  prefUpper: 0x28,
  line: 0x3c,
} as const;

/** Gives bus numbers, addresses and interrupt lines, as SeaBIOS does. @see SeaBIOS src/fw/pciinit.c pci_setup */
export function configureByFirmware(functions: readonly FirmwareFunction[]): void {
  numberBuses(functions);
  const root = collect(functions);
  root.io.assign(IO_BASE);
  placeMemory(root);
  openPorts(functions);
  for (const found of functions) enable(found, null);
}

function numberBuses(functions: readonly FirmwareFunction[]): void {
  let next = 1;
  const byPlace = [...functions].sort((a, b) => a.devfn - b.devfn);
  for (const { fn, behind } of byPlace) {
    if (behind === null) continue;
    fn.writeConfig(REGISTER.buses, 4, (next << 16) | (next << 8));
    next += 1;
  }
}

/**
 * A page of ports for each bridge that devices may be plugged in behind. SeaBIOS leaves that to Linux, which gives the
 * same ones at boot.
 *
 * @see drivers/pci/setup-bus.c pbus_size_io
 */
function openPorts(functions: readonly FirmwareFunction[]): void {
  const bridges = functions.filter(({ behind }) => behind !== null).sort((a, b) => a.devfn - b.devfn);
  for (const [index, { fn }] of bridges.entries()) openWindow(fn, 'io', BRIDGE_IO * (index + 1), BRIDGE_IO);
}

/** @see pci_bios_check_devices */
function collect(functions: readonly FirmwareFunction[]): Regions {
  const here = regions();
  const byPlace = [...functions].sort((a, b) => a.devfn - b.devfn);
  for (const found of byPlace) for (const bar of found.bars) addBar(here, found, bar);
  for (const found of byPlace.reverse()) if (found.behind !== null) addWindows(here, found, found.behind);
  return here;
}

function addBar(
  here: Regions,
  { fn }: FirmwareFunction,
  { index, size, kind, prefetchable, fixed }: FirmwareBar,
): void {
  const at = REGISTER.bar0 + 4 * index;
  const whole = kind === 'io' ? size : Math.max(size, PAGE);
  const assign = (base: number): void => {
    fn.writeConfig(at, 4, fixed ?? base);
    if (kind === 'mem64') fn.writeConfig(at + 4, 4, 0);
  };
  here[kind === 'io' ? 'io' : prefetchable ? 'pref' : 'mem'].add({ size: whole, align: whole, assign });
}

function addWindows(here: Regions, bridge: FirmwareFunction, behind: readonly FirmwareFunction[]): void {
  const inner = collect(behind);
  for (const kind of KINDS) {
    const least = kind === 'io' ? BRIDGE_IO : BRIDGE_WINDOW;
    const align = Math.max(least, inner[kind].align);
    const wanted = inner[kind].sum === 0 && kind !== 'io' ? align : inner[kind].sum;
    const size = Math.ceil(wanted / align) * align;
    if (size === 0) continue;
    const assign = (base: number): void => {
      openWindow(bridge.fn, kind, base, size);
      inner[kind].assign(base);
    };
    here[kind].add({ size, align, assign });
  }
}

function openWindow(fn: PciFunction, kind: Kind, base: number, size: number): void {
  const last = base + size - 1;
  if (kind === 'io') {
    fn.writeConfig(REGISTER.io, 2, ((base >> 8) & 0xf0) | (last & 0xf000));
    return;
  }
  fn.writeConfig(
    kind === 'mem' ? REGISTER.memory : REGISTER.pref,
    4,
    ((base >>> 16) & 0xfff0) | ((last & 0xfff0_0000) >>> 0),
  );
}

/** Below the end of memory, the region with the smaller alignment first. @see pci_bios_init_root_regions_mem */
function placeMemory({ mem, pref }: Regions): void {
  const [last, first] = mem.align < pref.align ? [mem, pref] : [pref, mem];
  const down = (base: number, align: number): number => Math.floor(base / align) * align;
  const lastBase = down(MEMORY_END - last.sum, last.align);
  last.assign(lastBase);
  first.assign(down(lastBase - first.sum, first.align));
}

function enable(found: FirmwareFunction, above: FirmwareFunction | null): void {
  const { fn, pin, behind, boots, devfn } = found;
  if (pin > 0) fn.writeConfig(REGISTER.line, 1, lineOf(devfn, pin, above));
  fn.writeConfig(REGISTER.command, 2, COMMAND | (boots || behind !== null ? MASTER : 0));
  for (const inner of behind ?? []) enable(inner, found);
}

/** @see mch_pci_slot_get_irq */
function lineOf(devfn: number, pin: number, above: FirmwareFunction | null): number {
  const slot = (above?.devfn ?? devfn) >> 3;
  const addend = above === null ? 0 : devfn >> 3;
  return LINES[(pin - 1 + addend + (slot <= LAST_ROTATED_SLOT ? slot : 0)) & 3] ?? 0;
}
