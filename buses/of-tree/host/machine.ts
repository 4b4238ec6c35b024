import type { HostStyles } from '../../../lib/access/styles/host';
import { ACCESS, cellsOf, GIC, HOTPLUG, MACHINE, MMIO, spiVector } from '../layout';
import { isCompatible, makeNode, propertyOf, u32Of, type FirmwareTree, type Package } from './tree';
import type { FdtNode } from '../layout/fdt';

/** A place for a device: where its registers are and how it interrupts. */
export interface SlotResources {
  readonly phandle: number;
  readonly base: number;
  readonly size: number;
  readonly vector: number;
  /** In the styles of access that have handles. */
  readonly handle: number;
}

/**
 * The tree of the hypervisor's own machine: an interrupt controller, the source of hot-plug events, and a fixed number
 * of virtio-mmio transports, most of them empty. Like QEMU's machine "virt", with fewer things.
 *
 * @param styles of access to what is plugged; null: there are virtio-mmio transports
 * @param memory bytes of RAM, which windows lie above
 */
export function machineTree(slots: number = MACHINE.SLOTS, styles: HostStyles | null = null, memory = 0): FdtNode {
  // Where there is more memory than usual, all windows are moved up.
  const up = Math.max(0, Math.ceil((memory - MACHINE.INTC) / MACHINE.INTC) * MACHINE.INTC);
  const machine = {
    '#address-cells': [2],
    '#size-cells': [2],
    compatible: 'linux-driver-model,virt',
    model: 'linux-driver-model,virt',
    'interrupt-parent': [MACHINE.INTC_PHANDLE],
  };
  return makeNode('', machine, [
    intcNode(MACHINE.INTC + up),
    makeNode('event-sources', {}, [makeNode('hot-plug-events', { interrupts: spi(MACHINE.HOTPLUG_SPI) })]),
    ...Array.from({ length: slots }, (_, i) =>
      styles === null ? slotNode(i, MACHINE.SLOT_BASE + up) : accessNode(i, styles),
    ),
    makeNode('chosen', {}),
  ]);
}

function spi(number: number): number[] {
  return [GIC.SPI, number, GIC.EDGE_RISING];
}

function cells64(address: number): [number, number] {
  return [Math.floor(address / 2 ** 32), address % 2 ** 32];
}

function intcNode(base: number): FdtNode {
  return makeNode(`intc@${base.toString(16)}`, {
    compatible: 'arm,cortex-a15-gic',
    reg: [...cells64(base), 0, 0x10000, ...cells64(base + 0x10000), 0, 0x10000],
    'interrupt-controller': [],
    '#interrupt-cells': [3],
    phandle: [MACHINE.INTC_PHANDLE],
  });
}

function slotNode(index: number, first: number): FdtNode {
  const base = first + MMIO.BYTES * index;
  return makeNode(`virtio_mmio@${base.toString(16)}`, {
    'dma-coherent': [],
    interrupts: spi(MACHINE.FIRST_SLOT_SPI + index),
    reg: [...cells64(base), 0, MMIO.BYTES],
    compatible: 'virtio,mmio',
  });
}

/** A {@link Place} as properties: its window, its interrupt, its handle, and the names of the styles. */
function accessNode(index: number, styles: HostStyles): FdtNode {
  const base = ACCESS.BASE + ACCESS.STRIDE * index;
  const { windowSize } = styles;
  const window: Record<string, number[]> =
    windowSize === 0 ? {} : { reg: [base / 2 ** 32, base % 2 ** 32, 0, windowSize] };
  return makeNode(`access@${base.toString(16)}`, {
    interrupts: spi(MACHINE.FIRST_SLOT_SPI + index),
    [ACCESS.STYLES]: styles.list.map(({ name }) => name).join('\0'),
    [ACCESS.HANDLE]: [ACCESS.FIRST_HANDLE + index],
    ...window,
    compatible: ACCESS.COMPATIBLE,
  });
}

/** Where devices can be, in the order of the tree: children of the root with an interrupt. */
export function placesOf(tree: FirmwareTree, compatible: string): SlotResources[] {
  const nodes = tree.root.children.filter(({ node }) => isCompatible(node, compatible));
  return nodes.map((at) => placeOf(tree, at)).filter((place) => place !== undefined);
}

/** Vector of the hot-plug events; undefined in a tree without them. */
export function hotplugVectorOf(tree: FirmwareTree): number | undefined {
  const source = tree.find(HOTPLUG.PATH);
  return source === undefined ? undefined : vectorOf(source.node);
}

function placeOf(tree: FirmwareTree, { phandle, node }: Package): SlotResources | undefined {
  const hasWindow = !isCompatible(node, ACCESS.COMPATIBLE) || propertyOf(node, 'reg') !== undefined;
  const window = hasWindow ? windowOf(tree, node) : { base: 0, size: MMIO.BYTES };
  const vector = vectorOf(node);
  if (window === undefined || vector === undefined || window.size < MMIO.CONFIG) return undefined;
  return { phandle, ...window, vector, handle: u32Of(node, ACCESS.HANDLE) ?? 0 };
}

/** The first window of `reg` of a child of the root. */
export function windowOf(tree: FirmwareTree, node: FdtNode): Pick<SlotResources, 'base' | 'size'> | undefined {
  const reg = cellsOf(propertyOf(node, 'reg') ?? new Uint8Array(0));
  const addressCells = u32Of(tree.root.node, '#address-cells') ?? 1;
  const sizeCells = u32Of(tree.root.node, '#size-cells') ?? 1;
  if (addressCells > 2 || sizeCells > 2 || reg.length < addressCells + sizeCells) return undefined;
  const join = (part: readonly number[]): number => part.reduce((sum, cell) => sum * 2 ** 32 + cell, 0);
  return { base: join(reg.slice(0, addressCells)), size: join(reg.slice(addressCells, addressCells + sizeCells)) };
}

function vectorOf(node: FdtNode): number | undefined {
  const [kind, number] = cellsOf(propertyOf(node, 'interrupts') ?? new Uint8Array(0));
  return kind === GIC.SPI && number !== undefined ? spiVector(number) : undefined;
}
