import type { Kernel } from '../../../lib/base/kernel';
import { FWNODE_FLAG } from '../../../lib/base/links/fwnode';
import { gicDomain } from './irq';
import { allNodes } from './all-nodes';
import type { DeviceNode } from './node';
import { ofDeviceIsAvailable, ofMatchNode, type OfDeviceId } from './of';
import { ofState } from './of-state';

/** Drivers that the kernel runs before there are devices. Their nodes count as populated: no device is made of them. */
const EARLY: readonly (OfDeviceId & { readonly start?: (node: DeviceNode) => void })[] = [
  { compatible: 'arm,cortex-a15-gic', start: (node) => void ofState(node.kernel).irqDomains.set(node, gicDomain) },
  { compatible: 'arm,gic-400', start: (node) => void ofState(node.kernel).irqDomains.set(node, gicDomain) },
  { compatible: 'fixed-clock' },
  { compatible: 'fixed-factor-clock' },
];

/**
 * Starts interrupt controllers and clocks.
 *
 * @see drivers/of/irq.c of_irq_init, drivers/clk/clk.c of_clk_init
 */
export function ofEarlyInit(kernel: Kernel): void {
  const { root } = ofState(kernel);
  if (root === null) return;
  for (const node of allNodes(root)) {
    const id = ofDeviceIsAvailable(node) ? ofMatchNode(EARLY, node) : null;
    if (id === null) continue;
    node.populated = true;
    node.fwnode.flags |= FWNODE_FLAG.INITIALIZED;
    (id as (typeof EARLY)[number]).start?.(node);
  }
}
