import { each, isPending, type MaySleep } from '../may-sleep';
import { addSubsystemLink, deviceAddGroups, deviceRemoveGroups } from './device-attrs';
import type { Bus } from './bus';
import type { Device } from './device';
import { leaveBusDir } from './driver-links';
import { guardVoid } from './guard';
import { deviceReleaseDriver } from './release-driver';
import { kobjectGet } from '../kobject/kobject';
import { kobjectPut } from '../kobject/kobject-life';

/**
 * Puts a device on its bus: the bus's files, the links, the tail of the list.
 *
 * @returns 0, or what a file or a link was refused with; nothing is left behind
 * @see drivers/base/bus.c bus_add_device
 */
export function busAddDevice(dev: Device): number {
  const { bus } = dev;
  if (bus === null) return 0;
  kobjectGet(bus);
  const error = addFilesAndLinks(dev);
  if (error === 0) dev.knodeBus = bus.klistDevices.addTail(dev);
  else kobjectPut(bus);
  return error;
}

function addFilesAndLinks(dev: Device): number {
  const { bus } = dev;
  const error = deviceAddGroups(dev, bus?.type.devGroups);
  if (error !== 0) return error;
  const linkError = bus?.devicesKset.sd?.addLink(dev.name ?? '', dev.sd) ?? 0;
  if (linkError !== 0) {
    void deviceRemoveGroups(dev, bus?.type.devGroups);
    return linkError;
  }
  const subsystemError = addSubsystemLink(dev);
  dev.isLinkedByBus = subsystemError === 0;
  if (subsystemError === 0) return 0;
  void bus?.devicesKset.sd?.removeName(dev.name ?? '');
  void deviceRemoveGroups(dev, bus?.type.devGroups);
  return subsystemError;
}

/** Takes a device off its bus; its driver leaves it here. @see drivers/base/bus.c bus_remove_device */
export function busRemoveDevice(dev: Device): MaySleep<void> {
  const { bus } = dev;
  if (bus === null) return undefined;
  const told = bus.interfaces.length === 0 ? undefined : tellInterfaces(dev);
  return isPending(told) ? told.then(() => leaveBus(dev, bus)) : leaveBus(dev, bus);
}

function leaveBus(dev: Device, bus: Bus): MaySleep<void> {
  void dev.sd?.removeName('subsystem');
  removeBusLink(dev, bus);
  const removed = deviceRemoveGroups(dev, bus.type.devGroups);
  return isPending(removed) ? removed.then(() => leaveList(dev, bus)) : leaveList(dev, bus);
}

/** By name: after a rename it may be another device's. */
function removeBusLink(dev: Device, bus: Bus): void {
  const { sd } = bus.devicesKset;
  const name = dev.name ?? '';
  const linked = dev.isLinkedByBus ? dev : (sd?.entry(name)?.owner as Device | undefined);
  if (linked !== undefined) leaveBusDir(linked);
  sd?.removeLink(name);
}

function leaveList(dev: Device, bus: Bus): MaySleep<void> {
  if (dev.knodeBus !== null) bus.klistDevices.del(dev.knodeBus);
  dev.knodeBus = null;
  const released = deviceReleaseDriver(dev);
  return isPending(released) ? released.then(() => kobjectPut(bus)) : kobjectPut(bus);
}

async function tellInterfaces(dev: Device): Promise<void> {
  const { bus, kernel } = dev;
  if (bus === null) return;
  await bus.mutex.lock(kernel.world, 'subsys mutex', bus.type.name);
  await each([...bus.interfaces], (sif) =>
    guardVoid(
      kernel.world,
      () => `bus_remove_device: interface ${sif.name}, device ${String(dev.name)}`,
      () => sif.removeDev?.(dev),
    ),
  );
  bus.mutex.unlock(kernel.world);
}
