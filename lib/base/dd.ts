import { EAGAIN, EBUSY, ENODEV, EPROBE_DEFER } from '../errno';
import { nameOf } from '../kobject/kobject';
import { andThen, type MaySleep } from '../may-sleep';
import { busForEachCandidate, busForEachCandidateDev, notifyBus } from './bus';
import { devErrProbe } from './dev-err-probe';
import { devMessage, type Device } from './device';
import type { Driver } from './driver';
import { driverSysfsAdd } from './driver-sysfs';
import { callAtomic, refusal } from './guard';
import { deviceLinksForceBind } from './links/link-states';
import { driverBound, reallyProbe } from './really-probe';
import { __deviceDriverLock, __deviceDriverUnlock, driverAllowsAsyncProbing } from './release-driver';

/**
 * Asks the bus whether a driver may handle a device; without a match callback every driver may.
 *
 * @see drivers/base/base.h driver_match_device
 */
export function driverMatchDevice(drv: Driver, dev: Device): number {
  const { type } = drv.bus;
  if (type.match === undefined) return 1;
  const ret = callMatch(drv, dev);
  const { trace } = dev.kernel;
  if (trace.on)
    trace.emit({ kind: 'match', fn: 'driver_match_device', bus: type.name, drv: drv.def.name, dev: nameOf(dev), ret });
  return ret;
}

/** {@link callAtomic} without its closures: a device of a bus with a thousand drivers goes through this as often. */
function callMatch(drv: Driver, dev: Device): number {
  const { world } = dev.kernel;
  let ret: number | boolean | undefined;
  world.atomicDepth++;
  try {
    ret = drv.bus.type.match?.(dev, drv);
  } catch (error) {
    world.atomicDepth--;
    return matchThrew(drv, dev, error);
  }
  world.atomicDepth--;
  if (world.sleptOn !== null || typeof ret === 'object') return matchSlept(drv, dev, ret);
  return typeof ret === 'number' ? ret : ret === false ? 0 : 1;
}

function matchThrew(drv: Driver, dev: Device, error: unknown): number {
  dev.kernel.world.sleptOn = null;
  return refusal(dev.kernel.world, () => whereMatch(drv, dev), error);
}

function matchSlept(drv: Driver, dev: Device, result: unknown): number {
  const where = (): string => whereMatch(drv, dev);
  try {
    return Number(callAtomic(dev.kernel, where, () => result));
  } catch (error) {
    return matchThrew(drv, dev, error);
  }
}

function whereMatch(drv: Driver, dev: Device): string {
  return `driver_match_device: driver ${drv.def.name}, device ${nameOf(dev)}`;
}

/** A match that returned a negative number. @see drivers/base/dd.c __device_attach_driver, __driver_attach */
function matchRefused(dev: Device, ret: number): void {
  if (ret !== -EPROBE_DEFER) {
    dev.kernel.log.dbg(() => devMessage(dev, `Bus failed to match device: ${String(ret)}`));
    return;
  }
  dev.kernel.log.dbg(() => devMessage(dev, 'Device match requests probe deferral'));
  dev.canMatch = true;
  dev.kernel.deferred.add(dev);
}

/** @see drivers/base/dd.c __driver_probe_device */
function __driverProbeDevice(drv: Driver, dev: Device): MaySleep<number> {
  if (dev.dead || !dev.isRegistered) return -ENODEV;
  if (dev.driver !== null) return -EBUSY;
  if (!dev.readyToProbe) return devErrProbe(dev, -EPROBE_DEFER, 'Device not ready to probe');
  dev.canMatch = true;
  return reallyProbe(dev, drv);
}

/**
 * Tries to bind; a device whose probe is deferred is added to the list of deferred probes.
 *
 * @returns as really_probe; also -ENODEV for a device that is not registered, -EBUSY for one that has a driver
 * @see drivers/base/dd.c driver_probe_device
 */
function driverProbeDevice(drv: Driver, dev: Device): MaySleep<number> {
  const { triggerCount } = dev.kernel.deferred;
  dev.kernel.probeStarted();
  return andThen(__driverProbeDevice(drv, dev), deferOrEnd, dev, triggerCount);
}

/** A supplier may have come while the driver probed. */
function deferOrEnd(ret: number, dev: Device, triggerCount: number): number {
  const { deferred } = dev.kernel;
  if (Math.abs(ret) === EPROBE_DEFER) {
    deferred.add(dev);
    if (triggerCount !== deferred.triggerCount && !deferred.deferAll) deferred.trigger();
  }
  dev.kernel.probeEnded();
  return ret;
}

/**
 * Drivers that allow asynchronous probing are tried in a second pass, in a worker, if no other driver was bound.
 *
 * @see drivers/base/dd.c struct device_attach_data
 */
interface DeviceAttachData {
  readonly dev: Device;
  readonly checkAsync: boolean;
  readonly wantAsync: boolean;
  haveAsync: boolean;
}

/**
 * A positive result is an error of the driver's probe: the next driver is tried.
 *
 * @returns 1 bound, 0 try the next driver, negative: stop
 * @see drivers/base/dd.c __device_attach_driver
 */
function __deviceAttachDriver(drv: Driver, data: DeviceAttachData): MaySleep<number> {
  const { dev } = data;
  const match = driverMatchDevice(drv, dev);
  if (match === 0) return 0;
  if (match < 0) {
    matchRefused(dev, match);
    return match;
  }
  const asyncAllowed = driverAllowsAsyncProbing(drv);
  if (asyncAllowed) data.haveAsync = true;
  if (data.checkAsync && asyncAllowed !== data.wantAsync) return 0;
  return andThen(driverProbeDevice(drv, dev), boundOrNext);
}

