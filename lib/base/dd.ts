import { EAGAIN, EBUSY, EINVAL, ENODEV, EPROBE_DEFER } from '../errno';
import { nameOf } from '../kobject/kobject';
import type { Klist, KlistNode } from '../list';
import { andThen, each, isPending, type MaySleep } from '../may-sleep';
import { notifyBus } from './bus';
import { devErrProbe } from './dev-err-probe';
import { devMessage, type Device } from './device';
import type { Driver } from './driver';
import { driverSysfsAdd } from './driver-sysfs';
import { callAtomic, guardVoid, refusal } from './guard';
import { deviceLinksForceBind } from './links/link-states';
import { driverBound, reallyProbe } from './really-probe';
import { deviceDriverDetach, deviceDriverLock, deviceDriverUnlock, driverAllowsAsyncProbing } from './release-driver';

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
  try {
    return Number(
      callAtomic(
        dev.kernel,
        () => whereMatch(drv, dev),
        () => result,
      ),
    );
  } catch (error) {
    return matchThrew(drv, dev, error);
  }
}

function whereMatch(drv: Driver, dev: Device): string {
  return `driver_match_device: driver ${drv.def.name}, device ${nameOf(dev)}`;
}

/** @see drivers/base/dd.c __driver_probe_device */
function driverProbeDeviceLocked(drv: Driver, dev: Device): MaySleep<number> {
  if (dev.dead || !dev.isRegistered) return -ENODEV;
  if (dev.driver !== null) return -EBUSY;
  if (!dev.readyToProbe) return devErrProbe(dev, -EPROBE_DEFER, 'Device not ready to probe');
  dev.canMatch = true;
  return reallyProbe(dev, drv);
}

/**
 * Tries to bind; what has to wait goes on the deferred list.
 *
 * @returns as really_probe; also -ENODEV for a device that is not registered, -EBUSY for one that has a driver
 * @see drivers/base/dd.c driver_probe_device
 */
function driverProbeDevice(drv: Driver, dev: Device): MaySleep<number> {
  const { deferred } = dev.kernel;
  const triggers = deferred.triggerCount;
  dev.kernel.probeStarted();
  const result = driverProbeDeviceLocked(drv, dev);
  return isPending(result) ? result.then((ret) => probeEnded(dev, ret, triggers)) : probeEnded(dev, result, triggers);
}

function probeEnded(dev: Device, ret: number, triggers: number): number {
  const { deferred } = dev.kernel;
  if (Math.abs(ret) === EPROBE_DEFER) {
    deferred.add(dev);
    if (triggers !== deferred.triggerCount && !deferred.deferAll) deferred.trigger();
  }
  dev.kernel.probeEnded();
  return ret;
}

/** Drivers that may probe in workers are asked in a second pass, in a worker, if no other driver took the device. */
interface AsyncPass {
  readonly wantAsync: boolean;
  haveAsync: boolean;
}

function belongsTo(pass: AsyncPass, drv: Driver): boolean {
  const allowed = driverAllowsAsyncProbing(drv);
  if (allowed) pass.haveAsync = true;
  return allowed === pass.wantAsync;
}

/** @returns 1 bound, 0 ask the next driver, negative: stop @see drivers/base/dd.c __device_attach_driver */
function deviceAttachDriver(drv: Driver, dev: Device, pass: AsyncPass | null, match: number): MaySleep<number> {
  if (match < 0) {
    matchFailed(dev, match);
    return match;
  }
  if (pass !== null && !belongsTo(pass, drv)) return 0;
  const result = driverProbeDevice(drv, dev);
  return isPending(result) ? result.then(attachResult) : attachResult(result);
}

/** A positive result is a refusal by probe: the next driver may try its luck. */
function attachResult(ret: number): number {
  return ret < 0 ? ret : ret === 0 ? 1 : 0;
}

function matchFailed(dev: Device, match: number): void {
  if (match !== -EPROBE_DEFER) {
    dev.kernel.log.dbg(() => devMessage(dev, `Bus failed to match device: ${String(match)}`));
    return;
  }
  dev.kernel.log.dbg(() => devMessage(dev, 'Device match requests probe deferral'));
  dev.canMatch = true;
  dev.kernel.deferred.add(dev);
}

/** By request: every driver is asked here and now. @see drivers/base/dd.c device_attach */
export function deviceAttach(dev: Device): MaySleep<number> {
  return attach(dev, null);
}

/** @see drivers/base/dd.c device_initial_probe */
function deviceInitialProbe(dev: Device): MaySleep<number> {
  const pass: AsyncPass = { wantAsync: false, haveAsync: false };
  const result = attach(dev, pass);
  return isPending(result) ? result.then((ret) => syncPassDone(dev, pass, ret)) : syncPassDone(dev, pass, result);
}

