import type { Kernel } from '../../lib/base/kernel';
import { cString } from './layout';
import { ofAttachTree } from './node-sysfs';
import { DeviceNode, type Property } from './node';
import { ofAliasScan, ofState } from './of';
import { FdtError, readFdt, type FdtNode } from './spec-fdt';

/** Nodes deeper than this are left out. @see drivers/of/fdt.c FDT_MAX_DEPTH */
const FDT_MAX_DEPTH = 64;

/**
 * Makes the kernel's device tree from a flattened one, and shows it in /sys/firmware/devicetree.
 *
 * @throws FdtError (EINVAL) for a blob that is no tree, with the place; also in the log. The kernel has no tree then.
 * @see drivers/of/fdt.c unflatten_device_tree, drivers/of/base.c of_core_init
 */
export function unflattenDeviceTree(kernel: Kernel, blob: Uint8Array): DeviceNode {
  const root = populateNode(kernel, readOrLog(kernel, blob), null, 0);
  ofState(kernel).root = root;
  ofAliasScan(kernel);
  ofAttachTree(root);
  return root;
}

function readOrLog(kernel: Kernel, blob: Uint8Array): FdtNode {
  try {
    const { root, notes } = readFdt(blob);
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
  const node = new DeviceNode(kernel, flat.name, parent, withName(flat));
  node.phandle = phandleOf(node);
  if (depth < FDT_MAX_DEPTH - 2) {
    for (const child of flat.children) node.children.push(populateNode(kernel, child, node, depth + 1));
  } else if (flat.children.length > 0) {
    kernel.warn(`OF: fdt: nodes below ${node.fullName} are deeper than ${String(FDT_MAX_DEPTH)} and left out`);
  }
  return node;
}

/** Every node has a property `name`; a flattened tree need not. @see drivers/of/fdt.c populate_properties */
function withName({ name, properties }: FdtNode): readonly Property[] {
  if (properties.some((property) => property.name === 'name')) return properties;
  const [base = ''] = name.slice(name.lastIndexOf('/') + 1).split('@', 1);
  return [...properties, { name: 'name', value: cString(base) }];
}

/** The handle of pSeries goes before, then the first of the others. */
function phandleOf(node: DeviceNode): number {
  const ibm = node.u32('ibm,phandle');
  if (ibm !== undefined) return ibm;
  const named = node.properties.find(({ name, value }) => /^(linux,)?phandle$/.test(name) && value.length >= 4);
  return named === undefined ? 0 : (node.u32(named.name) ?? 0);
}

