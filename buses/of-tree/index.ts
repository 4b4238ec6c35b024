/**
 * The bus that Open Firmware describes: an iterator over a tree of nodes, or the same tree flattened. Devices are on
 * the platform bus (PrimeCells on amba), virtio devices behind windows of registers.
 *
 * @module linux-driver-model/buses/of-tree
 */
import type { Kernel } from '../../lib/base/kernel';
import type { Guest, Hypervisor } from '../../lib/hypervisor';
import type { BusFixture, GuestBus, HostBus } from '../../lib/machine/fixture';
import type { MaySleep } from '../../lib/may-sleep';
import { MACHINE } from './layout';
import { bootOfTree } from './boot';
import { OfTreeHost, type OfTreeOptions } from './host';

export { ambaDriverAliases, platformDriverAliases } from './aliases';
export { AmbaDevice, ambaBus, ambaDeviceRegister, registerAmbaBus, type AmbaDeviceInit, type AmbaDriver } from './amba';
export type { AmbaCsUciId, AmbaId } from './amba-id';
export { ofAddressToResource, ofTranslateAddress } from './address';
export { bootOfTree, type Firmware } from './boot';
export { platformBus, platformModalias, platformRoot, registerPlatformBus } from './bus';
export {
  PLATFORM_DEVID_AUTO,
  PLATFORM_DEVID_NONE,
  PlatformDevice,
  platformDeviceAdd,
  platformDeviceRegister,
  platformDeviceUnregister,
  type PlatformDeviceInit,
} from './device';
export { platformDriverProbe, platformRegisterDrivers, type PlatformDeviceId, type PlatformDriver } from './driver';
export { ofAttachNode, ofDetachNode, type NodeInit } from './dynamic';
export { flattenDeviceTree } from './flatten';
export { OfTreeHost, type OfTreeOptions } from './host';
export { ofIrqGet, ofIrqGetByname } from './irq';
export { ofIrqFindParent } from './irq-map';
export { cells, cString, CLIENT, HOTPLUG, INTERRUPT, MACHINE, MMIO, PROM_ERROR } from './layout';
export { allNodes } from './all-nodes';
export { DeviceNode, type Property } from './node';
export { ofDeviceIsAvailable, ofDeviceIsCompatible, ofGetCompatibleChild, ofMatchNode, type OfDeviceId } from './of';
export { ofAliasGetId, ofFindNodeByPath, ofFindNodeOptsByPath } from './of-path';
export { ofFindNodeByPhandle, ofParsePhandleWithArgs, type PhandleArgs } from './of-phandle';
export { ofState, type Alias } from './of-state';
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
} from './platform-resource';
export { ofPlatformDefaultPopulate } from './default-populate';
export {
  OF_DEFAULT_BUS_MATCH_TABLE,
  ofDeviceBusId,
  ofFindDeviceByNode,
  ofPlatformDepopulate,
  ofPlatformDeviceCreate,
  ofPlatformPopulate,
} from './populate';
export { ofPropertyMatchString, ofPropertyReadStringIndex } from './property';
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
} from './resource';
export { FDT, FdtError, type Fdt, type FdtNode, type FdtNote, type FdtProperty } from './spec-fdt';
export { fdtTotalSize } from './spec-fdt-header';
export { readFdt } from './spec-fdt-reader';
export { writeFdt } from './spec-fdt-writer';
export { simplePmBusDriver } from './simple-pm-bus';
export { virtioMmioDriver } from './virtio-mmio';
export { ofModalias } from './uevent';
export { unflattenDeviceTree } from './unflatten';

/** Both halves of the bus in one hypervisor. */
export interface OfTreeBus extends HostBus {
  readonly host: OfTreeHost;
}

/**
 * Prepares the host half with a tree of its own, or with one from a file.
 *
 * @throws FdtError (EINVAL) for a blob that is not a tree; ErrnoError EEXIST for a second one with client calls
 */
export function installOfTree(hypervisor: Hypervisor, options: OfTreeOptions = {}): OfTreeBus {
  const host = new OfTreeHost(hypervisor, options);
  return {
    host,
    plug: (model, guest, transport) => host.plug(model, guest, transport),
    boot: (kernel: Kernel, guest: Guest): MaySleep<GuestBus> => {
      const fdt = host.prepare(guest);
      return bootOfTree(kernel, fdt === null ? null : { fdt });
    },
  };
}

/** Open firmware: an iterator that gives handles to the first, the next, the child device. */
export const ofTree: BusFixture = {
  bus: 'of-tree',
  strategy: null,
  install: (hypervisor, { places = 0 } = {}) => installOfTree(hypervisor, { slots: Math.max(MACHINE.SLOTS, places) }),
};
