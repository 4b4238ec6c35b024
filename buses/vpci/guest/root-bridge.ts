import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { DeviceType } from '../../../lib/base/types';
import { errnoOf } from '../../../lib/errno';
import type { MaySleep } from '../../../lib/may-sleep';
import { Mutex, Workqueue } from '../../../lib/world';
import type { ConfigAccess } from './config-access';
import type { PciBus, PciDevice } from './device';
import { MACHINE } from '../layout';
import type { VgaDevice } from './vga-arbiter';

/**
 * Operations of the files of devices and buses; passed by the creator of the bridge, so that files need not import
 * them.
 */
export interface PciHostOps {
  rescanBus(bus: PciBus): MaySleep<void>;
  rescanBusBridgeResize(bus: PciBus, bridge: PciDevice): MaySleep<void>;
  stopAndRemoveBusDevice(dev: PciDevice): MaySleep<void>;
}

/**
 * The root of one PCI domain in one kernel, /sys/devices/pci0000:00.
 *
 * @see include/linux/pci.h struct pci_host_bridge
 */
export class PciHostBridge extends Device {
  /** Held by everything that adds or removes functions. @see drivers/pci/probe.c pci_rescan_remove_lock */
  readonly rescanRemove = new Mutex();
  /** Where hot-plug events are worked on. */
  readonly hotplugWq: Workqueue;
  /** The user's alignment for devices that are found later; empty for none. */
  resourceAlignment = '';
  /** How many buses the scan that runs has looked at. */
  busScans = 0;
  /** The display that firmware used. */
  bootVga: VgaDevice | null = null;
  readonly #vectors = new Set<number>();

  constructor(
    kernel: Kernel,
    readonly config: ConfigAccess,
    readonly ops: PciHostOps,
    type: DeviceType<PciHostBridge>,
  ) {
    super(kernel, { name: 'pci0000:00', type, release: () => undefined });
    this.hotplugWq = new Workqueue(kernel.world, 'kacpi_hotplug', kernel);
  }

  /** Interrupt numbers that are unused in this kernel. */
  allocVectors(count: number): number[] {
    const used = new Set(this.kernel.irq.list().map((action) => action.vector));
    const vectors: number[] = [];
    for (let vector = MACHINE.FIRST_MESSAGE_VECTOR; vectors.length < count; vector++) {
      if (used.has(vector) || this.#vectors.has(vector)) continue;
      this.#vectors.add(vector);
      vectors.push(vector);
    }
    return vectors;
  }

  freeVectors(vectors: readonly number[]): void {
    for (const vector of vectors) this.#vectors.delete(vector);
  }
}

/**
 * Runs `body` under the lock against adding and removing functions. An error releases the lock; an oops keeps it.
 *
 * @see drivers/pci/probe.c pci_lock_rescan_remove
 */
export async function lockedRescanRemove(root: PciHostBridge, body: () => MaySleep<void>): Promise<void> {
  const { world } = root.kernel;
  await root.rescanRemove.lock(world, 'pci_rescan_remove_lock');
  try {
    await body();
  } catch (error) {
    if (errnoOf(error) !== undefined) root.rescanRemove.unlock(world);
    throw error;
  }
  root.rescanRemove.unlock(world);
}
