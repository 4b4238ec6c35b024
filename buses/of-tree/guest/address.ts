import type { DeviceNode } from './node';
import { ofState } from './of-state';
import { ofPropertyReadStringIndex } from './property';
import { IORESOURCE, makeResource, type Resource } from './resource';

/** How addresses of one kind of bus are read. @see drivers/of/address.c struct of_bus */
interface AddressBus {
  readonly name: string;
  /** Property that holds a device's addresses. */
  readonly addresses: string;
  matches(node: DeviceNode): boolean;
  /** Cells of an address and of a size, of a device of this bus. */
  count(device: DeviceNode): readonly [number, number];
  /** Leading cells that say which space is meant. */
  readonly flagCells: number;
  sameSpace(address: readonly number[], range: readonly number[]): boolean;
  flags(address: readonly number[]): number;
}

/** @see drivers/of/address.c OF_MAX_ADDR_CELLS */
export const MAX_ADDRESS_CELLS = 4;
const MASK64 = (1n << 64n) - 1n;

/** Asked from the first on; the last takes all. @see drivers/of/address.c of_busses */
const BUSES: readonly AddressBus[] = [
  {
    name: 'pci',
    addresses: 'assigned-addresses',
    matches: (node) => ['pci', 'pciex', 'vci', 'ht'].includes(node.deviceType ?? '') || isPcie(node),
    count: () => [3, 2],
    flagCells: 1,
    sameSpace: ([a = 0], [b = 0]) => ((pciFlags(a) ^ pciFlags(b)) & (IORESOURCE.MEM | IORESOURCE.IO)) === 0,
    flags: ([a = 0]) => pciFlags(a),
  },
  {
    name: 'isa',
    addresses: 'reg',
    matches: (node) => node.nodeName === 'isa',
    count: () => [2, 1],
    flagCells: 1,
    sameSpace: ([a = 0], [b = 0]) => ((a ^ b) & 1) === 0,
    flags: ([a = 0]) => ((a & 1) === 0 ? IORESOURCE.MEM : IORESOURCE.IO),
  },
  {
    name: 'default-flags',
    addresses: 'reg',
    matches: (node) => busAddrCells(node) === 3,
    count: (device) => [addrCells(device), sizeCells(device)],
    flagCells: 1,
    sameSpace: ([a], [b]) => a === b,
    flags: ([a = 0]) => a,
  },
  {
    name: 'default',
    addresses: 'reg',
    matches: () => true,
    count: (device) => [addrCells(device), sizeCells(device)],
    flagCells: 0,
    sameSpace: () => true,
    flags: () => IORESOURCE.MEM,
  },
];

/** @see drivers/of/address.c of_node_is_pcie */
function isPcie(node: DeviceNode): boolean {
  if (node.nodeName !== 'pcie') return false;
  if (!node.kernel.stateOf(pcieWarning).given) node.kernel.log.warn(`OF: ${node.fullName}: Missing device_type`);
  node.kernel.stateOf(pcieWarning).given = true;
  return true;
}

const pcieWarning = (): { given: boolean } => ({ given: false });

/** @see drivers/of/address.c of_bus_pci_get_flags */
function pciFlags(cell: number): number {
  const prefetch = (cell & 0x4000_0000) === 0 ? 0 : IORESOURCE.PREFETCH;
  switch ((cell >>> 24) & 3) {
    case 1:
      return IORESOURCE.IO | prefetch;
    case 2:
      return IORESOURCE.MEM | prefetch;
    case 3:
      return IORESOURCE.MEM | IORESOURCE.MEM_64 | prefetch;
    default:
      return prefetch;
  }
}

/** @see drivers/of/address.c of_match_bus */
function busOf(node: DeviceNode): AddressBus {
  const { pci } = ofState(node.kernel).config;
  return BUSES.find((bus) => (pci || bus.name !== 'pci') && bus.matches(node)) as AddressBus;
}

/** The nearest node upwards that says it. @see drivers/of/base.c of_bus_n_addr_cells */
function busAddrCells(node: DeviceNode): number {
  return inherited(node, '#address-cells');
}

/** @see drivers/of/base.c of_bus_n_size_cells */
function busSizeCells(node: DeviceNode): number {
  return inherited(node, '#size-cells');
}

/** Cells of a device's own addresses: its bus says it. @see drivers/of/base.c of_n_addr_cells */
function addrCells(device: DeviceNode): number {
  return busAddrCells(device.parent ?? device);
}

function sizeCells(device: DeviceNode): number {
  return busSizeCells(device.parent ?? device);
}

function inherited(node: DeviceNode, name: string): number {
  for (let at: DeviceNode | null = node; at !== null; at = at.parent) {
    const count = at.u32(name);
    if (count !== undefined) return count;
  }
  return 1;
}

