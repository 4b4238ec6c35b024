import type { KobjType } from '../kobject/kobject';
import type { Device } from './device';

/**
 * Managed resources first, then the device's own release, else the type's, else the class's.
 *
 * @see drivers/base/core.c device_release
 */
function deviceRelease(dev: Device): void {
  dev.devres?.releaseAll();
  const { kernel, type } = dev;
  const release = dev.release as ((d: Device) => void) | undefined;
  if (release !== undefined) release(dev);
  else if (type?.release !== undefined) type.release(dev);
  else if (dev.class?.type.devRelease !== undefined) dev.class.type.devRelease(dev);
  kernel.noteReleased(dev);
}

/** @see drivers/base/core.c device_ktype */
export const deviceKtype: KobjType<Device> = { name: 'device_ktype', release: deviceRelease };
