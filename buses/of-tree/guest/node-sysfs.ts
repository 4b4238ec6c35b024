import type { Kernel } from '../../../lib/base/kernel';
import { Kobject, kobjectAdd, kobjectDel, Kset, ksetRegister } from '../../../lib/kobject';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import type { BinAttribute } from '../../../lib/sysfs';
import { firmwareKobj } from './fdt-sysfs';
import { allNodes } from './all-nodes';
import type { DeviceNode, Property } from './node';
import { ofState } from './of-state';

/** What all nodes of one kernel share in /sys. */
interface NodeFiles {
  readonly kset: Kset;
  /** A file shows the property of its own name, so that like nodes have like files. */
  readonly attrs: Map<string, BinAttribute<DeviceNode>>;
}

function makeFiles(kernel: Kernel): NodeFiles {
  const kset = new Kset(kernel);
  ksetRegister(kset, 'devicetree', firmwareKobj(kernel));
  return { kset, attrs: new Map() };
}

/** Shows a whole tree as /sys/firmware/devicetree/base. @see drivers/of/base.c of_core_init */
export function ofAttachTree(root: DeviceNode): void {
  const { phandles } = ofState(root.kernel);
  for (const node of allNodes(root)) {
    ofAttachNodeSysfs(node);
    if (node.phandle !== 0 && !phandles.has(node.phandle)) phandles.set(node.phandle, node);
  }
}

/**
 * Adds a node to /sys. For a name in use `#1`, `#2`, ... is appended.
 *
 * @returns 0, or the error of making the directory: the node works, but is not in /sys
 * @see drivers/of/kobj.c __of_attach_node_sysfs
 */
export function ofAttachNodeSysfs(node: DeviceNode): number {
  const files = node.kernel.stateOf(makeFiles);
  node.kset = files.kset;
  const above = node.parent ?? files.kset;
  const error = kobjectAdd(node, node.parent, safeName(above, node.parent === null ? 'base' : node.unitName));
  if (error !== 0) return error;
  for (const property of node.properties) addProperty(node, property, files);
  return 0;
}

/** @see drivers/of/kobj.c __of_detach_node_sysfs */
export function ofDetachNodeSysfs(node: DeviceNode): MaySleep<void> {
  return node.stateInSysfs ? andThen(kobjectDel(node), () => undefined) : undefined;
}

/** @see drivers/of/kobj.c __of_add_property_sysfs */
function addProperty(node: DeviceNode, property: Property, { attrs }: NodeFiles): void {
  const name = safeName(node, property.name);
  let attr = name === property.name ? attrs.get(name) : renamedAttr(name, property);
  if (attr === undefined) attrs.set(name, (attr = propertyAttr(name)));
  if (node.sd?.addBinFile(attr) === 0) return;
  node.kernel.warn(`error adding attribute ${property.name} to node ${node.fullName}`);
}

/** Passwords are not shown. @see drivers/of/kobj.c of_node_property_read */
function propertyAttr(name: string): BinAttribute<DeviceNode> {
  const valueOf = (node: DeviceNode): Uint8Array => node.property(name) ?? new Uint8Array(0);
  const secure = name.startsWith('security-');
  return {
    name,
    mode: secure ? 0o400 : 0o444,
    size: (node) => (secure ? 0 : valueOf(node).length),
    read: (node, offset, count) => valueOf(node).slice(offset, offset + count),
  };
}

function renamedAttr(name: string, { value }: Property): BinAttribute<DeviceNode> {
  return { name, mode: 0o444, size: value.length, read: (_node, offset, count) => value.slice(offset, offset + count) };
}

/** @see drivers/of/kobj.c safe_name */
function safeName(above: Kobject, wanted: string): string {
  let name = wanted;
  for (let i = 1; i <= 16 && above.sd?.has(name.replaceAll('/', '!')) === true; i += 1) name = `${wanted}#${String(i)}`;
  if (name !== wanted) above.kernel.log.warn(`OF: Duplicate name in ${above.name ?? ''}, renamed to "${name}"`);
  return name;
}
