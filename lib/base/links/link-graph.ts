import type { Device } from '../device';
import { isSyncStateOnly } from './flags';

/** The device itself and the devices above it up to the top. */
function isAncestor(dev: Device, target: Device): boolean {
  for (let above = target.parent; above !== null; above = above.parent) if (above === dev) return true;
  return false;
}

/**
 * Does `target` depend on `dev`: is it `dev`, below it, a consumer of it, or one of these of such a device?
 *
 * @see drivers/base/core.c device_is_dependent
 */
export function deviceIsDependent(dev: Device, target: Device): boolean {
  if (dev === target || isAncestor(dev, target)) return true;
  for (const child of dev.children()) if (deviceIsDependent(child, target)) return true;
  for (const link of dev.consumers) {
    if (isSyncStateOnly(link.flags)) continue;
    if (link.consumer === target || deviceIsDependent(link.consumer, target)) return true;
  }
  return false;
}
