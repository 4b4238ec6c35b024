import { andThen, type MaySleep } from '../may-sleep';
import { attrRo } from '../sysfs/attribute';
import type { Device } from './device';
import { devHasSyncState } from './links/links';

/** The file `state_synced`. @see drivers/base/dd.c state_synced_show */
const devAttrStateSynced = attrRo<Device>('state_synced', (dev) =>
  andThen(dev.lock(), () => {
    const synced = dev.stateSynced;
    dev.unlock();
    return `${synced ? '1' : '0'}\n`;
  }),
);

export function addStateSynced(dev: Device): number {
  return devHasSyncState(dev) ? (dev.sd?.addFile(devAttrStateSynced) ?? 0) : 0;
}

/** Removed by name, as the kernel does, whatever created a file of that name. @see drivers/base/dd.c device_remove */
export function removeStateSynced(dev: Device): MaySleep<void> {
  return dev.sd?.removeName(devAttrStateSynced.name);
}
