import { kobjectUevent } from '../kobject/uevent';
import { andThen, ignoreResult, isPending, type MaySleep } from '../may-sleep';
import { notifyBus } from './bus';
import { deviceRemoveGroups } from './device-attrs';
import { devMessage, type Device } from './device';
import type { Driver } from './driver';
import { driverSysfsRemove } from './driver-sysfs';
import { guardVoid, refusal } from './guard';
import { deviceLinksBusy, deviceLinksDriverCleanup, deviceLinksUnbindConsumers } from './links/link-states';
import { removeStateSynced } from './state-synced';
import { climb, descent } from './steps';
import { whileIn } from '../world/foreign-wait';

/** Clears the driver's data of the device. @see drivers/base/dd.c device_unbind_cleanup */
export function deviceUnbindCleanup(dev: Device): void {
  dev.devres?.releaseAll();
  dev.driver = null;
  if (dev.drvdata !== null) dev.drvdata = null;
}

/**
 * The driver's files go, then its remove is called: the bus's, else its own.
 *
 * @see drivers/base/dd.c device_remove
 */
export function deviceRemove(dev: Device): MaySleep<void> {
  return andThen(andThen(removeStateSynced(dev), removeDriverFiles, dev), callRemove, dev);
}

function removeDriverFiles(_: void, dev: Device): MaySleep<void> {
  return deviceRemoveGroups(dev, dev.driver?.def.devGroups);
}

function callRemove(_: void, dev: Device): MaySleep<void> {
  const { bus, driver, kernel } = dev;
  if (driver === null) return undefined;
  if (kernel.trace.on)
    kernel.trace.emit({ kind: 'remove', fn: 'device_remove', drv: driver.def.name, dev: dev.name ?? '', ret: 0 });
  try {
    const done = bus?.type.remove !== undefined ? bus.type.remove(dev) : driver.def.remove?.(dev);
    return isPending(done) ? removePending(dev, done) : undefined;
  } catch (error) {
    return removeRefused(dev, error);
  }
}

function removePending(dev: Device, done: Promise<void>): Promise<void> {
  const callback = { what: () => `remove of ${String(dev.name)}`, isOwn: true };
  return whileIn(
    dev.kernel.world,
    callback,
    done,
    () => undefined,
    (error) => removeRefused(dev, error),
  );
}

/** Remove cannot refuse: what it throws is in the log, and changes nothing. */
function removeRefused(dev: Device, error: unknown): void {
  const where = (): string => `device_remove: driver ${dev.driver?.def.name ?? ''}, device ${String(dev.name)}`;
  const no = refusal(dev.kernel.world, where, error);
  dev.kernel.log.err(devMessage(dev, `remove failed with error ${String(no)}`));
}

/** @see include/linux/device/bus.h struct bus_type dma_cleanup */
export function dmaCleanup(dev: Device): MaySleep<void> {
  const { bus, kernel } = dev;
  if (bus?.type.dmaCleanup === undefined) return undefined;
  const where = (): string => `dma_cleanup: bus ${bus.type.name}, device ${String(dev.name)}`;
  return guardVoid(kernel.world, where, () => bus.type.dmaCleanup?.(dev));
}

interface Release {
  readonly dev: Device;
  readonly drv: Driver;
}

export const RELEASE = descent<Release>('__device_release_driver', [
  { name: 'driver_sysfs_remove', cannotFail: true, do: ({ dev }) => driverSysfsRemove(dev) },
  { name: 'BUS_NOTIFY_UNBIND_DRIVER', cannotFail: true, do: ({ dev }) => notifyBus(dev, 'unbind-driver') },
  {
    name: 'device_remove',
    do: ({ dev }) => deviceRemove(dev),
    fail: ({ dev }, error) => andThen(deviceRemove(dev), () => error),
  },
  {
    name: 'dma_cleanup',
    do: ({ dev }) => dmaCleanup(dev),
    fail: ({ dev }, error) => andThen(dmaCleanup(dev), () => error),
  },
  { name: 'device_unbind_cleanup', cannotFail: true, do: ({ dev }) => deviceUnbindCleanup(dev) },
  { name: 'device_links_driver_cleanup', cannotFail: true, do: ({ dev }) => deviceLinksDriverCleanup(dev) },
  { name: 'klist_remove', cannotFail: true, do: ({ dev, drv }) => leaveDriverList(dev, drv) },
  { name: 'BUS_NOTIFY_UNBOUND_DRIVER', cannotFail: true, do: ({ dev }) => notifyBus(dev, 'unbound-driver') },
  { name: 'kobject_uevent(unbind)', cannotFail: true, do: ({ dev }) => void kobjectUevent(dev, 'unbind') },
]);

