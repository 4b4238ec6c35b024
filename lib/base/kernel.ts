import { DeferredProbe } from './deferred';
import { deviceUeventOps } from './device-uevent';
import { KernelCore, type KernelOptions } from './kernel-core';
import { devlinkClass, devlinkInterface } from './links/device-link';
import { FwDevlink } from './links/fw-devlink';
import { DeviceLinks } from './links/links';
import { ops } from './ops';
import type { World } from '../world/world';

export type { KernelOptions } from './kernel-core';

/**
 * One guest's driver core: objects, /sys, events, buses, classes, drivers, log.
 *
 * @see drivers/base/init.c driver_init
 */
export class Kernel extends KernelCore {
  readonly ops = ops;
  readonly deferred: DeferredProbe;
  readonly links: DeviceLinks;
  readonly fwDevlink: FwDevlink;

  constructor(world: World, options: KernelOptions = {}) {
    super(world, options);
    const booting = options.booting === true;
    this.deferred = new DeferredProbe(this);
    this.links = new DeviceLinks(this);
    this.fwDevlink = new FwDevlink(this, options.fwDevlink ?? 'on', !booting);
    // The core's own attributes, which guard their callbacks themselves.
    this.devicesKset.ueventOps = deviceUeventOps;
    devlinkClassInit(this);
    if (!booting) this.deferred.enable();
  }
}

/** @see drivers/base/core.c devlink_class_init */
function devlinkClassInit(kernel: KernelCore): void {
  const cls = ops.classRegister(kernel, devlinkClass);
  if (typeof cls !== 'number') cls.interfaces.push(devlinkInterface);
}
