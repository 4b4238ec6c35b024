import type { Kernel } from '../../../lib/base/kernel';
import { FWNODE_FLAG, fwnodeLinksPurge } from '../../../lib/base/links/fwnode';
import { EINVAL, ErrnoError } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { DeviceNode, type Property } from './node';
import { ofAttachNodeSysfs, ofDetachNodeSysfs } from './node-sysfs';
import { ofDeviceIsAvailable } from './of';
import { OfFwnodeOps } from './of-fwnode';
import { ofState } from './of-state';
import { ofFindDeviceByNode, ofPlatformDeviceCreate, ofPlatformDeviceDestroy } from './populate';

/** What a node that is attached later is made of. */
export interface NodeInit {
  readonly parent: DeviceNode;
  readonly unitName: string;
  readonly properties: readonly Property[];
}

/**
 * Attaches a node: it becomes the **first** child of its parent. A device is made of it if the parent is a bus and the
 * node is available.
 *
 * @throws ErrnoError EINVAL when no device could be made of it; the node stays
 * @see drivers/of/dynamic.c of_attach_node, drivers/of/platform.c of_platform_notify
 */
export function ofAttachNode(kernel: Kernel, { parent, unitName, properties }: NodeInit): MaySleep<DeviceNode> {
  const own = properties.map(({ name, value }) => ({ name, value: value.slice() }));
  const node = new DeviceNode(kernel, unitName, parent, own, OfFwnodeOps);
  node.phandle = (node.has('phandle') ? node.u32('phandle') : node.u32('linux,phandle')) ?? 0;
  const { phandles } = ofState(kernel);
  if (node.phandle !== 0 && !phandles.has(node.phandle)) phandles.set(node.phandle, node);
  node.fwnode.flags |= FWNODE_FLAG.NOT_DEVICE;
  parent.children.unshift(node);
  ofAttachNodeSysfs(node);
  return andThen(deviceAppears(node), () => node);
}

function deviceAppears(node: DeviceNode): MaySleep<void> {
  const { kernel, parent } = node;
  if (parent?.populatedBus !== true || !ofDeviceIsAvailable(node)) return undefined;
  node.fwnode.flags &= ~FWNODE_FLAG.NOT_DEVICE;
  const create = (): MaySleep<void> =>
    andThen(ofPlatformDeviceCreate(node, null, ofFindDeviceByNode(parent)), (dev) => {
      if (dev !== null) return;
      kernel.log.err(`OF: of_platform_notify: failed to create for '${node.fullName}'`);
      throw new ErrnoError(EINVAL, { syscall: 'of_attach_node', path: node.fullName });
    });
  return kernel.operate('of_attach_node', node.fullName, create);
}

/**
 * Detaches a node; its device goes first.
 *
 * @throws ErrnoError EINVAL for the root and for a node that is detached already
 * @see drivers/of/dynamic.c of_detach_node, drivers/of/platform.c of_platform_notify
 */
export function ofDetachNode(node: DeviceNode): MaySleep<void> {
  const siblings = node.parent?.children ?? [];
  const index = siblings.indexOf(node);
  if (index < 0) throw new ErrnoError(EINVAL, { syscall: 'of_detach_node', path: node.fullName });
  siblings.splice(index, 1);
  const { phandles } = ofState(node.kernel);
  if (phandles.get(node.phandle) === node) phandles.delete(node.phandle);
  const destroy = (): MaySleep<void> => {
    const dev = node.populated ? ofFindDeviceByNode(node) : null;
    return dev === null ? undefined : ofPlatformDeviceDestroy(dev);
  };
  return node.kernel.operate('of_detach_node', node.fullName, () =>
    andThen(ofDetachNodeSysfs(node), () => andThen(destroy(), () => fwnodeLinksPurge(node.fwnode))),
  );
}