function leaveDriverList(dev: Device, drv: Driver): MaySleep<void> {
  const node = dev.knodeDriver;
  dev.knodeDriver = null;
  return node === null ? undefined : drv.klistDevices.remove(node, dev.kernel.world, drv.def.name);
}

/**
 * The device stays registered; only its driver goes, after the drivers of all that depends on it. The caller holds the
 * lock, which is given up while they go.
 *
 * @see drivers/base/dd.c __device_release_driver
 */
function __deviceReleaseDriver(dev: Device, parent: Device | null): MaySleep<void> {
  const drv = dev.driver;
  if (drv === null) return undefined;
  if (deviceLinksBusy(dev)) return releaseConsumersFirst(dev, drv, parent);
  return andThen(climb(RELEASE, { dev, drv }), ignoreResult);
}

async function releaseConsumersFirst(dev: Device, drv: Driver, parent: Device | null): Promise<void> {
  __deviceDriverUnlock(dev, parent);
  await deviceLinksUnbindConsumers(dev, (consumer) => deviceReleaseDriverInternal(consumer, null, consumer.parent));
  await __deviceDriverLock(dev, parent);
  if (dev.driver === drv) await __deviceReleaseDriver(dev, parent);
}

/** @see drivers/base/dd.c driver_allows_async_probing */
export function driverAllowsAsyncProbing(drv: Driver): boolean {
  return drv.def.probeType === 'prefer-asynchronous';
}

/** Takes the lock of the parent too, if the bus needs it. @see drivers/base/dd.c __device_driver_lock */
export function __deviceDriverLock(dev: Device, parent: Device | null): MaySleep<void> {
  if (parent === null || dev.bus?.type.needParentLock !== true) return dev.lock();
  return andThen(parent.lock(), () => dev.lock());
}

/** @see drivers/base/dd.c __device_driver_unlock */
export function __deviceDriverUnlock(dev: Device, parent: Device | null): void {
  dev.unlock();
  if (parent !== null && dev.bus?.type.needParentLock === true) parent.unlock();
}

/**
 * Unbinds a device; given a driver, only if it is that one.
 *
 * @see drivers/base/dd.c device_release_driver_internal
 */
function deviceReleaseDriverInternal(dev: Device, drv: Driver | null, parent: Device | null): MaySleep<void> {
  const released = andThen(__deviceDriverLock(dev, parent), releaseLocked, dev, drv, parent);
  return andThen(released, unlockReleased, dev, parent);
}

function releaseLocked(_: void, dev: Device, drv: Driver | null, parent: Device | null): MaySleep<void> {
  return drv === null || drv === dev.driver ? __deviceReleaseDriver(dev, parent) : undefined;
}

function unlockReleased(_: void, dev: Device, parent: Device | null): void {
  __deviceDriverUnlock(dev, parent);
}

/** @see drivers/base/dd.c device_release_driver */
export function deviceReleaseDriver(dev: Device): MaySleep<void> {
  return deviceReleaseDriverInternal(dev, null, null);
}

/** @see drivers/base/dd.c device_driver_detach */
export function deviceDriverDetach(dev: Device): MaySleep<void> {
  return deviceReleaseDriverInternal(dev, null, dev.parent);
}

/** Unbinds all devices of a driver, the last bound first. @see drivers/base/dd.c driver_detach */
export async function driverDetach(drv: Driver): Promise<void> {
  if (driverAllowsAsyncProbing(drv)) await drv.kernel.async.synchronizeFull();
  for (let dev = drv.klistDevices.last(); dev !== undefined; dev = drv.klistDevices.last()) {
    dev.get();
    const released = deviceReleaseDriverInternal(dev, drv, dev.parent);
    if (isPending(released)) await released;
    dev.put();
  }
}
