import { devMessage } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { Ida } from '../../../lib/ida';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { platformBus } from './bus';
import { PLATFORM_DEVID_AUTO, PLATFORM_DEVID_NONE, PlatformDevice, type PlatformDeviceInit } from './device';
import {
  formatResource,
  insertResource,
  IORESOURCE,
  iomemResource,
  ioportResource,
  releaseResource,
  type Resource,
} from './resource';

/** @see drivers/base/platform.c platform_devid_ida */
const platformDevidIda = (): Ida => new Ida();

/**
 * Names a device, inserts its resources and adds it.
 *
 * @returns 0; -EBUSY for a resource that collides; the error of device_add. All resources are released again, an
 *   allocated number is free
 * @see drivers/base/platform.c platform_device_add
 */
export function platformDeviceAdd(dev: PlatformDevice): MaySleep<number> {
  setName(dev);
  for (const [index, res] of dev.resources.entries()) {
    const error = claim(dev, res);
    if (error === 0) continue;
    dev.kernel.log.err(devMessage(dev, `failed to claim resource ${String(index)}: ${formatResource(res)}`));
    giveUp(dev);
    return error;
  }
  return andThen(dev.kernel.ops.deviceAdd(dev), (error) => {
    if (error !== 0) giveUp(dev);
    return error;
  });
}

function setName(dev: PlatformDevice): void {
  if (dev.platformId === PLATFORM_DEVID_NONE) dev.name = clean(dev.platformName);
  else if (dev.platformId !== PLATFORM_DEVID_AUTO) dev.name = clean(`${dev.platformName}.${String(dev.platformId)}`);
  else {
    dev.platformId = dev.kernel.stateOf(platformDevidIda).alloc();
    dev.idAuto = true;
    dev.name = clean(`${dev.platformName}.${String(dev.platformId)}.auto`);
  }
}

function clean(name: string): string {
  return name.replaceAll('/', '!');
}

/** Interrupts have no tree. */
function claim(dev: PlatformDevice, res: Resource): number {
  res.name ??= dev.name;
  const type = res.flags & IORESOURCE.TYPE_BITS;
  if (type === IORESOURCE.MEM) return insertResource(iomemResource(dev.kernel), res);
  return type === IORESOURCE.IO ? insertResource(ioportResource(dev.kernel), res) : 0;
}

function giveUp(dev: PlatformDevice): void {
  if (dev.idAuto) {
    dev.kernel.stateOf(platformDevidIda).free(dev.platformId);
    dev.platformId = PLATFORM_DEVID_AUTO;
    dev.idAuto = false;
  }
  for (const res of dev.resources) releaseResource(res);
}

/**
 * Makes and adds a device.
 *
 * @throws ErrnoError EBUSY for a resource that collides, EEXIST for a name that is taken, and as device_add; nothing is
 *   left behind
 * @see drivers/base/platform.c platform_device_register_full
 */
export function platformDeviceRegister(kernel: Kernel, init: PlatformDeviceInit): MaySleep<PlatformDevice> {
  const dev = new PlatformDevice(kernel, platformBus, init);
  const add = (): MaySleep<number> =>
    andThen(platformDeviceAdd(dev), (error) => {
      if (error !== 0) dev.put();
      return error;
    });
  return kernel.query('platform_device_add', init.name, add, () => dev);
}

/**
 * Unregisters a device: its driver is unbound, its resources and its number are free.
 *
 * @see drivers/base/platform.c platform_device_unregister
 */
export function platformDeviceUnregister(dev: PlatformDevice): MaySleep<void> {
  return andThen(dev.del(), () => {
    giveUp(dev);
    dev.put();
  });
}
