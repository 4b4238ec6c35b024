import { Device, devMessage } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { Ida } from '../../../lib/ida';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { platformBus, platformRoot } from './bus';
import type { DeviceNode } from './node';
import {
  formatResource,
  insertResource,
  IORESOURCE,
  iomemResource,
  ioportResource,
  releaseResource,
  type Resource,
} from './resource';

/** What a platform device is made of. @see include/linux/platform_device.h struct platform_device_info */
export interface PlatformDeviceInit {
  /** The name that drivers match; with the id it is the device's name. */
  readonly name: string;
  /** Instance; {@link PLATFORM_DEVID_NONE} (default): the only one; {@link PLATFORM_DEVID_AUTO}: any free number. */
  readonly id?: number;
  readonly parent?: Device | null;
  readonly resources?: readonly Resource[];
  readonly ofNode?: DeviceNode | null;
  /** For the driver. @see struct device platform_data */
  readonly platformData?: unknown;
}

/** @see include/linux/platform_device.h */
export const PLATFORM_DEVID_NONE = -1;
/** As id: a free number is chosen, and the name ends in `.auto`. */
export const PLATFORM_DEVID_AUTO = -2;

/** @see drivers/base/platform.c platform_devid_ida */
const platformDevidIda = (): Ida => new Ida();

/**
 * A device on the platform bus.
 *
 * @see include/linux/platform_device.h struct platform_device
 */
export class PlatformDevice extends Device {
  platformName: string;
  platformId: number;
  idAuto = false;
  readonly resources: readonly Resource[];
  override readonly ofNode: DeviceNode | null;
  readonly platformData: unknown;

  /** Made, not added. @see drivers/base/platform.c platform_device_alloc */
  constructor(kernel: Kernel, init: PlatformDeviceInit) {
    super(kernel, { bus: platformBus, parent: init.parent ?? platformRoot(kernel), release: () => undefined });
    this.platformName = init.name;
    this.platformId = init.id ?? PLATFORM_DEVID_NONE;
    this.resources = init.resources ?? [];
    this.ofNode = init.ofNode ?? null;
    this.platformData = init.platformData;
  }
}

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
  const dev = new PlatformDevice(kernel, init);
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
