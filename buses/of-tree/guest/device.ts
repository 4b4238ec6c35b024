import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { MaySleep } from '../../../lib/may-sleep';
import type { DeviceNode } from './node';
import type { Resource } from './resource';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import type { OfDeviceId } from './of';

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
  constructor(kernel: Kernel, bus: BusType<PlatformDevice, PlatformDriver>, init: PlatformDeviceInit) {
    super(kernel, { bus, parent: init.parent ?? platformRoot(kernel), release: () => undefined });
    this.platformName = init.name;
    this.platformId = init.id ?? PLATFORM_DEVID_NONE;
    this.resources = init.resources ?? [];
    this.ofNode = init.ofNode ?? null;
    this.platformData = init.platformData;
  }
}

/** /sys/devices/platform: the parent of devices that have none. @see drivers/base/platform.c platform_bus */
export function platformRoot(kernel: Kernel): Device {
  return kernel.stateOf(makeRoot);
}

function makeRoot(kernel: Kernel): Device {
  return new Device(kernel, { name: 'platform', release: () => undefined });
}

/** @see include/linux/mod_devicetable.h struct platform_device_id */
export interface PlatformDeviceId {
  readonly name: string;
  readonly driverData?: unknown;
}

/**
 * What binds to platform devices.
 *
 * @see include/linux/platform_device.h struct platform_driver
 */
export interface PlatformDriver extends DeviceDriver<PlatformDevice> {
  readonly ofMatchTable?: readonly OfDeviceId[];
  /** With a table the driver's own name does not match any more. */
  readonly idTable?: readonly PlatformDeviceId[];
  /** Like `remove`, with the former result of type int, which is ignored with a warning. `remove` takes precedence. */
  removeOld?(dev: PlatformDevice): MaySleep<number>;
  /** EPROBE_DEFER from probe becomes ENXIO. */
  readonly preventDeferredProbe?: boolean;
}
