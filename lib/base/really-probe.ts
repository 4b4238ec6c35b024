import { EBUSY, ENODEV, ENXIO, EPROBE_DEFER, noResult } from '../errno';
import { nameOf } from '../kobject/kobject';
import { kobjectUevent } from '../kobject/uevent';
import { andThen, isPending, type MaySleep } from '../may-sleep';
import { notifyBus } from './bus';
import { deviceAddGroups } from './device-attrs';
import { devMessage, type Device } from './device';
import type { Driver } from './driver';
import { driverSysfsAdd, driverSysfsRemove } from './driver-sysfs';
import { guard, refusal } from './guard';
import { deviceRemove, deviceUnbindCleanup, dmaCleanup } from './release-driver';
import { deviceLinksCheckSuppliers, deviceLinksDriverBound, deviceLinksNoDriver } from './links/link-states';
import { climb, ladder, type Ladder } from './steps';
import { addStateSynced } from './state-synced';
import { whileIn } from '../world/foreign-wait';

interface Probe {
  readonly dev: Device;
  readonly drv: Driver;
}

/**
 * The steps from selecting the driver to bound. If a step fails, the undo functions of the steps above it run, from the
 * bottom up.
 */
export const PROBE = ladder<Probe>('really_probe', [
  { name: 'dev->driver = drv', cannotFail: true, do: setDriver, undo: ({ dev }) => noDriver(dev) },
  { name: 'dma_configure', do: dmaConfigure, undo: notBound },
  { name: 'driver_sysfs_add', do: sysfsAdd, undo: ({ dev }) => driverSysfsRemove(dev) },
  {
    name: 'call_driver_probe',
    do: callDriverProbe,
    undo: ({ dev }) => deviceRemove(dev),
    fail: ({ dev, drv }, error) => probed(dev, drv, error),
  },
  { name: 'device_add_groups', do: addDriverFiles },
  { name: 'driver_bound', cannotFail: true, do: ({ dev }) => driverBound(dev) },
]);

function setDriver({ dev, drv }: Probe): void {
  dev.driver = drv;
}

function noDriver(dev: Device): MaySleep<void> {
  return andThen(deviceLinksNoDriver(dev), cleanUp, dev);
}

function cleanUp(_: void, dev: Device): void {
  deviceUnbindCleanup(dev);
}

function dmaConfigure({ dev }: Probe): MaySleep<number> {
  const { bus, kernel } = dev;
  if (bus?.type.dmaConfigure === undefined) return 0;
  const where = (): string => `dma_configure: bus ${bus.type.name}, device ${nameOf(dev)}`;
  return guard(kernel.world, where, () => bus.type.dmaConfigure?.(dev));
}

function notBound({ dev }: Probe): MaySleep<void> {
  return andThen(notifyBus(dev, 'driver-not-bound'), () => dmaCleanup(dev));
}

function sysfsAdd({ dev }: Probe): MaySleep<number> {
  return andThen(driverSysfsAdd(dev), logSysfsFailure, dev);
}

function logSysfsFailure(error: number, dev: Device): number {
  if (error !== 0) dev.kernel.log.err(`really_probe: driver_sysfs_add(${nameOf(dev)}) failed`);
  return error;
}

/** An error of probe is returned positive, so that callers can distinguish it from an error of the core. */
function callDriverProbe({ dev, drv }: Probe): MaySleep<number> {
  const { bus } = dev;
  let result: MaySleep<number | void>;
  try {
    result = bus?.type.probe !== undefined ? bus.type.probe(dev) : drv.def.probe?.(dev);
  } catch (error) {
    return probeThrew(dev, drv, error);
  }
  if (isPending(result)) return probePending({ dev, drv }, result);
  return probeReturned(dev, drv, result ?? 0);
}

function probeReturned(dev: Device, drv: Driver, ret: number): number {
  return Number.isSafeInteger(ret) ? probed(dev, drv, ret) : probeThrew(dev, drv, noResult(ret));
}

function probePending({ dev, drv }: Probe, result: Promise<number | void>): Promise<number> {
  const callback = { what: () => `probe of ${nameOf(dev)}`, isOwn: true };
  const done = (ret: number | void): number => probeReturned(dev, drv, ret ?? 0);
  return whileIn(dev.kernel.world, callback, result, done, (error) => probeThrew(dev, drv, error));
}

function probeThrew(dev: Device, drv: Driver, error: unknown): number {
  const where = (): string => `call_driver_probe: driver ${drv.def.name}, device ${nameOf(dev)}`;
  return probed(dev, drv, refusal(dev.kernel.world, where, error));
}

