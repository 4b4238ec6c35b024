import { NO_RUNTIME_PM, type RuntimePm } from '../../../lib/base/power/runtime-pm';
import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import type { MaySleep } from '../../../lib/may-sleep';
import type { DeviceNode } from './node';
import { releaseResource, type Resource } from './resource';

/**
 * Identification of a CoreSight component beyond its peripheral id.
 *
 * @see include/linux/amba/bus.h struct amba_cs_uci_id
 */
export interface AmbaCsUciId {
  readonly devarch: number;
  /** 0: neither is looked at. */
  readonly devarchMask: number;
  readonly devtype: number;
}

/** One line of a driver's table. A mask of 0 ends the table. @see include/linux/mod_devicetable.h struct amba_id */
export interface AmbaId {
  readonly id: number;
  readonly mask: number;
  /** For a CoreSight component: this must match too. */
  readonly data?: AmbaCsUciId;
}

/** @see include/linux/amba/bus.h struct amba_driver */
export interface AmbaDriver extends DeviceDriver<AmbaDevice> {
  readonly idTable: readonly AmbaId[];
  /**
   * Binds to the device; a driver without probe cannot be registered.
   *
   * @param id the matching entry of the table; null with driver_override
   */
  probe?(dev: AmbaDevice, id?: AmbaId | null): MaySleep<number | void>;
}

/** What an amba device is made of. */
export interface AmbaDeviceInit {
  readonly name: string;
  readonly parent: Device;
  readonly res: Resource;
  readonly ofNode?: DeviceNode | null;
  /** When the firmware knows better than the device. */
  readonly periphid?: number;
}

/** A PrimeCell: its peripheral id is at the end of its window. @see include/linux/amba/bus.h struct amba_device */
export class AmbaDevice extends Device {
  readonly res: Resource;
  override readonly ofNode: DeviceNode | null;
  /** 0 while it is not known. */
  periphid: number;
  /** How it signs; 0 while that is not known. */
  cid = 0;
  /** Further identification of a CoreSight component. */
  uci: { readonly devarch: number; readonly devtype: number } = { devarch: 0, devtype: 0 };
  /** Its interrupts, read from the node when a driver is probed; 0 for a missing one. */
  irq: readonly number[] = [];

  constructor(
    kernel: Kernel,
    bus: BusType<AmbaDevice, AmbaDriver>,
    { name, parent, res, ofNode, periphid }: AmbaDeviceInit,
  ) {
    super(kernel, { name, bus, parent, release: (dev: AmbaDevice) => releaseResource(dev.res) });
    this.res = res;
    this.ofNode = ofNode ?? null;
    this.periphid = periphid ?? 0;
  }

  /** The bus enables it for a driver. @see drivers/amba/bus.c amba_probe */
  override get runtimePm(): RuntimePm {
    return this.driver === null ? NO_RUNTIME_PM : { ...NO_RUNTIME_PM, isEnabled: true, usage: 1 };
  }
}
