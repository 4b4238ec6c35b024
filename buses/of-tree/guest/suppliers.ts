import { fwnodeLinkAdd } from '../../../lib/base/links/fwnode';
import { ofIrqParseAll } from './irq';
import type { DeviceNode } from './node';
import { ofDeviceIsAvailable } from './of';
import { ofParsePhandleWithArgs, phandleEntries } from './of-phandle';
import { ofState } from './of-state';

/**
 * Properties that list suppliers, with the property of the supplier that has the number of cells that follow. Suppliers
 * that may be missing (iommus, dmas) are not in it.
 *
 * @see drivers/of/property.c of_supplier_bindings
 */
const BINDINGS: ReadonlyMap<string, string | null> = new Map([
  ['clocks', '#clock-cells'],
  ['interconnects', '#interconnect-cells'],
  ['mboxes', '#mbox-cells'],
  ['io-channels', '#io-channel-cells'],
  ['interrupt-parent', null],
  ['power-domains', '#power-domain-cells'],
  ['hwlocks', '#hwlock-cells'],
  ['extcon', null],
  ['nvmem-cells', null],
  ['phys', '#phy-cells'],
  ['wakeup-parent', null],
  ['pwms', '#pwm-cells'],
  ['resets', '#reset-cells'],
  ['leds', null],
  ['backlight', null],
  ['panel', null],
  ...Array.from({ length: 9 }, (_, i) => [`pinctrl-${String(i)}`, null] as const),
]);

/** The same for properties that end so, behind a name of at least one character. */
const SUFFIXES: readonly (readonly [string, string | null])[] = [
  ['-supply', null],
  ['-gpio', '#gpio-cells'],
  ['-gpios', '#gpio-cells'],
];

/** Links a node to all the nodes that it names as suppliers. @see drivers/of/property.c of_fwnode_add_links */
export function ofLinkSuppliers(node: DeviceNode): void {
  // Of two properties of one name the first is read.
  for (const name of new Set(node.properties.map((property) => property.name))) {
    if (name === 'remote-endpoint') linkRemote(node);
    else for (const supplier of suppliersIn(node, name)) linkTo(node, supplier);
  }
}

/** Up to an entry that is empty or malformed. */
function* suppliersIn(node: DeviceNode, name: string): Generator<DeviceNode> {
  if (name === 'interrupts' || name === 'interrupts-extended') {
    if (ofState(node.kernel).config.irq) for (const irq of ofIrqParseAll(node)) yield irq.node;
    return;
  }
  const cellsName = cellsNameOf(node, name);
  if (cellsName === undefined) return;
  for (const entry of phandleEntries(node, name, cellsName)) {
    if (entry === null) return;
    yield entry.node;
  }
}

/** The gpios of a hog are provided by its parent. */
function cellsNameOf(node: DeviceNode, name: string): string | null | undefined {
  if (name === 'gpio' || name === 'gpios') return node.has('gpio-hog') ? undefined : '#gpio-cells';
  const known = BINDINGS.get(name);
  if (known !== undefined || name.endsWith(',nr-gpios')) return known;
  return SUFFIXES.find(([suffix]) => name.length > suffix.length && name.endsWith(suffix))?.[1];
}

/** Only a supplier that is in use, as all above it up to a device. @see drivers/of/property.c of_link_to_phandle */
function linkTo(consumer: DeviceNode, supplier: DeviceNode): void {
  for (let at: DeviceNode | null = supplier; at !== null && at.fwnode.dev === null; at = at.parent) {
    if (!ofDeviceIsAvailable(at)) return;
  }
  fwnodeLinkAdd(consumer.fwnode, supplier.fwnode);
}

/** An endpoint is not a device: the nodes with the ports are. */
function linkRemote(endpoint: DeviceNode): void {
  const remote = ofParsePhandleWithArgs(endpoint, 'remote-endpoint', null, 0)?.node ?? null;
  const supplier = portParent(remote);
  const consumer = compatNode(endpoint.parent);
  if (supplier !== null && consumer !== null) linkTo(consumer, supplier);
}

/** @see drivers/of/property.c of_graph_get_port_parent */
function portParent(endpoint: DeviceNode | null): DeviceNode | null {
  const ports = endpoint?.parent?.parent ?? null;
  return ['ports', 'in-ports', 'out-ports'].includes(ports?.nodeName ?? '') ? (ports?.parent ?? null) : ports;
}

/** The nearest node upwards with a compatible string. @see drivers/of/property.c of_get_compat_node */
function compatNode(from: DeviceNode | null): DeviceNode | null {
  for (let at = from; at !== null; at = at.parent) {
    if (!ofDeviceIsAvailable(at)) return null;
    if (at.has('compatible')) return at;
  }
  return null;
}
