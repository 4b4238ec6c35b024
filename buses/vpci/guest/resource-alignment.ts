import { EINVAL } from '../../../lib/errno';
import { cString } from '../../../lib/kstrtox';
import { PAGE_SIZE } from '../../../lib/sysfs';
import { utf8Length } from '../../../lib/utf8';
import { disableBridgeWindows } from './bridge-windows';
import type { PciBus, PciDevice } from './device';
import { CLASS, COMMAND, devfnOf, HEADER, PCI } from '../layout';
import { upstreamBridge } from './pcie';
import { formatResource, IORESOURCE, RESOURCE, resourceName, resourceSize, type PciResource } from './resource';

/** log2 of a page. */
const PAGE_SHIFT = 12;

/** The file `resource_alignment`. @see drivers/pci/pci.c resource_alignment_show */
export function resourceAlignment(roots: readonly PciBus[]): string {
  const [root] = roots;
  return root === undefined || root.root.resourceAlignment === '' ? '' : `${root.root.resourceAlignment}\n`;
}

/**
 * For devices that are found from then on.
 *
 * @see drivers/pci/pci.c resource_alignment_store
 */
export function setResourceAlignment(roots: readonly PciBus[], text: string): number | void {
  if (utf8Length(text) >= PAGE_SIZE - 1) return -EINVAL;
  const [param = ''] = cString(text).split('\n');
  for (const { root } of roots) root.resourceAlignment = param;
}

/** The part of a parameter that a device was held against. */
interface DevStrMatch {
  /** -EINVAL for a text that names no device. */
  readonly matches: boolean | number;
  /** What follows it. */
  readonly rest: string;
}

const HEX = String.raw`\s*(?:0x)?([0-9a-f]+)`;
const IDS = new RegExp(`^pci:${HEX}:${HEX}(?::${HEX}:${HEX})?`, 'i');
const FUNCTION = new RegExp(String.raw`^(?:${HEX}:)?${HEX}:${HEX}\.${HEX}$`, 'i');
const STEP = new RegExp(String.raw`^${HEX}\.${HEX}$`, 'i');

/** @see drivers/pci/pci.c pci_dev_str_match */
function devStrMatch(dev: PciDevice, text: string): DevStrMatch {
  if (!text.startsWith('pci:')) return devStrMatchPath(dev, text);
  const ids = IDS.exec(text);
  if (ids === null) return { matches: -EINVAL, rest: text };
  const has = [dev.vendor, dev.device, dev.subsystemVendor, dev.subsystemDevice];
  const wanted = ids.slice(1).map((id: string | undefined) => parseInt(id ?? '0', 16) & 0xffff);
  return { matches: wanted.every((id, i) => id === 0 || id === has[i]), rest: text.slice(ids[0].length) };
}

/** From the device up: the last step is its own, the first is on a bus with a number. @see pci_dev_str_match_path */
function devStrMatchPath(dev: PciDevice, text: string): DevStrMatch {
  const end = text.indexOf(';');
  const path = end < 0 ? text : text.slice(0, end);
  return { matches: pathMatches(dev, path.split('/')), rest: end < 0 ? '' : text.slice(end) };
}

function pathMatches(dev: PciDevice, steps: readonly string[]): boolean | number {
  const hex = (digits: string | undefined): number => parseInt(digits ?? '0', 16);
  let at: PciDevice | null = dev;
  for (const step of steps.slice(1).reverse()) {
    const place = STEP.exec(step);
    if (place === null) return -EINVAL;
    if (at.devfn !== devfnOf(hex(place[1]), hex(place[2]))) return false;
    at = upstreamBridge(at);
    if (at === null) return false;
  }
  const first = FUNCTION.exec(steps[0] ?? '');
  if (first === null) return -EINVAL;
  const [, domain, bus, slot, fn] = first;
  return hex(domain) === 0 && hex(bus) === at.pciBus.number && at.devfn === devfnOf(hex(slot), hex(fn));
}

/** Bytes; 0 when none is specified. @see drivers/pci/pci.c pci_specified_resource_alignment */
function specifiedAlignment(dev: PciDevice): bigint {
  let rest = dev.pciBus.root.resourceAlignment;
  while (rest !== '') {
    const order = /^\s*([+-]?\d+)@/.exec(rest);
    const shift = order === null ? PAGE_SHIFT : checkedOrder(dev, Number(order[1]));
    const text = order === null ? rest : rest.slice(order[0].length);
    const held = devStrMatch(dev, text);
    if (held.matches === true) return 1n << BigInt(shift & 63);
    if (held.matches !== false) dev.kernel.log.err(`PCI: Can't parse resource_alignment parameter: ${text}`);
    if (held.matches !== false || !/^[;,]/.test(held.rest)) return 0n;
    rest = held.rest.slice(1);
  }
  return 0n;
}

function checkedOrder(dev: PciDevice, order: number): number {
  if (order <= 63) return order;
  dev.kernel.log.err(`PCI: Invalid requested alignment (order ${String(order)})`);
  return PAGE_SHIFT;
}

/**
 * Base registers that are smaller than the requested alignment get that size, and lose their addresses.
 *
 * @see drivers/pci/pci.c pci_reassigndev_resource_alignment
 */
export function reassignResourceAlignment(dev: PciDevice): void {
  if (dev.pciBus.root.resourceAlignment === '') return;
  const align = specifiedAlignment(dev);
  if (align === 0n) return;
  if (dev.hdrType === HEADER.NORMAL && dev.classCode >> 8 === CLASS.BRIDGE_HOST) {
    dev.warn("Can't reassign resources to host bridge");
    return;
  }
  dev.writeConfig(PCI.COMMAND, 2, dev.readConfig(PCI.COMMAND, 2) & ~COMMAND.MEMORY);
  const registers = dev.resource.slice(0, RESOURCE.ROM + 1);
  for (const [index, res] of registers.entries()) requestAlignment(dev, index, res, align);
  if (dev.hdrType === HEADER.BRIDGE) disableBridgeWindows(dev);
}

/** @see drivers/pci/pci.c pci_request_resource_alignment */
function requestAlignment(dev: PciDevice, index: number, res: PciResource, align: bigint): void {
  if ((res.flags & IORESOURCE.MEM) === 0) return;
  const name = `${resourceName(dev, index)} ${formatResource(res)}`;
  if ((res.flags & IORESOURCE.PCI_FIXED) !== 0) {
    dev.info(`${name}: ignoring requested alignment 0x${align.toString(16)}`);
    return;
  }
  if (resourceSize(res) >= align) return;
  dev.info(`${name}: requesting alignment to 0x${align.toString(16)}`);
  Object.assign(res, { start: 0n, end: align - 1n, flags: res.flags | IORESOURCE.UNSET });
}
