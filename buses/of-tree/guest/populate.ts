import type { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { EINVAL } from '../../../lib/errno';
import { andThen, each, eachUntil, type MaySleep } from '../../../lib/may-sleep';
import { MAX_ADDRESS_CELLS, ofAddressToResource, ofTranslateAddress } from './address';
import { ambaBus, ambaDeviceAdd } from './amba';
import { platformBus } from './bus';
import { PLATFORM_DEVID_NONE, PlatformDevice, platformRoot } from './device';
import type { DeviceNode } from './node';
import { ofDeviceIsAvailable, ofDeviceIsCompatible, ofMatchNode, type OfDeviceId } from './of';
import type { Resource } from './resource';
import { platformDeviceUnregister } from './platform';
import { AmbaDevice } from './amba-device';

const ARM_AMBA_BUS = 'arm,amba-bus';

/**
 * Nodes whose children are devices too. Those of `arm,amba-bus` are only where the amba bus is registered.
 *
 * @see drivers/of/platform.c of_default_bus_match_table
 */
export const OF_DEFAULT_BUS_MATCH_TABLE: readonly OfDeviceId[] = [
  { compatible: 'simple-bus' },
  { compatible: 'simple-mfd' },
  { compatible: 'isa' },
  { compatible: ARM_AMBA_BUS },
];

/** @see drivers/of/platform.c of_skipped_node_table */
const SKIPPED: readonly OfDeviceId[] = [{ compatible: 'operating-points-v2' }];

/**
 * The name of a node's device: its translated address and its name; without an address the unit name, with those of the
 * nodes above until one has an address.
 *
 * @see drivers/of/platform.c of_device_make_bus_id
 */
export function ofDeviceBusId(node: DeviceNode): string {
  let below = '';
  for (let at = node; at.parent !== null; at = at.parent) {
    const reg = at.rawCells('reg', MAX_ADDRESS_CELLS);
    const address = reg === undefined ? null : ofTranslateAddress(at, reg);
    if (address !== null) return `${address.toString(16)}.${maskPart(at)}${at.nodeName}${below}`;
    below = `:${at.unitName}${below}`;
  }
  return below.slice(1);
}

/** Position of the lowest bit of `mask`, for devices that share an address; -1 as the kernel prints it for none. */
function maskPart(node: DeviceNode): string {
  const mask = node.u32('mask');
  if (mask === undefined) return '';
  return mask === 0 ? 'ffffffff.' : `${(31 - Math.clz32(mask & -mask)).toString(16)}.`;
}

/** All windows that can be translated, up to the first that cannot. @see drivers/of/platform.c of_device_alloc */
function resourcesOf(node: DeviceNode): Resource[] {
  const found: Resource[] = [];
  for (let index = 0; ; index += 1) {
    const res = ofAddressToResource(node, index);
    if (res === null) return found;
    found.push(res);
  }
}

/**
 * Makes a platform device of a node, unless it is not available or has one.
 *
 * @returns null when there is none; errors are logged
 * @see drivers/of/platform.c of_platform_device_create_pdata
 */
export function ofPlatformDeviceCreate(
  node: DeviceNode,
  busId: string | null = null,
  parent: Device | null = null,
): MaySleep<PlatformDevice | null> {
  const { kernel } = node;
  return kernel.world.run(() => createDevice(node, busId, parent), 'of_platform_device_create', kernel);
}

function createDevice(node: DeviceNode, busId: string | null, parent: Device | null): MaySleep<PlatformDevice | null> {
  if (!ofDeviceIsAvailable(node) || node.populated) return null;
  node.populated = true;
  const { kernel } = node;
  const name = busId ?? ofDeviceBusId(node);
  const init = { name, id: PLATFORM_DEVID_NONE, parent, ofNode: node, resources: resourcesOf(node) };
  const dev = new PlatformDevice(kernel, platformBus, init);
  dev.name = name.replaceAll('/', '!');
  dev.platformName = dev.name;
  // The windows of a node are not in the tree of resources until a driver requests them.
  return andThen(kernel.ops.deviceAdd(dev), (error) => {
    if (error === 0) return dev;
    dev.put();
    node.populated = false;
    return null;
  });
}

/** Without the amba bus, as in a kernel without CONFIG_ARM_AMBA: nothing. @see of_amba_device_create */
function ofAmbaDeviceCreate(node: DeviceNode, parent: Device | null): MaySleep<void> {
  const { kernel } = node;
  if (kernel.busOf(ambaBus) === null || !ofDeviceIsAvailable(node) || node.populated) return undefined;
  const refuse = (fn: string, error: number): void => {
    kernel.log.err(`OF: ${fn}() failed (${String(error)}) for ${node.fullName}`);
    node.populated = false;
  };
  node.populated = true;
  const res = ofAddressToResource(node, 0);
  if (res === null) {
    refuse('amba: of_address_to_resource', -EINVAL);
    return undefined;
  }
  const periphid = node.rawCells('arm,primecell-periphid', 1)?.[0];
  const init = { name: ofDeviceBusId(node), parent: parent ?? platformRoot(kernel), res, ofNode: node };
  const dev = new AmbaDevice(kernel, ambaBus, periphid === undefined ? init : { ...init, periphid });
  return andThen(ambaDeviceAdd(dev), (error) => {
    if (error === 0) return;
    refuse('amba_device_add', error);
    dev.put();
  });
}

/** @see drivers/of/platform.c of_platform_bus_create */
function ofPlatformBusCreate(
  node: DeviceNode,
  matches: readonly OfDeviceId[] | null,
  parent: Device | null,
): MaySleep<number> {
  if (!node.has('compatible') || ofMatchNode(SKIPPED, node) !== null || node.populatedBus) return 0;
  if (ofDeviceIsCompatible(node, 'arm,primecell') !== 0) return andThen(ofAmbaDeviceCreate(node, parent), () => 0);
  return andThen(ofPlatformDeviceCreate(node, null, parent), (dev) => {
    if (dev === null || ofMatchNode(matches, node) === null) return 0;
    return andThen(
      eachUntil(node.children, (child) => ofPlatformBusCreate(child, matches, dev)),
      (error) => {
        node.populatedBus = true;
        return error;
      },
    );
  });
}

/**
 * Makes devices of the children of a node, and of theirs where a child is a bus; those that have a device are passed
 * over, so that a second call makes nothing. No sync_state is called before all are made.
 *
 * @param parent of the devices; null: /sys/devices/platform
 * @param matches which children are buses; null: none
 * @see drivers/of/platform.c of_platform_populate
 */
export function ofPlatformPopulate(
  root: DeviceNode,
  parent: Device | null = null,
  matches: readonly OfDeviceId[] | null = OF_DEFAULT_BUS_MATCH_TABLE,
): MaySleep<void> {
  const { kernel } = root;
  const buses = matches === OF_DEFAULT_BUS_MATCH_TABLE ? defaultBuses(kernel) : matches;
  const create = (): MaySleep<number> => eachUntil(root.children, (child) => ofPlatformBusCreate(child, buses, parent));
  return kernel.operate('of_platform_populate', root.fullName, () => {
    kernel.pauseSyncState();
    return andThen(create(), (error) =>
      andThen(kernel.resumeSyncState(), () => {
        root.populatedBus = true;
        return error;
      }),
    );
  });
}

function defaultBuses(kernel: Kernel): readonly OfDeviceId[] {
  if (kernel.busOf(ambaBus) !== null) return OF_DEFAULT_BUS_MATCH_TABLE;
  return OF_DEFAULT_BUS_MATCH_TABLE.filter(({ compatible }) => compatible !== ARM_AMBA_BUS);
}

/** The platform device of a node, without a reference. @see drivers/of/platform.c of_find_device_by_node */
export function ofFindDeviceByNode(node: DeviceNode): PlatformDevice | null {
  for (const dev of node.kernel.busOf(platformBus)?.devices() ?? []) {
    if (dev instanceof PlatformDevice && dev.ofNode === node) return dev;
  }
  return null;
}

/** @see drivers/of/platform.c of_platform_device_destroy */
export function ofPlatformDeviceDestroy(dev: Device): MaySleep<void> {
  const node = dev instanceof PlatformDevice || dev instanceof AmbaDevice ? dev.ofNode : null;
  if (node?.populated !== true) return undefined;
  const children = node.populatedBus ? each(dev.children(), ofPlatformDeviceDestroy) : undefined;
  return andThen(children, () => {
    node.populated = node.populatedBus = false;
    if (dev instanceof PlatformDevice) return platformDeviceUnregister(dev);
    return dev.bus?.type.name === ambaBus.name ? dev.unregister() : undefined;
  });
}

/**
 * Takes the devices away that were made of the children of a device's node, the last first; others stay.
 *
 * @see drivers/of/platform.c of_platform_depopulate
 */
export function ofPlatformDepopulate(parent: PlatformDevice): MaySleep<void> {
  const node = parent.ofNode;
  if (node?.populatedBus !== true) return undefined;
  const destroy = (): MaySleep<void> =>
    andThen(each(parent.childrenReverse(), ofPlatformDeviceDestroy), () => {
      node.populatedBus = false;
    });
  return parent.kernel.operate('of_platform_depopulate', parent.name, destroy);
}
