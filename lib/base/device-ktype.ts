import type { KobjType } from '../kobject/kobject';
import type { MayNotSleep } from '../may-sleep';
import type { Device } from './device';

/**
 * Managed resources first, then the device's own release, else the type's, else the class's.
 *
 * @see drivers/base/core.c device_release
 */
function deviceRelease(dev: Device): MayNotSleep {
  dev.devres?.releaseAll();
  const { kernel, type } = dev;
  const release = dev.release as ((d: Device) => MayNotSleep) | undefined;
  let result: MayNotSleep;
  if (release !== undefined) result = release(dev);
  else if (type?.release !== undefined) result = type.release(dev);
  else if (dev.class?.type.devRelease !== undefined) result = dev.class.type.devRelease(dev);
  kernel.noteReleased(dev);
  return result;
}

/** @see drivers/base/core.c device_ktype */
export const deviceKtype: KobjType<Device> = { name: 'device_ktype', release: deviceRelease };