function syncPassDone(dev: Device, pass: AsyncPass, ret: number): number {
  if (ret === 0 && pass.haveAsync) scheduleAttach(dev);
  return ret;
}

/** @see drivers/base/dd.c __device_attach */
function attach(dev: Device, pass: AsyncPass | null): MaySleep<number> {
  const locked = dev.lock();
  return isPending(locked) ? locked.then(() => attachAndUnlock(dev, pass)) : attachAndUnlock(dev, pass);
}

function attachAndUnlock(dev: Device, pass: AsyncPass | null): MaySleep<number> {
  const result = attachLocked(dev, pass);
  return isPending(result) ? result.then((ret) => unlockAnd(dev, ret)) : unlockAnd(dev, result);
}

/** @see drivers/base/dd.c __device_attach_async_helper */
function scheduleAttach(dev: Device): void {
  dev.get();
  dev.kernel.async.schedule(`device_attach(${nameOf(dev)})`, async () => {
    await dev.lock();
    if (!dev.dead && dev.driver === null) await askDrivers(dev, { wantAsync: true, haveAsync: false });
    dev.unlock();
    dev.put();
  });
}

function askDrivers(dev: Device, pass: AsyncPass | null): MaySleep<number> {
  const { bus } = dev;
  if (bus === null) return -EINVAL;
  const candidates = bus.driverIndex?.candidates(dev) ?? null;
  if (candidates === null) return askBehind(bus.klistDrivers, null, dev, pass);
  return askFrom(candidates, 0, dev, pass);
}

function askFrom(drivers: readonly Driver[], from: number, dev: Device, pass: AsyncPass | null): MaySleep<number> {
  for (let at = from; at < drivers.length; at++) {
    const drv = drivers[at] as Driver;
    const match = drv.knodeBus === null ? 0 : driverMatchDevice(drv, dev);
    const result = match === 0 ? 0 : deviceAttachDriver(drv, dev, pass, match);
    if (isPending(result)) return askAfter(result, drivers, at + 1, dev, pass);
    if (result !== 0) return result;
  }
  return 0;
}

function askAfter(
  result: Promise<number>,
  drivers: readonly Driver[],
  from: number,
  dev: Device,
  pass: AsyncPass | null,
): Promise<number> {
  return result.then((ret) => (ret === 0 ? askFrom(drivers, from, dev, pass) : ret));
}

/** Most drivers do not match, and match does not sleep: the walk holds on to a driver only while it probes. */
function askBehind(
  list: Klist<Driver>,
  from: KlistNode<Driver> | null,
  dev: Device,
  pass: AsyncPass | null,
): MaySleep<number> {
  let match = 0;
  const accept = (drv: Driver): boolean => (match = driverMatchDevice(drv, dev)) !== 0;
  for (let at = list.advance(from, accept); at !== null; at = list.advance(at, accept)) {
    const held = at;
    const result = deviceAttachDriver(held.item, dev, pass, match);
    if (isPending(result))
      return result.then((ret) => (ret === 0 ? askBehind(list, held, dev, pass) : list.leaveWith(held, ret)));
    if (result !== 0) return list.leaveWith(held, result);
  }
  return 0;
}

function unlockAnd(dev: Device, result: number): number {
  dev.unlock();
  return result;
}

function attachLocked(dev: Device, pass: AsyncPass | null): MaySleep<number> {
  if (dev.dead) return 0;
  if (dev.driver !== null) return dev.isBound ? 1 : bindPreset(dev);
  return askDrivers(dev, pass);
}

function bindPreset(dev: Device): MaySleep<number> {
  return andThen(deviceBindDriver(dev), (ret) => {
    if (ret === 0) return 1;
    dev.driver = null;
    return 0;
  });
}

/**
 * Binds the driver that `dev.driver` names already, without calling probe. The caller holds the device lock.
 *
 * @returns 0, or what a link was refused with; `dev.driver` stays set
 * @see drivers/base/dd.c device_bind_driver
 */
export function deviceBindDriver(dev: Device): MaySleep<number> {
  return andThen(driverSysfsAdd(dev), (error) => {
    const told = error === 0 ? bindByForce(dev) : notifyBus(dev, 'driver-not-bound');
    return andThen(told, () => error);
  });
}

function bindByForce(dev: Device): MaySleep<void> {
  return andThen(deviceLinksForceBind(dev), () => driverBound(dev));
}

/** Takes the lock, presets the driver and binds it; a failure leaves the device without a driver. */
export function deviceBindDriverTo(dev: Device, drv: Driver): MaySleep<number> {
  return andThen(dev.lock(), () => {
    dev.driver = drv;
    return andThen(deviceBindDriver(dev), (error) => {
      if (error !== 0) dev.driver = null;
      return unlockAnd(dev, error);
    });
  });
}

