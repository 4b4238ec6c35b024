/**
 * The bus that Open Firmware describes: an iterator over a tree of nodes, or the same tree flattened. Devices are on
 * the platform bus (PrimeCells on amba), virtio devices behind windows of registers.
 *
 * @module linux-driver-model/buses/of-tree
 */
import type { AccessParam } from '../../lib/access/styles/guest-styles';
import type { Kernel } from '../../lib/base/kernel';
import type { Guest, Hypervisor } from '../../lib/hypervisor';
import type { BusFixture, FixtureOptions, GuestBus, HostBus } from '../../lib/machine/fixture';
import type { MaySleep } from '../../lib/may-sleep';
import { MACHINE } from './layout';
import { bootTree, rescanTree, type Firmware } from './guest/boot';
import { platformBus } from './guest/bus';
import { OfTreeHost, type OfTreeOptions } from './host/host';
import { listenForHotplug } from './virtio/hotplug';
import { virtioAccessDriver } from './virtio/virtio-access';
import { virtioMmioDriver } from './virtio/virtio-mmio';

export { ambaDriverAliases, platformDriverAliases } from './guest/aliases';
export { ambaBus, ambaDeviceRegister, registerAmbaBus } from './guest/amba';
export { AmbaDevice, type AmbaDeviceInit, type AmbaDriver, type AmbaCsUciId, type AmbaId } from './guest/amba-device';
export { ofAddressToResource, ofTranslateAddress } from './guest/address';
export type { Firmware } from './guest/boot';
export { platformBus, platformModalias, registerPlatformBus } from './guest/bus';
export {
  PLATFORM_DEVID_AUTO,
  PLATFORM_DEVID_NONE,
  PlatformDevice,
  type PlatformDeviceInit,
  platformRoot,
  type PlatformDeviceId,
  type PlatformDriver,
} from './guest/device';
export { platformDeviceAdd, platformDeviceRegister, platformDeviceUnregister } from './guest/platform';
export { platformDriverProbe, platformRegisterDrivers } from './guest/driver';
export { ofAttachNode, ofDetachNode, type NodeInit } from './guest/dynamic';
export { flattenDeviceTree } from './guest/flatten';
export { OfTreeHost, type OfTreeOptions } from './host/host';
export { ofIrqGet, ofIrqGetByname } from './guest/irq';
export { ofIrqFindParent } from './guest/irq-map';
export { cells, cString, CLIENT, HOTPLUG, INTERRUPT, MACHINE, MMIO, PROM_ERROR } from './layout';
export { allNodes } from './guest/all-nodes';
export { DeviceNode, type Property } from './guest/node';
export {
  ofDeviceIsAvailable,
  ofDeviceIsCompatible,
  ofGetCompatibleChild,
  ofMatchNode,
  type OfDeviceId,
} from './guest/of';
export { ofAliasGetId, ofFindNodeByPath, ofFindNodeOptsByPath } from './guest/of-path';
export { ofFindNodeByPhandle, ofParsePhandleWithArgs, type PhandleArgs } from './guest/of-phandle';
export { ofState, type Alias } from './guest/of-state';
export {
  devmIoremapResource,
  devmPlatformIoremapResource,
  platformGetIrq,
  platformGetIrqByname,
  platformGetIrqBynameOptional,
  platformGetIrqOptional,
  platformGetResource,
  platformGetResourceByname,
  platformIrqCount,
} from './guest/platform-resource';
export { ofPlatformDefaultPopulate } from './guest/default-populate';
export {
  OF_DEFAULT_BUS_MATCH_TABLE,
  ofDeviceBusId,
  ofFindDeviceByNode,
  ofPlatformDepopulate,
  ofPlatformDeviceCreate,
  ofPlatformPopulate,
} from './guest/populate';
export { ofPropertyMatchString, ofPropertyReadStringIndex } from './guest/property';
export {
  formatResource,
  insertResource,
  iomemResource,
  ioportResource,
  IORESOURCE,
  makeResource,
  releaseResource,
  requestRegion,
  requestResource,
  resourceLines,
  type Resource,
} from './guest/resource';
export { FDT, FdtError, type Fdt, type FdtNode, type FdtNote, type FdtProperty } from './layout/fdt';
export { fdtTotalSize } from './layout/fdt-header';
export { readFdt } from './layout/fdt-reader';
export { writeFdt } from './layout/fdt-writer';
export { simplePmBusDriver } from './guest/simple-pm-bus';
export { virtioMmioDriver } from './virtio/virtio-mmio';
export { ofModalias } from './guest/uevent';
export { unflattenDeviceTree } from './guest/unflatten';

/**
 * The guest half: gets the tree, registers the buses, makes the devices. The transport driver is not registered.
 *
 * @param access for places that are accessed in one of several styles. Default: places are virtio-mmio transports
 *
 * @throws FdtError (EINVAL), ErrnoError EINVAL, ENOSYS, ENXIO for a tree that cannot be had. The kernel then has no
 *   tree and neither bus, and works without.
 */
export async function bootOfTree(kernel: Kernel, firmware: Firmware, access?: AccessParam): Promise<GuestBus> {
  await bootTree(kernel, firmware);
  listenForHotplug(kernel);
  const transport = access === undefined ? virtioMmioDriver : virtioAccessDriver(access);
  return {
    busName: platformBus.name,
    transport,
    rescan: () => kernel.world.run(() => rescanTree(kernel), 'of_platform_populate', kernel),
  };
}

/** Both halves of the bus in one hypervisor. */
export interface OfTreeBus extends HostBus {
  readonly host: OfTreeHost;
}

/**
 * Prepares the host half with a tree of its own, or with one from a file.
 *
 * @throws FdtError (EINVAL) for a blob that is not a tree; ErrnoError EEXIST for a second one with client calls
 */
export function installOfTree(
  hypervisor: Hypervisor,
  { accessParam = 'best', ...options }: OfTreeOptions & Pick<FixtureOptions, 'accessParam'> = {},
): OfTreeBus {
  const host = new OfTreeHost(hypervisor, options);
  return {
    host,
    plug: (model, guest, transport) => host.plug(model, guest, transport),
    boot: (kernel: Kernel, guest: Guest): MaySleep<GuestBus> => {
      const fdt = host.prepare(guest);
      return bootOfTree(kernel, fdt === null ? null : { fdt }, options.access === undefined ? undefined : accessParam);
    },
  };
}

/** Open firmware: an iterator that gives handles to the first, the next, the child device. */
export const ofTree: BusFixture = {
  bus: 'of-tree',
  strategy: null,
  ownership: ['private'],
  install: (hypervisor, { places = 0, ...options } = {}) =>
    installOfTree(hypervisor, { ...options, slots: Math.max(MACHINE.SLOTS, places) }),
};
