import { bindAny, startIdle } from '../evidence/experiment';
import type { Scenario } from './scenario';
import type { BindOutcome } from './stage';

type Facts = { readonly before: string | null; readonly after: string | null };

/** @see drivers/base/bus.c unbind_store, bind_store */
export const rebindChangesTheDisk: Scenario<Facts> = {
  name: 'rebind-changes-the-disk',
  title: 'unbind and bind again: the same path, another disk',
  about:
    'Two guests. Guest 1 binds a device and reads which disk it is. It unbinds the device, guest 2 binds one of its ' +
    'own, and guest 1 binds the same name again. What mounts by path mounts what it finds there.',
  strategy: 'at-probe',
  measures: {
    before: 'the disk behind the name at first',
    after: 'the disk behind the name after unbinding and binding it',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c __device_release_driver',
      file: 'lib/base/release-driver.ts',
      name: 'deviceUnbindCleanup',
      rule:
        'unbinding leaves the device with its name and path and releases all that the driver took; with at-probe ' +
        'the handle is among that',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/guest/strategies/at-probe.ts',
      name: 'allocDevice',
      rule: 'the bind asks for any unused device of the class: the name stands for a class, not for a device',
    },
  ],
  async run(stage) {
    const machine = stage.use(await startIdle(stage.testbed, 2));
    const [guest, rival] = [machine.guest(), machine.guest(1)];
    const name = guest.deviceNames()[0] ?? '';
    const told = ({ text }: BindOutcome): string => text;
    const first = await stage.step('guest 1 binds its first device', () => stage.bind(guest, name), told);
    await stage.step(
      'guest 1 unbinds it',
      () => guest.bindFile('unbind', name),
      () => (guest.deviceNames().includes(name) ? `${name} is still there` : `${name} is gone`),
    );
    await stage.step(
      'guest 2 binds a device of its own',
      () => bindAny(rival),
      (taken) => `binds ${taken ?? 'none'}`,
    );
    const again = await stage.step('guest 1 binds the same name again', () => stage.bind(guest, name), told);
    return { before: first.backingDevice, after: again.backingDevice };
  },
  happens: ({ before, after }) => before !== null && after !== null && before !== after,
};
