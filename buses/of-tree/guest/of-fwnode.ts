import type { Fwnode, FwnodeOperations } from '../../../lib/base/links/fwnode';
import { ofDeviceIsAvailable } from './of';
import type { DeviceNode } from './node';
import { ofLinkSuppliers } from './suppliers';

/** @see drivers/of/property.c of_fwnode_ops */
export class OfFwnodeOps implements FwnodeOperations {
  constructor(readonly node: DeviceNode) {}

  get name(): string {
    return this.node.unitName;
  }

  get path(): string {
    return this.node.fullName;
  }

  get above(): Fwnode | null {
    return this.node.parent?.fwnode ?? null;
  }

  *availableChildren(): Generator<Fwnode> {
    for (const child of this.node.children) if (ofDeviceIsAvailable(child)) yield child.fwnode;
  }

  addLinks(): void {
    ofLinkSuppliers(this.node);
  }
}
