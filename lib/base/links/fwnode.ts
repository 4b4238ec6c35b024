import type { Device } from '../device';

/** What is known of a node of the firmware. @see include/linux/fwnode.h FWNODE_FLAG_LINKS_ADDED and following */
export const FWNODE_FLAG = Object.freeze({
  LINKS_ADDED: 1 << 0,
  /** It will never be a device: the one above is meant. */
  NOT_DEVICE: 1 << 1,
  /** Something uses it without a device. */
  INITIALIZED: 1 << 2,
  /** Its children have to be probed while it is. */
  NEEDS_CHILD_BOUND_ON_ADD: 1 << 3,
  /** Its device is probed although suppliers are missing. */
  BEST_EFFORT: 1 << 4,
  VISITED: 1 << 5,
});

/** Operations of the core on a firmware node. @see include/linux/fwnode.h struct fwnode_operations */
export interface FwnodeOperations {
  readonly name: string;
  /** With the names of the nodes above. */
  readonly path: string;
  readonly above: Fwnode | null;
  /** Nodes below it that are in use. */
  availableChildren(): Iterable<Fwnode>;
  /** Makes a link to each node that this one names as a supplier. */
  addLinks(): void;
}

/**
 * That one node names another as its supplier, until both are devices.
 *
 * @see include/linux/fwnode.h struct fwnode_link
 */
export interface FwnodeLink {
  readonly consumer: Fwnode;
  readonly supplier: Fwnode;
  /** @see FWLINK_FLAG_CYCLE */
  isCycle: boolean;
}

const NO_LINKS: readonly FwnodeLink[] = Object.freeze([]);

/** A node of the firmware as the core sees it. @see include/linux/fwnode.h struct fwnode_handle */
export class Fwnode {
  /** The device of this node, while it exists. */
  dev: Device | null = null;
  /** Of {@link FWNODE_FLAG}. */
  flags = 0;
  /** The last that was added comes first. */
  suppliers = NO_LINKS;
  consumers = NO_LINKS;

  constructor(readonly ops: FwnodeOperations) {}

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** The nodes above, the nearest first. */
  *parents(): Generator<Fwnode> {
    for (let at = this.ops.above; at !== null; at = at.ops.above) yield at;
  }

  /** @see drivers/base/property.c fwnode_get_next_parent_dev */
  get nextParentDev(): Device | null {
    for (const parent of this.parents()) if (parent.dev !== null) return parent.dev;
    return null;
  }

  /** A node is one of itself too. @see drivers/base/property.c fwnode_is_ancestor_of */
  isAncestorOf(other: Fwnode): boolean {
    if (other === this) return true;
    for (const parent of other.parents()) if (parent === this) return true;
    return false;
  }
}

/** Once for each pair. @see drivers/base/core.c __fwnode_link_add */
export function fwnodeLinkAdd(consumer: Fwnode, supplier: Fwnode, isCycle = false): void {
  const known = supplier.consumers.find((link) => link.consumer === consumer);
  if (known !== undefined) {
    known.isCycle ||= isCycle;
    return;
  }
  const link = { consumer, supplier, isCycle };
  supplier.consumers = [link, ...supplier.consumers];
  consumer.suppliers = [link, ...consumer.suppliers];
}

/** @see drivers/base/core.c __fwnode_link_del */
export function fwnodeLinkDel(link: FwnodeLink): void {
  const { consumer, supplier } = link;
  supplier.consumers = supplier.consumers.filter((other) => other !== link);
  consumer.suppliers = consumer.suppliers.filter((other) => other !== link);
}

/** @see drivers/base/core.c fwnode_links_purge */
export function fwnodeLinksPurge({ suppliers, consumers }: Fwnode): void {
  for (const link of [...suppliers, ...consumers]) fwnodeLinkDel(link);
}

/**
 * A node below a bound device that is not a device on a bus will not become one: a consumer that names it as supplier
 * depends on the device.
 *
 * @see drivers/base/core.c __fw_devlink_pickup_dangling_consumers
 */
export function pickupDanglingConsumers(fwnode: Fwnode, newSupplier: Fwnode): void {
  if (fwnode.dev?.bus != null) return;
  fwnode.flags |= FWNODE_FLAG.NOT_DEVICE;
  for (const link of fwnode.consumers) {
    fwnodeLinkAdd(link.consumer, newSupplier, link.isCycle);
    fwnodeLinkDel(link);
  }
  for (const child of fwnode.ops.availableChildren()) pickupDanglingConsumers(child, newSupplier);
}
