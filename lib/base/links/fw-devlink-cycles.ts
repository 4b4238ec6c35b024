import type { DeviceLink } from './device-link';
import { DL_FLAG, isSyncStateOnly } from './flags';
import { FWNODE_FLAG, type Fwnode } from './fwnode';

/** Nodes that are looked at for one link; Linux looks at every way through the graph, however many there are. */
const MAX_VISITS = 10_000;

/**
 * Checks whether a supplier, or one of its suppliers, depends on its consumer. All links of the cycle are marked, since
 * it is unknown which of them is not a real dependency.
 *
 * @see drivers/base/core.c __fw_devlink_relax_cycles
 */
export class CycleSearch {
  #visits = 0;
  readonly #relaxLink: (link: DeviceLink) => void;

  constructor(
    readonly consumer: Fwnode,
    relaxLink: (link: DeviceLink) => void,
  ) {
    this.#relaxLink = relaxLink;
  }

  leadsBack(supplier: Fwnode | null): boolean {
    if (supplier === null || supplier.has(FWNODE_FLAG.VISITED) || this.#visits >= MAX_VISITS) return false;
    if (supplier === this.consumer) return true;
    if (supplier.dev?.linksStatus === 'driver-bound' && this.consumer.dev?.linksStatus === 'no-driver') return false;
    this.#visits += 1;
    supplier.flags |= FWNODE_FLAG.VISITED;
    const found = [this.#byNodes(supplier), this.#byParent(supplier), this.#byDevices(supplier)].includes(true);
    supplier.flags &= ~FWNODE_FLAG.VISITED;
    return found;
  }

  #byNodes({ suppliers }: Fwnode): boolean {
    let found = false;
    for (const link of suppliers) {
      if (!this.leadsBack(link.supplier)) continue;
      link.isCycle = true;
      found = true;
    }
    return found;
  }

  /** The device's parent goes before the node's: devices may be made of nodes in odd ways. */
  #byParent(supplier: Fwnode): boolean {
    const parent = supplier.dev === null ? supplier.nextParentDev : supplier.dev.parent;
    return this.leadsBack(parent?.fwnode ?? null);
  }

  #byDevices({ dev }: Fwnode): boolean {
    let found = false;
    for (const link of dev?.suppliers ?? []) {
      if (isSyncStateOnly(link.flags) && !link.has(DL_FLAG.CYCLE)) continue;
      if (!this.leadsBack(link.supplier.fwnode)) continue;
      this.#relaxLink(link);
      link.flags |= DL_FLAG.CYCLE;
      found = true;
    }
    return found;
  }
}
