import { EINVAL, EOVERFLOW, EPROBE_DEFER } from '../../../lib/errno';
import { ofIrqFindParent, ofIrqParseRaw } from './irq-map';
import { cellsOf, GIC, spiVector } from '../layout';
import type { DeviceNode } from './node';
import { ofParsePhandleWithArgs, phandleEntries, type PhandleArgs } from './of-phandle';
import { ofState } from './of-state';
import { ofPropertyMatchString } from './property';

/** Bytes of `reg` by which maps distinguish the interrupts of children. */
const ADDRESS_BYTES = 12;

/** Controller and cells of one interrupt, or a negative error. @see drivers/of/irq.c of_irq_parse_one */
function ofIrqParseOne(node: DeviceNode, index: number): PhandleArgs | number {
  const extended = ofParsePhandleWithArgs(node, 'interrupts-extended', '#interrupt-cells', index);
  return throughMaps(node, extended ?? ownCells(node, index));
}

/** Controller and cells of each interrupt, up to one that a node does not have. */
export function* ofIrqParseAll(node: DeviceNode): Generator<PhandleArgs> {
  const extended = phandleEntries(node, 'interrupts-extended', '#interrupt-cells');
  for (let index = 0; ; index += 1) {
    const entry = extended.next();
    const found = throughMaps(node, (entry.done === true ? null : entry.value) ?? ownCells(node, index));
    if (typeof found === 'number') return;
    yield found;
  }
}

function throughMaps(node: DeviceNode, found: PhandleArgs | number): PhandleArgs | number {
  if (typeof found === 'number') return found;
  const address = new Uint8Array(ADDRESS_BYTES);
  address.set((node.property('reg') ?? new Uint8Array(0)).subarray(0, ADDRESS_BYTES));
  return ofIrqParseRaw(cellsOf(address), found);
}

function ownCells(node: DeviceNode, index: number): PhandleArgs | number {
  const parent = ofIrqFindParent(node);
  const count = parent?.u32('#interrupt-cells');
  const cells = node.cells('interrupts');
  if (parent === null || count === undefined) return -EINVAL;
  if (cells === undefined && count > 0) return -EINVAL;
  const args = (cells ?? []).slice(index * count, (index + 1) * count);
  return args.length === count ? { node: parent, args } : -EOVERFLOW;
}

/**
 * The vector of a node's interrupt.
 *
 * @returns -EPROBE_DEFER while its controller has no driver; 0 when that has no such interrupt; -EINVAL, -EOVERFLOW
 *   when the node has none; -EINVAL, -ENOENT, -EFAULT when the maps between do not lead to a controller
 * @see drivers/of/irq.c of_irq_get
 */
export function ofIrqGet(node: DeviceNode, index: number): number {
  const found = ofIrqParseOne(node, index);
  if (typeof found === 'number') return found;
  const domain = ofState(node.kernel).irqDomains.get(found.node);
  return domain === undefined ? -EPROBE_DEFER : (domain(found.args) ?? 0);
}

/** @see drivers/of/irq.c of_irq_get_byname */
export function ofIrqGetByname(node: DeviceNode, name: string): number {
  const index = ofPropertyMatchString(node, 'interrupt-names', name);
  return index < 0 ? index : ofIrqGet(node, index);
}

/** Cells of a GIC: kind, number, trigger. @see drivers/irqchip/irq-gic.c gic_irq_domain_translate */
export function gicDomain(cells: readonly number[]): number | undefined {
  const [kind, number] = cells;
  if (cells.length < 3 || number === undefined || number > 0x3ff) return undefined;
  if (kind === GIC.SPI) return spiVector(number);
  return kind === GIC.PPI ? GIC.FIRST_PPI + number : undefined;
}
