import type { Device } from './device';

/** @see drivers/base/power/main.c device_pm_add */
export function devicePmAdd(dev: Device): void {
  dev.knodeDpm = dev.kernel.dpmList.addTail(dev);
}

/** @see drivers/base/power/main.c device_pm_remove */
export function devicePmRemove(dev: Device): void {
  if (dev.knodeDpm !== null) dev.kernel.dpmList.del(dev.knodeDpm);
  dev.knodeDpm = null;
}

/** Puts a device last in the list that shutdown walks. @see drivers/base/core.c devices_kset_move_last */
function devicesKsetMoveLast(dev: Device): void {
  if (dev.ksetEntry !== null) dev.kernel.devicesKset.list.moveTail(dev.ksetEntry);
}

/**
 * Puts a device and all below it last for suspend and shutdown, so that they come after what they were waiting for.
 *
 * @see drivers/base/core.c device_pm_move_to_tail, device_reorder_to_tail
 */
export function devicePmMoveToTail(dev: Device): void {
  if (dev.isRegistered) devicesKsetMoveLast(dev);
  if (dev.knodeDpm !== null) dev.kernel.dpmList.moveTail(dev.knodeDpm);
  for (const child of dev.children()) devicePmMoveToTail(child);
}
