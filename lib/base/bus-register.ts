import { ksetRegister, ksetUnregister } from '../kobject/kset';
import { each } from '../may-sleep';
import { createGroups, removeGroups } from '../sysfs/group';
import { Bus } from './bus';
import { busAttrDriversAutoprobe, busAttrDriversProbe, busAttrUevent } from './bus-files';
import { guardVoid } from './guard';
import type { KernelCore } from './kernel-core';
import type { BusType, SubsysInterface } from './types';

interface Registering {
  readonly bus: Bus;
}

interface Rung {
  do(r: Registering): number;
  undo?(r: Registering): void;
}

const RUNGS: readonly Rung[] = [
  { do: ({ bus }) => ksetRegister(bus, bus.type.name), undo: ({ bus }) => void ksetUnregister(bus) },
  { do: ({ bus }) => bus.sd?.addFile(busAttrUevent) ?? 0, undo: ({ bus }) => void bus.sd?.removeName('uevent') },
  {
    do: ({ bus }) => ksetRegister(bus.devicesKset, 'devices', bus),
    undo: ({ bus }) => void ksetUnregister(bus.devicesKset),
  },
  {
    do: ({ bus }) => ksetRegister(bus.driversKset, 'drivers', bus),
    undo: ({ bus }) => void ksetUnregister(bus.driversKset),
  },
  {
    do: ({ bus }) => bus.sd?.addFile(busAttrDriversProbe) ?? 0,
    undo: ({ bus }) => void bus.sd?.removeName('drivers_probe'),
  },
  {
    do: ({ bus }) => bus.sd?.addFile(busAttrDriversAutoprobe) ?? 0,
    undo: ({ bus }) => void bus.sd?.removeName('drivers_autoprobe'),
  },
  { do: ({ bus }) => (bus.sd === null ? 0 : createGroups(bus.sd, bus.type.busGroups)) },
];

/**
 * Registers a bus: directory, add event, files, in this order.
 *
 * @returns the registration, or a negative errno: -EEXIST when the name is taken, the error of a file; nothing is left
 *   behind
 * @see drivers/base/bus.c bus_register
 */
export function busRegister(kernel: KernelCore, type: BusType): Bus | number {
  const bus = new Bus(kernel, type);
  bus.kset = kernel.busKset;
  for (const [index, rung] of RUNGS.entries()) {
    const error = rung.do({ bus });
    if (error === 0) continue;
    for (const made of RUNGS.slice(0, index).reverse()) made.undo?.({ bus });
    return error;
  }
  kernel.buses.set(type, bus);
  return bus;
}

/** @see drivers/base/bus.c bus_unregister */
export async function busUnregister(bus: Bus): Promise<void> {
  const { kernel } = bus;
  if (bus.sd !== null) await removeGroups(bus.sd, bus.type.busGroups);
  await bus.sd?.removeName('drivers_autoprobe');
  await bus.sd?.removeName('drivers_probe');
  await ksetUnregister(bus.driversKset);
  await ksetUnregister(bus.devicesKset);
  await bus.sd?.removeName('uevent');
  kernel.buses.delete(bus.type);
  await ksetUnregister(bus);
}

/** @see drivers/base/bus.c subsys_interface_register */
export async function subsysInterfaceRegister(bus: Bus, sif: SubsysInterface): Promise<void> {
  const { world } = bus.kernel;
  await bus.mutex.lock(world, 'subsys mutex', bus.type.name);
  bus.interfaces.push(sif);
  const where = (): string => `subsys_interface_register: ${sif.name}`;
  if (sif.addDev !== undefined) await each(bus.klistDevices, (dev) => guardVoid(world, where, () => sif.addDev?.(dev)));
  bus.mutex.unlock(world);
}

/** @see drivers/base/bus.c subsys_interface_unregister */
export async function subsysInterfaceUnregister(bus: Bus, sif: SubsysInterface): Promise<void> {
  const { world } = bus.kernel;
  await bus.mutex.lock(world, 'subsys mutex', bus.type.name);
  const index = bus.interfaces.indexOf(sif);
  if (index >= 0) bus.interfaces.splice(index, 1);
  const where = (): string => `subsys_interface_unregister: ${sif.name}`;
  if (sif.removeDev !== undefined)
    await each(bus.klistDevices, (dev) => guardVoid(world, where, () => sif.removeDev?.(dev)));
  bus.mutex.unlock(world);
}
