import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import { errnoName } from '../../errno';
import type { DeviceModel } from '../../hypervisor';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { servedBy } from '../../machine/workload';
import type { Stage } from './stage';

/** A kind of device: the first that only this bus has, or, where it has none, the class of the testbed. */
export interface Kind {
  makeModel(index: number): DeviceModel;
  /** Drivers of the bus that are bound to its devices, in the order of loading. */
  drivers(guest: MachineGuest): readonly DeviceDriver<never>[];
  /** Which of the hypervisor's devices serves a device of the bus; null when none does. */
  identify(machine: RecordedMachine, guest: MachineGuest, dev: Device): Promise<string | null>;
}

/** What this bus has that shows one device of the hypervisor in several ways; else the ordinary devices. */
export function kindOf(stage: Stage): Kind {
  const { fixture, workload } = stage.testbed;
  const { native } = fixture;
  if (native === undefined) {
    return {
      makeModel: (index) => workload.makeModel(index),
      drivers: (guest) => [guest.bus.transport],
      identify: (_machine, guest, dev) => stage.identify(guest, dev),
    };
  }
  return {
    // Kinds take turns.
    makeModel: (index) => native.makeModel(index * native.kinds),
    drivers: () => native.drivers,
    identify: ({ models }, _guest, dev) => servedBy(models, () => native.touch(dev)),
  };
}

/** Boots a guest with the driver of the testbed's class and those of the kind. */
export async function bootKind({ testbed }: Stage, kind: Kind, guest: MachineGuest): Promise<void> {
  await guest.boot();
  await guest.loadDriver(testbed.workload.driver);
  for (const driver of kind.drivers(guest)) await guest.loadDriver(driver);
}

/** The bound devices of a guest by the device of the hypervisor behind them; those that do not work are left out. */
export type Groups = ReadonlyMap<string, readonly Device[]>;

export async function groupByDevice(kind: Kind, machine: RecordedMachine, guest: MachineGuest): Promise<Groups> {
  const groups = new Map<string, readonly Device[]>();
  for (const dev of guest.boundDevices()) {
    const backingDevice = await kind.identify(machine, guest, dev);
    if (backingDevice !== null) groups.set(backingDevice, [...(groups.get(backingDevice) ?? []), dev]);
  }
  return groups;
}

/** Writes a name to the bind file of the driver of the kind that matches. @returns `bound`, or an errno's name */
export async function bindKind(kind: Kind, guest: MachineGuest, name: string): Promise<string> {
  let error = 0;
  for (const driver of kind.drivers(guest)) {
    error = await guest.write(`${guest.busPath}/drivers/${driver.name}/bind`, name);
    if (errnoName(error) !== 'ENODEV') break;
  }
  return error === 0 ? 'bound' : errnoName(error);
}
