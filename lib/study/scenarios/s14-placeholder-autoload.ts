import { driverModule, loadedModules } from '../../module';
import { ModuleIndex, Udev } from '../../userspace';
import type { MachineGuest } from '../../machine';
import { counted, lastPart } from '../evidence/words';
import { bootAndUse, countUsable, deferredNames, listed } from './operations';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = {
  readonly announced: number;
  readonly loaded: number;
  readonly usable: number;
  readonly deferred: number;
};

/** @see Documentation/driver-api/driver-model/platform.rst; lib/kobject_uevent.c */
export const placeholderAutoload: Scenario<Facts> = {
  name: 'placeholder-autoload',
  title: 'a name brings its module, though no device can be had by it',
  about:
    'Guest 2 uses all that it can get. Guest 1 boots with its drivers as modules; udev loads what the add events of ' +
    'its devices ask for. Then guest 1 looks for a device that works.',
  strategy: 'at-probe',
  measures: {
    announced: 'devices of guest 1 that udev was told of',
    loaded: 'modules of guest 1 that are loaded',
    usable: 'devices that guest 1 can use',
    deferred: 'devices of guest 1 that wait to be probed again',
  },
  why: [
    {
      kernel: 'drivers/base/core.c device_add',
      file: 'lib/base/device-add.ts',
      name: 'kobject_uevent(add)',
      rule:
        'the add event is sent when the device is added, whatever is behind it, and MODALIAS is made of what is ' +
        'known then: the class',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/guest/strategies/names.ts',
      name: 'addPlaceholders',
      rule:
        "placeholders are a matter of the guest's configuration, and a list names what another guest uses; the " +
        'hypervisor is asked when one is bound, and refuses',
    },
  ],
  async run(stage) {
    const machine = stage.machine(2);
    const [guest, rival] = [machine.guest(), machine.guest(1)];
    await bootAndUse(stage, rival, 'guest 2 boots and loads its drivers');
    const found = (): string => counted(guest.deviceNames().length, 'device');
    await stage.step('guest 1 boots without a driver', () => guest.boot(), found);
    const load = (): Promise<number> => autoload(stage, guest);
    const announced = await stage.step(
      'udev starts and has the add events repeated',
      load,
      (count) => `${counted(count, 'event')}; loaded: ${listed(moduleNames(guest))}`,
    );
    const usable = await stage.step(
      'guest 1 tries its devices',
      () => countUsable(stage, guest),
      (count) => `${counted(count, 'device')} in use, ${String(deferredNames(guest).length)} deferred`,
    );
    return { announced, loaded: moduleNames(guest).length, usable, deferred: deferredNames(guest).length };
  },
  happens: ({ announced, loaded, usable }) => announced > 0 && loaded > 0 && usable === 0,
};

function moduleNames(guest: MachineGuest): string[] {
  return loadedModules(guest.kernel)
    .map(({ def }) => def.name)
    .reverse();
}

/** @returns how many devices of the bus were announced */
async function autoload({ testbed }: Stage, guest: MachineGuest): Promise<number> {
  const { registration, transport } = guest.bus;
  const own = driverModule(transport, registration === undefined ? {} : { registration });
  const udev = new Udev(guest.kernel, new ModuleIndex([own, driverModule(testbed.workload.driver)])).start();
  await udev.trigger();
  await guest.settle();
  const names = guest.deviceNames();
  const told = udev.records.map(({ devpath }) => lastPart(devpath));
  return new Set(told.filter((name) => names.includes(name))).size;
}
