import type { DeviceModel } from '../../hypervisor';
import { bootLoaded } from '../evidence/experiment';
import { workingNames, mapped } from './operations';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = { readonly names: number; readonly differ: number };

/** @see arch/powerpc/platforms/ps3/device-init.c ps3_probe_thread */
export const nameRace: Scenario<Facts> = {
  name: 'name-race',
  title: 'two disks report in another order, and their names are swapped',
  about:
    'Every disk has its place, with its number, but is not ready when the guest boots. They become ready one after ' +
    'the other, in one world the first one first and in another the last one first; after each the guest looks for ' +
    'devices. On the PS3 a notification has the guest look; here a rescan stands for it.',
  strategy: 'repository',
  measures: {
    names: 'names behind which a disk works, in both worlds',
    differ: 'of those, names behind which another disk is in one world than in the other',
  },
  why: [
    {
      kernel: 'arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_device_register',
      file: 'buses/ps3-handle/guest/strategies/repository.ts',
      name: '#found',
      rule:
        'names are counted in the order of finding, sb_01, sb_02, though every device has a bus id and a device id ' +
        'that stay; a bus that names by place or number has no such race',
    },
  ],
  async run(stage) {
    const forward = await bootWith(stage, 'the first one first', (models) => models);
    const backward = await bootWith(stage, 'the last one first', (models) => [...models].reverse());
    const names = [...forward.keys()].filter((name) => backward.has(name));
    return { names: names.length, differ: names.filter((name) => forward.get(name) !== backward.get(name)).length };
  },
  happens: ({ differ }) => differ > 0,
};

type Order = (models: readonly DeviceModel[]) => readonly DeviceModel[];

async function bootWith(stage: Stage, what: string, order: Order): Promise<ReadonlyMap<string, string>> {
  const machine = stage.machine();
  const guest = machine.guest();
  for (const place of machine.plugged) place.unplug();
  await bootLoaded(stage.testbed, guest);
  const becomeReady = async (): Promise<ReadonlyMap<string, string>> => {
    for (const model of order(machine.models)) {
      machine.host.plug(model, guest.guest, machine.models.indexOf(model));
      await guest.settle();
      await guest.rescan();
    }
    return workingNames(stage, guest);
  };
  return stage.step(what, becomeReady, mapped);
}
