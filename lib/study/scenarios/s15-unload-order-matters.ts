import type { DeviceDriver } from '../../base/types';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import { workingNames, mapped } from './operations';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = { readonly compared: number; readonly changed: number; readonly differ: number };

/** @see drivers/base/bus.c bus_remove_driver */
export const unloadOrderMatters: Scenario<Facts> = {
  name: 'unload-order-matters',
  title: 'which of two drivers was unloaded first decides which devices they find when they are loaded again',
  about:
    'Two drivers, A and B, are loaded in this order; both are for the class. Both are unloaded, A before B in one ' +
    'world and B before A in another, and loaded again, A before B.',
  strategy: 'lazy',
  policy: 'recent',
  measures: {
    compared: 'names behind which a device works before and after, in both worlds',
    changed: 'of those, names behind which another device is after loading them again, whatever the order',
    differ: 'of those, names behind which another device is in one world than in the other',
  },
  why: [
    {
      kernel: 'arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_driver_unregister',
      file: 'buses/ps3-handle/guest/strategies/lazy.ts',
      name: 'driverLeaves',
      rule:
        'a driver that is unregistered gives its devices back; the pool remembers the order, and the next ' +
        'registration allocates from it',
    },
    {
      kernel: 'drivers/base/bus.c bus_remove_driver',
      file: 'lib/base/driver-register.ts',
      name: 'driverDetach',
      rule: 'elsewhere a driver that goes only unbinds: the devices and their names stay where they are',
    },
  ],
  async run(stage) {
    const ab = await reload(stage, 'A before B', (drivers) => drivers);
    const ba = await reload(stage, 'B before A', (drivers) => [...drivers].reverse());
    const known = [...ab.after.keys()].filter((name) => [ab.before, ba.before, ba.after].every((map) => map.has(name)));
    return {
      compared: known.length,
      changed: known.filter((name) => isChanged(ab, name) && isChanged(ba, name)).length,
      differ: known.filter((name) => ab.after.get(name) !== ba.after.get(name)).length,
    };
  },
  happens: ({ differ }) => differ > 0,
};

type Markers = ReadonlyMap<string, string>;
type Reloaded = { readonly before: Markers; readonly after: Markers };
type Drivers = readonly DeviceDriver<never>[];

function isChanged({ before, after }: Reloaded, name: string): boolean {
  return before.get(name) !== after.get(name);
}

/** Half of the devices are another guest's share, so that there are free ones beside those in use. */
async function reload(stage: Stage, order: string, unloading: (drivers: Drivers) => Drivers): Promise<Reloaded> {
  const guest = stage.machine(2).guest();
  await guest.boot();
  await guest.loadDriver(stage.testbed.workload.driver);
  const { transport } = guest.bus;
  const drivers: Drivers = ['A', 'B'].map((letter) => ({ ...transport, name: `${transport.name}-${letter}` }));
  const before = await load(stage, guest, drivers, 'A and B are loaded');
  const unload = async (): Promise<void> => {
    for (const driver of unloading(drivers)) await guest.unloadDriver(driver);
    await guest.settle();
  };
  await stage.step(`${order}: they are unloaded`, unload, () => counted(guest.deviceNames().length, 'name'));
  return { before, after: await load(stage, guest, drivers, `${order}: they are loaded again`) };
}

async function load(stage: Stage, guest: MachineGuest, drivers: Drivers, what: string): Promise<Markers> {
  const act = async (): Promise<Markers> => {
    for (const driver of drivers) await guest.loadDriver(driver);
    return workingNames(stage, guest);
  };
  return stage.step(what, act, mapped);
}
