import { EBUSY, EPERM } from '../errno';
import { kobjectUevent } from '../kobject/uevent';
import { kstrtobool } from '../kstrtox';
import type { MaySleep } from '../may-sleep';
import { attrRw } from '../sysfs/attribute';
import type { Device } from './device';
import { guard } from './guard';

/** @see drivers/base/base.h device_supports_offline */
export function deviceSupportsOffline(dev: Device): boolean {
  return dev.bus?.type.online !== undefined && dev.bus.type.offline !== undefined;
}

/** @see drivers/base/core.c device_check_offline */
function checkOffline(dev: Device): number {
  for (const child of dev.children()) {
    const error = checkOffline(child);
    if (error !== 0) return error;
  }
  return deviceSupportsOffline(dev) && !dev.offline ? -EBUSY : 0;
}

/**
 * Takes a device out of use, if its bus can do that.
 *
 * @returns 0; 1 when it is offline already; -EPERM when that is forbidden; -EBUSY when something below is online; the
 *   error of the bus
 * @see drivers/base/core.c device_offline
 */
export async function deviceOffline(dev: Device): Promise<number> {
  if (dev.offlineDisabled) return -EPERM;
  for (const child of dev.children()) {
    const error = checkOffline(child);
    if (error !== 0) return error;
  }
  return change(dev, true, () => dev.bus?.type.offline?.(dev));
}

/** @returns 0; 1 when it is online already; the error of the bus @see drivers/base/core.c device_online */
export async function deviceOnline(dev: Device): Promise<number> {
  return change(dev, false, () => dev.bus?.type.online?.(dev));
}

async function change(dev: Device, offline: boolean, ask: () => MaySleep<number | void>): Promise<number> {
  await dev.lock();
  const result = deviceSupportsOffline(dev) ? await askBus(dev, offline, ask) : 0;
  dev.unlock();
  return result;
}

async function askBus(dev: Device, offline: boolean, ask: () => MaySleep<number | void>): Promise<number> {
  if (dev.offline === offline) return 1;
  const where = (): string => `device_${offline ? 'offline' : 'online'}: device ${String(dev.name)}`;
  const error = await guard(dev.kernel.world, where, ask);
  if (error !== 0) return error;
  kobjectUevent(dev, offline ? 'offline' : 'online');
  dev.offline = offline;
  return 0;
}

/** The file `online`. @see drivers/base/core.c online_show, online_store */
export const devAttrOnline = attrRw<Device>(
  'online',
  async (dev) => {
    await dev.lock();
    const text = dev.offline ? '0\n' : '1\n';
    dev.unlock();
    return text;
  },
  async (dev, text) => {
    const online = kstrtobool(text);
    if (typeof online === 'number') return online;
    const result = online ? await deviceOnline(dev) : await deviceOffline(dev);
    return result < 0 ? result : undefined;
  },
);
