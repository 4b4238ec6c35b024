import type { Kernel } from '../../../lib/base/kernel';
import type { DeviceNode } from './node';

/** A name for a node, from /aliases: a stem and a number. @see drivers/of/of_private.h struct alias_prop */
export interface Alias {
  readonly alias: string;
  readonly node: DeviceNode;
  readonly stem: string;
  readonly id: number;
}

/** Returns the number of an interrupt at its controller; undefined for invalid cells. */
type IrqDomain = (cells: readonly number[]) => number | undefined;

/** What a kernel can be built without. */
interface OfConfig {
  /** CONFIG_OF_IRQ: without it interrupt parents are not read. */
  irq: boolean;
  /** CONFIG_PCI: without it a bus of PCI is one like others. */
  pci: boolean;
}

/** The device tree of one kernel. */
export interface OfState {
  readonly config: OfConfig;
  root: DeviceNode | null;
  /** The node /aliases. @see drivers/of/base.c of_aliases */
  aliasesNode: DeviceNode | null;
  /** The node /chosen. @see drivers/of/base.c of_chosen */
  chosen: DeviceNode | null;
  /** @see drivers/of/base.c aliases_lookup */
  aliases: readonly Alias[];
  /** Of equal handles the first in the tree. @see drivers/of/base.c phandle_cache */
  readonly phandles: Map<number, DeviceNode>;
  /** By the node of the interrupt controller. @see kernel/irq/irqdomain.c */
  readonly irqDomains: Map<DeviceNode, IrqDomain>;
}

/** What are the static variables of drivers/of/base.c. */
export function ofState(kernel: Kernel): OfState {
  return kernel.stateOf(makeState);
}

function makeState(): OfState {
  return {
    config: { irq: true, pci: true },
    root: null,
    aliasesNode: null,
    chosen: null,
    aliases: [],
    phandles: new Map(),
    irqDomains: new Map(),
  };
}
