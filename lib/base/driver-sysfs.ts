import { andThen, type MaySleep } from '../may-sleep';
import type { LinkSlot } from '../sysfs/dir';
import { notifyBus } from './bus';
import type { Device } from './device';

const DRIVER_LINK: LinkSlot = {
  kind: 'link',
  name: 'driver',
  target: (dir) => (dir.owner as Device).driver?.sd ?? null,
};

/**
 * Calls the notifiers and makes the two links between a device and its driver.
 *
 * @returns 0, or -EEXIST when a link's name is taken; no link is left behind
 * @see drivers/base/dd.c driver_sysfs_add
 */
export function driverSysfsAdd(dev: Device): MaySleep<number> {
  return andThen(notifyBus(dev, 'bind-driver'), addLinks, dev);
}

function addLinks(_: void, dev: Device): number {
  const { driver, sd } = dev;
  const error = driver?.links.add(dev) ?? 0;
  if (error !== 0) return error;
  const linkError = sd?.addFixedLink(DRIVER_LINK) ?? 0;
  if (linkError !== 0) driver?.links.remove(dev);
  return linkError;
}

/** @see drivers/base/dd.c driver_sysfs_remove */
export function driverSysfsRemove(dev: Device): void {
  if (dev.driver === null) return;
  dev.driver.links.remove(dev);
  void dev.sd?.removeName('driver');
}