/**
 * By hand: no match, no deferred list, no probe count.
 *
 * @see drivers/base/dd.c device_driver_attach
 */
export function deviceDriverAttach(drv: Driver, dev: Device): MaySleep<number> {
  return andThen(deviceDriverLock(dev, dev.parent), () =>
    andThen(driverProbeDeviceLocked(drv, dev), (ret) => {
      deviceDriverUnlock(dev, dev.parent);
      const error = ret > 0 ? -ret : ret;
      return error === -EPROBE_DEFER ? -EAGAIN : error;
    }),
  );
}

/** Errors are dropped: the next device may work. @see drivers/base/dd.c __driver_attach */
function driverAttachDevice(drv: Driver, dev: Device, match: number): MaySleep<number> {
  if (match < 0) {
    matchFailed(dev, match);
    return 0;
  }
  if (driverAllowsAsyncProbing(drv)) return scheduleProbe(drv, dev);
  return andThen(deviceDriverLock(dev, dev.parent), () =>
    andThen(driverProbeDevice(drv, dev), () => {
      deviceDriverUnlock(dev, dev.parent);
      return 0;
    }),
  );
}

/** One driver at a time may wait for a device. @see drivers/base/dd.c __driver_attach, __driver_attach_async_helper */
async function scheduleProbe(drv: Driver, dev: Device): Promise<number> {
  await dev.lock();
  const free = dev.driver === null && dev.asyncDriver === null;
  if (free) dev.get().asyncDriver = drv;
  dev.unlock();
  if (free) dev.kernel.async.schedule(`driver_attach(${drv.def.name}, ${nameOf(dev)})`, () => probeWaiting(dev));
  return 0;
}

async function probeWaiting(dev: Device): Promise<void> {
  await deviceDriverLock(dev, dev.parent);
  const drv = dev.asyncDriver;
  dev.asyncDriver = null;
  if (drv !== null) await driverProbeDevice(drv, dev);
  deviceDriverUnlock(dev, dev.parent);
  dev.put();
}

/** Offers every device of the bus to a driver. @see drivers/base/dd.c driver_attach */
export function driverAttach(drv: Driver): MaySleep<number> {
  return offerBehind(drv.bus.klistDevices, null, drv);
}

function offerBehind(list: Klist<Device>, from: KlistNode<Device> | null, drv: Driver): MaySleep<number> {
  let match = 0;
  const accept = (dev: Device): boolean => (match = driverMatchDevice(drv, dev)) !== 0;
  for (let at = list.advance(from, accept); at !== null; at = list.advance(at, accept)) {
    const held = at;
    const result = driverAttachDevice(drv, held.item, match);
    if (isPending(result)) return result.then(() => offerBehind(list, held, drv));
  }
  return 0;
}

/** Automatic probing, then the bus's interfaces. @see drivers/base/bus.c bus_probe_device */
export function busProbeDevice(dev: Device): MaySleep<void> {
  const { bus } = dev;
  if (bus === null) return undefined;
  const probed = bus.driversAutoprobe ? deviceInitialProbe(dev) : 0;
  if (isPending(probed)) return probed.then(() => addToInterfaces(dev));
  return addToInterfaces(dev);
}

function addToInterfaces(dev: Device): MaySleep<void> {
  const { bus, kernel } = dev;
  if (bus === null || bus.interfaces.length === 0) return undefined;
  return andThen(bus.mutex.lock(kernel.world, 'subsys mutex', bus.type.name), () => {
    const told = each([...bus.interfaces], (sif) =>
      guardVoid(
        kernel.world,
        () => `bus_probe_device: interface ${sif.name}, device ${nameOf(dev)}`,
        () => sif.addDev?.(dev),
      ),
    );
    return andThen(told, () => bus.mutex.unlock(kernel.world));
  });
}

/** @see drivers/base/bus.c bus_rescan_devices_helper */
export function busRescanDevice(dev: Device): MaySleep<number> {
  if (dev.driver !== null) return 0;
  const parent = dev.bus?.type.needParentLock === true ? dev.parent : null;
  return andThen(parent?.lock(), () =>
    andThen(deviceAttach(dev), (ret) => {
      parent?.unlock();
      return Math.min(ret, 0);
    }),
  );
}

/** @see drivers/base/bus.c device_reprobe */
export function deviceReprobe(dev: Device): MaySleep<number> {
  const left = dev.driver === null ? undefined : deviceDriverDetach(dev);
  return andThen(left, () => busRescanDevice(dev));
}
