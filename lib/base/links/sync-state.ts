import { each, type MaySleep } from '../../may-sleep';
import { isPending } from '../../may-sleep';
import type { Device } from '../device';
import { guardVoid } from '../guard';
import { DL_FLAG } from './flags';

/** @see include/linux/device.h dev_has_sync_state */
export function devHasSyncState(dev: Device): boolean {
  return dev.bus?.type.syncState !== undefined || dev.driver?.def.syncState !== undefined;
}

/**
 * Puts a supplier on a list to have its sync_state called, if all that track it are bound; at most once.
 *
 * @see drivers/base/core.c __device_links_queue_sync_state
 */
export function queueSyncState(dev: Device, list: Device[]): void {
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
  const called = guardVoid(kernel.world, where, () => (bus?.type.syncState ?? driver?.def.syncState)?.(dev));
  if (isPending(called)) await called;
  if (!isLocked) dev.unlock();
  dev.put();
}