/** @see drivers/base/dd.c call_driver_probe */
function probed(dev: Device, drv: Driver, ret: number): number {
  const { kernel } = dev;
  if (kernel.trace.on)
    kernel.trace.emit({ kind: 'probe', fn: 'call_driver_probe', drv: drv.def.name, dev: nameOf(dev), ret });
  if (ret === 0) return 0;
  logProbeFailure(dev, drv, ret);
  return -ret;
}

function logProbeFailure(dev: Device, drv: Driver, ret: number): void {
  const { log } = dev.kernel;
  if (ret === -EPROBE_DEFER) log.dbg(() => devMessage(dev, `Driver ${drv.def.name} requests probe deferral`));
  else if (ret === -ENODEV || ret === -ENXIO) {
    log.dbg(() => `${drv.def.name}: probe of ${nameOf(dev)} rejects match ${String(ret)}`);
  } else log.warn(`${drv.def.name}: probe of ${nameOf(dev)} failed with error ${String(ret)}`);
}

/** Its own files and `state_synced`: when one is refused, all are removed by {@link deviceRemove}. */
function addDriverFiles({ dev, drv }: Probe): number {
  const error = deviceAddGroups(dev, drv.def.devGroups);
  if (error !== 0) {
    dev.kernel.log.err(devMessage(dev, 'device_add_groups() failed'));
    return error;
  }
  const fileError = addStateSynced(dev);
  if (fileError !== 0) dev.kernel.log.err(devMessage(dev, 'state_synced sysfs add failed'));
  return fileError;
}

/** @see drivers/base/dd.c driver_bound */
export function driverBound(dev: Device): MaySleep<void> {
  const { driver, kernel } = dev;
  if (driver === null) return undefined;
  if (dev.isBound) {
    kernel.log.warn(`driver_bound: device ${nameOf(dev)} already bound`);
    return undefined;
  }
  dev.knodeDriver = driver.klistDevices.addTail(dev);
  return andThen(andThen(deviceLinksDriverBound(dev), retryDeferred, dev), sendBind, dev);
}

/** The devices that waited for this one are tried again. */
function retryDeferred(_: void, dev: Device): MaySleep<void> {
  const { deferred } = dev.kernel;
  deferred.del(dev);
  deferred.trigger();
  return notifyBus(dev, 'bound-driver');
}

function sendBind(_: void, dev: Device): void {
  kobjectUevent(dev, 'bind');
}

/**
 * Binds a device to a driver, or leaves no trace of the try.
 *
 * @returns 0 when bound; -EPROBE_DEFER while all probes are deferred; -EBUSY when the device holds managed resources; a
 *   positive errno of probe; a negative one of any other step
 * @see drivers/base/dd.c really_probe
 */
export function reallyProbe(dev: Device, drv: Driver): MaySleep<number> {
  const { kernel } = dev;
  if (kernel.deferred.deferAll) {
    kernel.log.dbg(() => devMessage(dev, `Driver ${drv.def.name} force probe deferral`));
    return -EPROBE_DEFER;
  }
  return andThen(deviceLinksCheckSuppliers(dev), probeWithSuppliers, dev, drv);
}

/** A device that was tried without its suppliers, and refused, is tried again when there are more of them. */
function probeWithSuppliers(suppliers: number, dev: Device, drv: Driver): MaySleep<number> {
  const { kernel } = dev;
  if (suppliers === -EPROBE_DEFER) return suppliers;
  if (dev.devres !== null && !dev.devres.isEmpty) {
    kernel.log.crit(devMessage(dev, 'Resources present before probing'));
    return -EBUSY;
  }
  const testRemove = kernel.testDriverRemove && drv.def.suppressBindAttrs !== true;
  const probed = testRemove ? testThenProbe({ dev, drv }) : climb(PROBE, { dev, drv });
  return suppliers === 0 ? probed : andThen(probed, (ret) => (ret > 0 ? EPROBE_DEFER : ret));
}

/** The steps until the device would be bound. */
const TEST_PROBE: Ladder<Probe> = { ...PROBE, steps: PROBE.steps.slice(0, -1) };

/** @see drivers/base/dd.c really_probe, label re_probe */
function testThenProbe(probe: Probe): MaySleep<number> {
  const { dev } = probe;
  return andThen(climb(TEST_PROBE, probe), (ret) => {
    if (ret !== 0) return ret;
    const removed = andThen(deviceRemove(dev), () => andThen(driverSysfsRemove(dev), () => dmaCleanup(dev)));
    return andThen(removed, () => {
      deviceUnbindCleanup(dev);
      return climb(PROBE, probe);
    });
  });
}
