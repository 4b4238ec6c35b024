import type { Kernel } from '../../../lib/base/kernel';
import type { MaySleep } from '../../../lib/may-sleep';
import { tryAgain } from '../guest/boot';
import { virtioMmioDriver, breakTransport } from './virtio-mmio';
import { transportLost } from '../../../lib/virtio/transport-driver';
import { ofDeviceIsCompatible } from '../guest/of';
import { ACCESS, HOTPLUG } from '../layout';
import { ofIrqGet } from '../guest/irq';
import { ofFindNodeByPath } from '../guest/of-path';
import { ofFindNodeByPhandle } from '../guest/of-phandle';
import { ofFindDeviceByNode } from '../guest/populate';
import type { PlatformDevice } from '../guest/device';
import { Workqueue } from '../../../lib/world/workqueue';

/** Events are handled one after the other. @see arch/powerpc/platforms/pseries/dlpar.c pseries_hp_wq */
const pseriesHpWq = (kernel: Kernel): Workqueue => new Workqueue(kernel.world, 'pseries hotplug workqueue', kernel);

/**
 * Listens for hot-plug events. The node and the platform device of a place are there whether it is empty or not, so
 * nothing is added or removed: a plugged device has the place's device tried again, an unplugged one has its driver
 * leave. This is the hypervisor's own machine; Linux has no such events for virtio-mmio.
 *
 * @see arch/powerpc/platforms/pseries/dlpar.c handle_dlpar_errorlog, for the same idea with connectors
 */
export function listenForHotplug(kernel: Kernel): void {
  const source = ofFindNodeByPath(kernel, HOTPLUG.PATH);
  const vector = source === null ? -1 : ofIrqGet(source, 0);
  if (vector > 0) kernel.irq.request(vector, (value) => queueEvent(kernel, value), 'RAS_HOTPLUG');
}

/** An interrupt may not sleep; what follows may. */
function queueEvent(kernel: Kernel, value: bigint): void {
  kernel.stateOf(pseriesHpWq).queue({ name: 'pseries_hp_work_fn', run: () => handleEvent(kernel, value) });
}

function handleEvent(kernel: Kernel, value: bigint): MaySleep<void> {
  const node = ofFindNodeByPhandle(kernel, Number(value & ((1n << HOTPLUG.KIND_SHIFT) - 1n)));
  const dev = node === null ? null : ofFindDeviceByNode(node);
  if (dev === null) return undefined;
  if (value >> HOTPLUG.KIND_SHIFT === HOTPLUG.UNPLUGGED) return goneAway(dev);
  return tryAgain(dev);
}

/** Queues first: a driver that waits for its device must not wait for ever. @see virtio_pci_remove */
function goneAway(dev: PlatformDevice): MaySleep<void> {
  if (dev.driver === null || dev.ofNode === null) return undefined;
  if (dev.driver.def.name === virtioMmioDriver.name) breakTransport(dev);
  else if (ofDeviceIsCompatible(dev.ofNode, ACCESS.COMPATIBLE)) transportLost(dev);
  else return undefined;
  return dev.releaseDriver();
}