function boundOrNext(ret: number): number {
  return ret < 0 ? ret : ret === 0 ? 1 : 0;
}

/** @see drivers/base/dd.c __device_attach_async_helper */
async function __deviceAttachAsyncHelper(dev: Device): Promise<void> {
  await dev.lock();
  if (!dev.dead && dev.driver === null) {
    const data = { dev, checkAsync: true, wantAsync: true, haveAsync: false };
    await busForEachCandidate(dev, __deviceAttachDriver, data);
  }
  dev.unlock();
  dev.put();
}

/** @see drivers/base/dd.c __device_attach */
function __deviceAttach(dev: Device, allowAsync: boolean): MaySleep<number> {
  const data: DeviceAttachData = { dev, checkAsync: allowAsync, wantAsync: false, haveAsync: false };
  return andThen(andThen(dev.lock(), attachLocked, data), attachUnlock, data);
}

function attachLocked(_: void, data: DeviceAttachData): MaySleep<number> {
  const { dev } = data;
  if (dev.dead) return 0;
  if (dev.driver === null) return busForEachCandidate(dev, __deviceAttachDriver, data);
  return dev.isBound ? 1 : bindPreset(dev);
}

function attachUnlock(ret: number, { dev, checkAsync, haveAsync }: DeviceAttachData): number {
  const helperWanted = ret === 0 && checkAsync && haveAsync;
  if (helperWanted) dev.get();
  dev.unlock();
  if (helperWanted) dev.kernel.async.schedule(`device_attach(${nameOf(dev)})`, () => __deviceAttachAsyncHelper(dev));
  return ret;
}

/** Binds the driver that was selected in advance; after a failure the device has no driver. */
function bindPreset(dev: Device): MaySleep<number> {
  return andThen(deviceBindDriver(dev), (error) => {
    if (error === 0) return 1;
    dev.driver = null;
    return 0;
  });
}

/** On request: every driver is tried synchronously. @see drivers/base/dd.c device_attach */
export function deviceAttach(dev: Device): MaySleep<number> {
  return __deviceAttach(dev, false);
}

/** @see drivers/base/dd.c device_initial_probe */
export function deviceInitialProbe(dev: Device): MaySleep<number> {
  return __deviceAttach(dev, true);
}

/**
 * Binds the driver that `dev.driver` names already, without calling probe. The caller holds the device lock.
 *
 * @returns 0, or the error of a link; `dev.driver` stays set
 * @see drivers/base/dd.c device_bind_driver
 */
function deviceBindDriver(dev: Device): MaySleep<number> {
  return andThen(driverSysfsAdd(dev), (error) => {
    if (error !== 0) return andThen(notifyBus(dev, 'driver-not-bound'), () => error);
    return andThen(deviceLinksForceBind(dev), () => andThen(driverBound(dev), () => 0));
  });
}

/** Takes the lock, presets the driver and binds it; a failure leaves the device without a driver. */
export function deviceBindDriverTo(dev: Device, drv: Driver): MaySleep<number> {
  return andThen(dev.lock(), () => {
    dev.driver = drv;
    return andThen(deviceBindDriver(dev), (error) => {
      if (error !== 0) dev.driver = null;
      dev.unlock();
      return error;
    });
  });
}

/**
 * By hand: no match, no deferred list, no probe count.
 *
 * @see drivers/base/dd.c device_driver_attach
 */
export function deviceDriverAttach(drv: Driver, dev: Device): MaySleep<number> {
  return andThen(__deviceDriverLock(dev, dev.parent), () =>
    andThen(__driverProbeDevice(drv, dev), (ret) => {
      __deviceDriverUnlock(dev, dev.parent);
      const error = ret > 0 ? -ret : ret;
      return error === -EPROBE_DEFER ? -EAGAIN : error;
    }),
  );
}

/** @see drivers/base/dd.c __driver_attach_async_helper */
async function __driverAttachAsyncHelper(dev: Device): Promise<void> {
  await __deviceDriverLock(dev, dev.parent);
  const drv = dev.asyncDriver;
  dev.asyncDriver = null;
  if (drv !== null) await driverProbeDevice(drv, dev);
  __deviceDriverUnlock(dev, dev.parent);
  dev.put();
}

/** Errors are dropped: the next device may work. @see drivers/base/dd.c __driver_attach */
function __driverAttach(dev: Device, drv: Driver): MaySleep<number> {
  const match = driverMatchDevice(drv, dev);
  if (match === 0) return 0;
  if (match < 0) {
    matchRefused(dev, match);
    return 0;
  }
  if (driverAllowsAsyncProbing(drv)) return scheduleProbe(drv, dev);
  return andThen(andThen(__deviceDriverLock(dev, dev.parent), probeLocked, drv, dev), attachNext, dev);
}

function probeLocked(_: void, drv: Driver, dev: Device): MaySleep<number> {
  return driverProbeDevice(drv, dev);
}

function attachNext(_: number, dev: Device): number {
  __deviceDriverUnlock(dev, dev.parent);
  return 0;
}

/** One driver at a time may wait for a device. @see drivers/base/dd.c __driver_attach */
async function scheduleProbe(drv: Driver, dev: Device): Promise<number> {
  await dev.lock();
  const free = dev.driver === null && dev.asyncDriver === null;
  if (free) dev.get().asyncDriver = drv;
  dev.unlock();
  if (free)
    dev.kernel.async.schedule(`driver_attach(${drv.def.name}, ${nameOf(dev)})`, () => __driverAttachAsyncHelper(dev));
  return 0;
}

/** Offers every device of the bus to a driver. @see drivers/base/dd.c driver_attach */
export function driverAttach(drv: Driver): MaySleep<number> {
  return busForEachCandidateDev(drv, __driverAttach);
}
