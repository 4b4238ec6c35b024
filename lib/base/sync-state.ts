import { after, type MaySleep } from '../may-sleep';
import { attrRo } from '../sysfs';
import type { Device } from './device';
import { guard } from './guard';

/** @see include/linux/device.h dev_has_sync_state */
export function devHasSyncState(dev: Device): boolean {
  return dev.driver?.def.syncState !== undefined || dev.bus?.type.syncState !== undefined;
}

/** The file `state_synced`. @see drivers/base/dd.c state_synced_show */
const devAttrStateSynced = attrRo<Device>('state_synced', (dev) =>
  after(dev.lock(), () => {
    const synced = dev.stateSynced;
    dev.unlock();
    return `${synced ? '1' : '0'}\n`;
  }),
);

export function addStateSynced(dev: Device): number {
  return devHasSyncState(dev) ? (dev.sd?.addFile(devAttrStateSynced) ?? 0) : 0;
}

/** Whoever made a file of that name: the kernel removes it by name. @see drivers/base/dd.c device_remove */
export function removeStateSynced(dev: Device): MaySleep<void> {
  return dev.sd?.removeName(devAttrStateSynced.name);
}

/**
 * Tells the bus, else the driver, that all consumers of a device are bound: once in the device's life.
 *
 * @see drivers/base/core.c __device_links_queue_sync_state, device_links_flush_sync_list
 */
export function syncState(dev: Device): MaySleep<void> {
  const { bus, driver, kernel } = dev;
  if (!devHasSyncState(dev) || dev.stateSynced) return undefined;
  dev.stateSynced = true;
  const where = (): string => `device_links_flush_sync_list: device ${String(dev.name)}`;
  const told = guard(kernel.world, where, () => {
    if (bus?.type.syncState !== undefined) return bus.type.syncState(dev);
    return driver?.def.syncState?.(dev);
  });
  return after(told, () => undefined);
}
