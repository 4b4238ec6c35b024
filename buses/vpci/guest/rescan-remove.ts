import { errnoOf } from '../../../lib/errno';
import type { MaySleep } from '../../../lib/may-sleep';
import type { PciHostBridge } from './device';

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