/** A number of any number of cells, 64 bits of it. @see include/linux/of.h of_read_number */
function readNumber(cells: readonly number[]): bigint {
  return cells.reduce((sum, cell) => ((sum << 32n) | BigInt(cell)) & MASK64, 0n);
}

/**
 * An address of a device as the CPU sees it, after all buses between.
 *
 * @param address cells as they stand in the device's property; more than needed do not matter
 * @returns null where Linux gives OF_BAD_ADDR: a bus that does not translate, counts of cells that cannot be
 * @see drivers/of/address.c __of_translate_address
 */
export function ofTranslateAddress(device: DeviceNode, address: readonly number[]): bigint | null {
  if (device.parent === null) return null;
  let bus = busOf(device.parent);
  let [na, ns] = bus.count(device);
  if (!countsAreGood(na, ns) || address.length < na) return null;
  let cells: readonly number[] = address.slice(0, na);
  for (let at = device.parent; at.parent !== null; at = at.parent) {
    const above = busOf(at.parent);
    const [pna, pns] = above.count(at);
    if (!countsAreGood(pna, pns)) {
      device.kernel.log.err(`OF: Bad cell count for ${at.fullName}`);
      return null;
    }
    const translated = translateOne(at, bus, above, cells, [na, ns, pna]);
    if (translated === null) return null;
    cells = translated;
    [bus, na, ns] = [above, pna, pns];
  }
  return readNumber(cells);
}

function countsAreGood(na: number, ns: number): boolean {
  return na > 0 && na <= MAX_ADDRESS_CELLS && (ns | 0) > 0;
}

/** From a bus into the one above it. Empty ranges: the same addresses. None: no way. @see of_translate_one */
function translateOne(
  node: DeviceNode,
  bus: AddressBus,
  above: AddressBus,
  cells: readonly number[],
  [na, ns, pna]: readonly [number, number, number],
): readonly number[] | null {
  const ranges = node.cells('ranges');
  if (ranges === undefined) return null;
  if (node.property('ranges')?.length === 0) {
    const flags = Array.from({ length: above.flagCells }, (_, i) => cells[i] ?? 0);
    return withOffset(above, [...flags, ...zeros(pna - above.flagCells)], readNumber(cells));
  }
  const one = na + pna + ns;
  for (let at = 0; at + one <= ranges.length; at += one) {
    const range = ranges.slice(at, at + one);
    const offset = offsetIn(bus, cells, range, [na, pna]);
    if (offset !== null) return withOffset(above, range.slice(na, na + pna), offset);
  }
  return null;
}

/** The offset of an address in a range; null outside. @see of_bus_default_map and its likes */
function offsetIn(
  bus: AddressBus,
  cells: readonly number[],
  range: readonly number[],
  [na, pna]: readonly [number, number],
): bigint | null {
  if (!bus.sameSpace(cells, range)) return null;
  const start = readNumber(range.slice(bus.flagCells, na));
  const size = readNumber(range.slice(na + pna));
  const address = readNumber(cells.slice(bus.flagCells));
  return address < start || address >= ((start + size) & MASK64) ? null : address - start;
}

/** @see drivers/of/address.c of_bus_default_translate */
function withOffset(bus: AddressBus, base: readonly number[], offset: bigint): readonly number[] {
  const flags = base.slice(0, bus.flagCells);
  const sum = (readNumber(base.slice(bus.flagCells)) + offset) & MASK64;
  const width = base.length - bus.flagCells;
  const low = Number(sum & 0xffff_ffffn);
  const number = width > 1 ? [...zeros(width - 2), Number(sum >> 32n), low] : [low];
  return [...flags, ...number];
}

function zeros(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, () => 0);
}

/**
 * A window of a device as a resource. There are no I/O ports here.
 *
 * @returns null where Linux gives EINVAL: no such entry, an address that cannot be translated
 * @see drivers/of/address.c __of_address_to_resource
 */
export function ofAddressToResource(device: DeviceNode, index: number): Resource | null {
  if (device.parent === null) return null;
  const bus = busOf(device.parent);
  const [na, ns] = bus.count(device);
  const cells = device.cells(bus.addresses);
  if (na <= 0 || na > MAX_ADDRESS_CELLS || cells === undefined) return null;
  const one = na + ns;
  const entry = cells.slice(one * index, one * (index + 1));
  if (entry.length < one) return null;
  const flags = bus.flags(entry);
  const start = (flags & IORESOURCE.MEM) === 0 ? null : ofTranslateAddress(device, entry);
  if (start === null) return null;
  const name = ofPropertyReadStringIndex(device, 'reg-names', index);
  const end = (start + readNumber(entry.slice(na)) - 1n) & MASK64;
  return makeResource({ start, end, flags, name: typeof name === 'number' ? device.unitName : name });
}
