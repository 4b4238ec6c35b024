import { each, type MaySleep } from '../../may-sleep';
import { Mutex } from '../../world/mutex';
import { Workqueue } from '../../world/workqueue';
import type { Device } from '../device';
import { guardVoid } from '../guard';
import type { KernelCore } from '../kernel-core';
import type { DeviceLink } from './device-link';
import { DL_FLAG } from './flags';

/**
 * What the device links of one kernel share: the lock, the worker that releases them, the calls of sync_state that
 * wait.
 */
export class DeviceLinks {
  readonly #kernel: KernelCore;
  readonly #mutex = new Mutex();
  readonly #releases: Workqueue;
  /** Suppliers in the order in which they began to wait. @see drivers/base/core.c deferred_sync */
  #deferred: Device[] = [];
  /** While it is not 0, no sync_state is called. @see drivers/base/core.c defer_sync_state_count */
  #pauses = 0;

  constructor(kernel: KernelCore) {
    this.#kernel = kernel;
    this.#releases = new Workqueue(kernel.world, 'device_link_wq', kernel);
  }

  get isLocked(): boolean {
    return this.#mutex.isLocked;
  }

  lock(): MaySleep<void> {
    return this.#mutex.lock(this.#kernel.world, 'device_links_lock');
  }

  unlock(): void {
    this.#mutex.unlock(this.#kernel.world);
  }

  /**
   * Drops a released link's hold on its two ends, in a worker.
   *
   * @see core.c devlink_dev_release, device_link_release_fn
   */
  queueRelease(link: DeviceLink): void {
    this.#releases.queue({
      name: `device_link_release_fn(${String(link.name)})`,
      run: () => {
        link.consumer.put();
        link.supplier.put();
      },
    });
  }

  /** A supplier whose sync_state may be due: queued on `list`, or deferred until sync_state calls are resumed. */
  queueOrDefer(supplier: Device, list: Device[]): void {
    if (this.#pauses === 0) queueSyncState(supplier, list);
    else if (devHasSyncState(supplier) && !this.#deferred.includes(supplier)) this.#deferred.push(supplier);
  }

  /** @see drivers/base/core.c device_links_driver_cleanup */
  forget(supplier: Device): void {
    if (this.#deferred.length > 0) this.#deferred = this.#deferred.filter((dev) => dev !== supplier);
  }

  /** No sync_state is called from now on. @see drivers/base/core.c device_links_supplier_sync_state_pause */
  pauseSyncState(): void {
    this.#pauses++;
  }

  /** Ends one pause; after the last, what became due is called. @see device_links_supplier_sync_state_resume */
  resumeSyncState(): MaySleep<void> {
    if (this.#pauses === 0) {
      this.#kernel.warn('Unmatched sync_state pause/resume!');
      return undefined;
    }
    if (--this.#pauses > 0) return undefined;
    const list: Device[] = [];
    for (const dev of this.#deferred.splice(0)) queueSyncState(dev, list);
    return flushSyncList(list, null);
  }
}

/** @see include/linux/device.h dev_has_sync_state */
export function devHasSyncState(dev: Device): boolean {
  return dev.bus?.type.syncState !== undefined || dev.driver?.def.syncState !== undefined;
}

/**
 * Puts a supplier on a list to have its sync_state called, if all that track it are bound; at most once.
 *
 * @see drivers/base/core.c __device_links_queue_sync_state
 */
function queueSyncState(dev: Device, list: Device[]): void {
  if (!devHasSyncState(dev) || dev.stateSynced) return;
  if (dev.consumers.some((link) => link.has(DL_FLAG.MANAGED) && link.status !== 'active')) return;
  dev.stateSynced = true;
  dev.get();
  list.push(dev);
}

/** Calls sync_state: the bus's, else the driver's. @see drivers/base/core.c device_links_flush_sync_list */
export function flushSyncList(list: readonly Device[], locked: Device | null): MaySleep<void> {
  if (list.length === 0) return undefined;
  return each(list, (dev) => syncState(dev, dev === locked));
}

async function syncState(dev: Device, isLocked: boolean): Promise<void> {
  const { bus, driver, kernel } = dev;
  if (!isLocked) await dev.lock();
  const where = (): string => `device_links_flush_sync_list: device ${String(dev.name)}`;
  await guardVoid(kernel.world, where, () => (bus?.type.syncState ?? driver?.def.syncState)?.(dev));
  if (!isLocked) dev.unlock();
  dev.put();
}
