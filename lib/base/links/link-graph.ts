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
  return isDependent(dev, target, new Set());
}

/** @param seen devices from which no way leads to the target */
function isDependent(dev: Device, target: Device, seen: Set<Device>): boolean {
  if (dev === target || isAncestor(dev, target)) return true;
  if (seen.has(dev)) return false;
  seen.add(dev);
  for (const child of dev.children()) if (isDependent(child, target, seen)) return true;
  for (const { consumer, flags } of dev.consumers) {
    if (!isSyncStateOnly(flags) && isDependent(consumer, target, seen)) return true;
  }
  return false;
}
