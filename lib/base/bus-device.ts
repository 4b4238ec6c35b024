import { kobjectGet } from '../kobject/kobject';
import { kobjectPut } from '../kobject/kobject-life';
import { andThen, each, type MaySleep } from '../may-sleep';
import { busForEachDev, type Bus } from './bus';
import { deviceAttach, deviceInitialProbe } from './dd';
import type { Device } from './device';
import { addSubsystemLink, deviceAddGroups, deviceRemoveGroups } from './device-attrs';
import { leaveBusDir } from './driver';
import { guardVoid } from './guard';
import { deviceDriverDetach, deviceReleaseDriver } from './release-driver';
import type { SubsysInterface } from './types';

/**
 * Adds a device to its bus: the bus's files, the links, the tail of the list.
 *
 * @returns 0, or the error of a file or a link; nothing is left behind
 * @see drivers/base/bus.c bus_add_device
 */
export function busAddDevice(dev: Device): number {
  const { bus } = dev;
  if (bus === null) return 0;
  kobjectGet(bus);
  const error = addFilesAndLinks(dev, bus);
  if (error === 0) dev.knodeBus = bus.klistDevices.addTail(dev);
  else kobjectPut(bus);
  return error;
}

function addFilesAndLinks(dev: Device, bus: Bus): number {
  const { sd } = bus.devicesKset;
  const error = deviceAddGroups(dev, bus.type.devGroups);
  if (error !== 0) return error;
  const linkError = sd?.addLink(dev.name ?? '', dev.sd) ?? 0;
  if (linkError !== 0) {
    void deviceRemoveGroups(dev, bus.type.devGroups);
    return linkError;
  }
  const subsystemError = addSubsystemLink(dev);
  dev.isLinkedByBus = subsystemError === 0;
  if (subsystemError === 0) return 0;
  void sd?.removeName(dev.name ?? '');
  void deviceRemoveGroups(dev, bus.type.devGroups);
  return subsystemError;
}

/** Automatic probing, then the bus's interfaces. @see drivers/base/bus.c bus_probe_device */
export function busProbeDevice(dev: Device): MaySleep<void> {
  const { bus } = dev;
  if (bus === null) return undefined;
  return andThen(bus.driversAutoprobe ? deviceInitialProbe(dev) : 0, addToInterfaces, dev, bus);
}

function addToInterfaces(_: number, dev: Device, bus: Bus): MaySleep<void> {
  return eachInterface('bus_probe_device', dev, bus, 'addDev');
}

/** @see drivers/base/bus.c bus_rescan_devices_helper */
export function busRescanDevicesHelper(dev: Device): MaySleep<number> {
  if (dev.driver !== null) return 0;
  const parent = dev.bus?.type.needParentLock === true ? dev.parent : null;
  return andThen(parent?.lock(), () =>
    andThen(deviceAttach(dev), (ret) => {
      parent?.unlock();
      return Math.min(ret, 0);
    }),
  );
}

/** @see drivers/base/bus.c bus_rescan_devices */
export function busRescanDevices(bus: Bus): MaySleep<number> {
  return busForEachDev(bus, busRescanDevicesHelper, undefined);
}

/** @see drivers/base/bus.c device_reprobe */
export function deviceReprobe(dev: Device): MaySleep<number> {
  const left = dev.driver === null ? undefined : deviceDriverDetach(dev);
  return andThen(left, () => busRescanDevicesHelper(dev));
}

/** Removes a device from its bus and unbinds its driver. @see drivers/base/bus.c bus_remove_device */
export function busRemoveDevice(dev: Device): MaySleep<void> {
  const { bus } = dev;
  if (bus === null) return undefined;
  const left = andThen(eachInterface('bus_remove_device', dev, bus, 'removeDev'), leaveDirectories, dev, bus);
  return andThen(andThen(left, leaveListAndDriver, dev, bus), putBus, bus);
}

function leaveDirectories(_: void, dev: Device, bus: Bus): MaySleep<void> {
  void dev.sd?.removeName('subsystem');
  removeBusLink(dev, bus);
  return deviceRemoveGroups(dev, bus.type.devGroups);
}

function leaveListAndDriver(_: void, dev: Device, bus: Bus): MaySleep<void> {
  if (dev.knodeBus !== null) bus.klistDevices.del(dev.knodeBus);
  dev.knodeBus = null;
  return deviceReleaseDriver(dev);
}

function putBus(_: void, bus: Bus): void {
  kobjectPut(bus);
}

/** By name: after a rename it may be another device's. */
function removeBusLink(dev: Device, bus: Bus): void {
  const { sd } = bus.devicesKset;
  const name = dev.name ?? '';
  const linked = dev.isLinkedByBus ? dev : (sd?.entry(name)?.owner as Device | undefined);
  if (linked !== undefined) leaveBusDir(linked);
  sd?.removeLink(name);
}

function eachInterface(fn: string, dev: Device, bus: Bus, call: 'addDev' | 'removeDev'): MaySleep<void> {
  if (bus.interfaces.length === 0) return undefined;
  const { world } = dev.kernel;
  const one = (sif: SubsysInterface): MaySleep<void> =>
    guardVoid(
      world,
      () => `${fn}: interface ${sif.name}, device ${String(dev.name)}`,
      () => sif[call]?.(dev),
    );
  return andThen(bus.mutex.lock(world, 'subsys mutex', bus.type.name), () =>
    andThen(each([...bus.interfaces], one), () => bus.mutex.unlock(world)),
  );
}
