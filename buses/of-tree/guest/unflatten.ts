import type { Kernel } from '../../../lib/base/kernel';
import { ofFdtRawInit } from './fdt-sysfs';
import { cString } from '../layout';
import { ofAttachTree } from './node-sysfs';
import { DeviceNode, rawCells, type Property } from './node';
import { ofAliasScan } from './of-path';
import { OfFwnodeOps } from './of-fwnode';
import { ofState } from './of-state';
import { FdtError, type FdtNode } from '../layout/fdt';
import { fdtTotalSize } from '../layout/fdt-header';
import { readOwnFdt } from '../layout/fdt-reader';

/** Nodes deeper than this are left out. @see drivers/of/fdt.c FDT_MAX_DEPTH */
const FDT_MAX_DEPTH = 64;

/**
 * Makes the kernel's device tree from a flattened one, and shows both in /sys/firmware.
 *
 * @throws FdtError (EINVAL) for a blob that is not a tree, with the offset; also logged. The kernel has no tree then.
 * @see drivers/of/fdt.c unflatten_device_tree, drivers/of/base.c of_core_init
 */
export function unflattenDeviceTree(kernel: Kernel, blob: Uint8Array): DeviceNode {
  const own = blob.slice();
  const root = populateNode(kernel, readOrLog(kernel, own), null, 0);
  ofState(kernel).root = root;
  ofAliasScan(kernel);
  ofAttachTree(root);
  ofFdtRawInit(kernel, own.subarray(0, fdtTotalSize(own)));
  return root;
}

function readOrLog(kernel: Kernel, blob: Uint8Array): FdtNode {
  try {
    const { root, notes } = readOwnFdt(blob);
    for (const { offset, node, text } of notes) kernel.log.warn(`OF: fdt: ${text} (${placeOf(offset, node)})`);
    return root;
  } catch (error) {
    if (error instanceof FdtError) kernel.log.err(`OF: fdt: ${error.what} (${placeOf(error.offset, error.node)})`);
    throw error;
  }
}

function placeOf(offset: number, node: string | null): string {
  return `offset 0x${offset.toString(16)}${node === null ? '' : `, node ${node}`}`;
}

/** @see drivers/of/fdt.c populate_node */
function populateNode(kernel: Kernel, flat: FdtNode, parent: DeviceNode | null, depth: number): DeviceNode {
  const node = new DeviceNode(kernel, flat.name, parent, withName(flat), OfFwnodeOps);
  node.phandle = phandleOf(node);
  if (depth < FDT_MAX_DEPTH - 2) {
    for (const child of flat.children) node.children.push(populateNode(kernel, child, node, depth + 1));
  } else if (flat.children.length > 0) kernel.stateOf(warnOnceOfDepth);
  return node;
}

function warnOnceOfDepth(kernel: Kernel): true {
  kernel.warn(`OF: fdt: nodes that are deeper than ${String(FDT_MAX_DEPTH)} are left out`);
  return true;
}

/** Every node has a property `name`; a flattened tree need not. @see drivers/of/fdt.c populate_properties */
function withName({ name, properties }: FdtNode): readonly Property[] {
  if (properties.some((property) => property.name === 'name')) return properties;
  const base = name.slice(name.lastIndexOf('/') + 1);
  const at = base.lastIndexOf('@');
  return [...properties, { name: 'name', value: cString(at < 0 ? base : base.slice(0, at)) }];
}

/** The last handle of pSeries goes before, then the first of the others that is not 0. @see populate_properties */
function phandleOf(node: DeviceNode): number {
  let found = 0;
  for (const { name, value } of node.properties) {
    if (name === 'ibm,phandle') found = rawCells(value, 1)[0] ?? 0;
    else if (found === 0 && (name === 'phandle' || name === 'linux,phandle')) found = rawCells(value, 1)[0] ?? 0;
  }
  return found;
}
