import { EINVAL, EPROBE_DEFER } from '../../lib/errno';
import { GIC, spiVector } from './layout';
import type { DeviceNode } from './node';
import { ofFindNodeByPhandle, ofParsePhandleWithArgs, ofState, type PhandleArgs } from './of';

/**
 * The controller that a node's interrupts go to: the nearest one along interrupt-parent and the parents. A ring of
 * interrupt-parents, in which Linux would walk for ever, ends here.
 *
 * @see drivers/of/irq.c of_irq_find_parent
 */
export function ofIrqFindParent(node: DeviceNode): DeviceNode | null {
  const seen = new Set<DeviceNode>();
  let at: DeviceNode | null = node;
  while (at !== null && !seen.has(at)) {
    seen.add(at);
    const phandle: number | undefined = at.u32('interrupt-parent');
    at = phandle === undefined ? at.parent : ofFindNodeByPhandle(node.kernel, phandle);
    if (at?.has('#interrupt-cells') === true) return at;
  }
  return null;
}

/** Controller and cells of one interrupt; interrupt-map is not followed. @see drivers/of/irq.c of_irq_parse_one */
function ofIrqParseOne(node: DeviceNode, index: number): PhandleArgs | null {
  const extended = ofParsePhandleWithArgs(node, 'interrupts-extended', '#interrupt-cells', index);
  if (extended !== null) return extended;
  const parent = ofIrqFindParent(node);
  const count = parent?.u32('#interrupt-cells');
  const cells = node.cells('interrupts');
  if (parent === null || count === undefined || cells === undefined) return null;
  const args = cells.slice(index * count, (index + 1) * count);
  return args.length === count && count > 0 ? { node: parent, args } : null;
}

/**
 * The vector of a node's interrupt.
 *
 * @returns -EPROBE_DEFER while nobody drives its controller; -EINVAL without such an interrupt
 * @see drivers/of/irq.c of_irq_get
 */
export function ofIrqGet(node: DeviceNode, index: number): number {
  const found = ofIrqParseOne(node, index);
  if (found === null) return -EINVAL;
  const domain = ofState(node.kernel).irqDomains.get(found.node);
  return domain === undefined ? -EPROBE_DEFER : (domain(found.args) ?? -EINVAL);
}

/** Cells of a GIC: kind, number, trigger. @see drivers/irqchip/irq-gic.c gic_irq_domain_translate */
export function gicDomain(cells: readonly number[]): number | undefined {
  const [kind, number] = cells;
  if (cells.length < 3 || number === undefined || number > 0x3ff) return undefined;
  if (kind === GIC.SPI) return spiVector(number);
  return kind === GIC.PPI ? GIC.FIRST_PPI + number : undefined;
}
