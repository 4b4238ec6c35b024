import type { Device } from './device';
import { isSyncStateOnly } from './links/flags';

/** Puts a device last in the list that shutdown walks. @see drivers/base/core.c devices_kset_move_last */
export function devicesKsetMoveLast(dev: Device): void {
  if (dev.ksetEntry !== null) dev.kernel.devicesKset.list.moveTail(dev.ksetEntry);
}

/**
 * Puts a device, all below it and all that depends on it last for suspend and shutdown, so that they come after what
 * they need.
 *
 * @see drivers/base/core.c device_reorder_to_tail
 */
export function deviceReorderToTail(dev: Device): void {
  if (dev.isRegistered) devicesKsetMoveLast(dev);
  dev.kernel.dpm.moveLast(dev);
  for (const child of dev.children()) deviceReorderToTail(child);
  for (const link of dev.consumers) if (!isSyncStateOnly(link.flags)) deviceReorderToTail(link.consumer);
}
