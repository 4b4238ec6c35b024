import { decliningDriver } from '../evidence/declining-driver';
import type { MachineGuest } from '../../machine';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = { readonly rounds: number; readonly compared: number; readonly other: number };

const ROUNDS = 8;

/** @see drivers/base/dd.c __device_attach_driver */
export const nextDriverAnotherDevice: Scenario<Facts> = {
  name: 'next-driver-another-device',
  title: 'the first driver declines, and the next one is shown another device',
  about:
    'Two drivers match the class. The first looks at its device in its probe and says ENODEV; the second takes what ' +
    'it gets. A user has a device probed by writing its name to drivers_probe, eight times, and unbinds it in ' +
    'between.',
  strategy: 'at-probe',
  policy: 'random',
  measures: {
    rounds: 'times that the device was probed',
    compared: 'times that both drivers could see what they were shown',
    other: 'times that the second driver was shown another device than the first',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c __device_attach_driver',
      file: 'lib/base/dd.ts',
      name: '__deviceAttachDriver',
      rule: 'a refusal by probe lets the next driver try the same struct device, for it is taken for the same device',
    },
    {
      kernel: 'drivers/base/dd.c device_unbind_cleanup',
      file: 'lib/base/release-driver.ts',
      name: 'deviceUnbindCleanup',
      rule: 'between the two the handle was given back and another was allocated: each driver claims for itself',
    },
  ],
  async run(stage) {
    const machine = stage.machine();
    const guest = machine.guest();
    await guest.boot();
    await guest.bindByHand();
    await guest.loadDriver(stage.testbed.workload.driver);
    const seen: (string | null)[] = [];
    await guest.loadDriver(
      decliningDriver(guest.bus.transport, 'first', async (dev) => {
        seen.push(await stage.identify(guest, dev));
        return false;
      }),
    );
    await guest.loadTransport();
    const tally = { compared: 0, other: 0 };
    for (let round = 1; round <= ROUNDS; round++) {
      await stage.step(
        `round ${String(round)}`,
        () => probeOnce(stage, guest, seen, tally),
        (text) => text,
      );
    }
    return { rounds: ROUNDS, ...tally };
  },
  happens: ({ other }) => other > 0,
};

type ComparedCounts = { compared: number; other: number };

async function probeOnce(
  stage: Stage,
  guest: MachineGuest,
  seen: (string | null)[],
  tally: ComparedCounts,
): Promise<string> {
  const name = guest.deviceNames()[0] ?? '';
  await guest.write(`${guest.busPath}/drivers_probe`, name);
  const first = seen.at(-1) ?? null;
  const second = await stage.identify(guest, guest.device(name));
  if (first !== null && second !== null) tally.compared++;
  if (first !== null && second !== null && first !== second) tally.other++;
  await guest.bindFile('unbind', name);
  return `${name}: first sees ${first ?? 'nothing'}, second gets ${second ?? 'nothing'}`;
}
