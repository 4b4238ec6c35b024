import { decliningDriver } from '../evidence/declining-driver';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import type { Scenario } from './scenario';
import { listed } from './operations';

type Facts = {
  readonly binds: number;
  readonly probes: number;
  readonly claims: number;
  readonly compared: number;
  readonly other: number;
};

const DRIVER = 'tested';

/** @see drivers/base/dd.c really_probe, label re_probe */
export const testRemoveDoublesTheDamage: Scenario<Facts> = {
  name: 'test-remove-doubles-the-damage',
  title: 'the debug option that probes twice tests two devices',
  about:
    'The kernel is configured with CONFIG_DEBUG_TEST_DRIVER_REMOVE: a probe that succeeds is followed by remove and ' +
    'by probe again, to find drivers that do not clean up. A user binds every name by hand.',
  strategy: 'at-probe',
  policy: 'random',
  measures: {
    binds: 'names that were bound',
    probes: 'probes that were made for them',
    claims: 'claims that were made for them',
    compared: 'binds of which both probes could see their device',
    other: 'binds whose second probe was on another device than the first',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c really_probe',
      file: 'lib/base/really-probe.ts',
      name: 'testThenProbe',
      rule:
        'device_remove and device_unbind_cleanup in between release everything that the first probe took, the ' +
        'handle with it',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/guest/strategies/at-probe.ts',
      name: 'allocDevice',
      rule: 'the second probe allocates anew: what is tested is not the device that stays',
    },
  ],
  async run(stage) {
    const machine = stage.machine(1, { kernel: { testDriverRemove: true } });
    const guest = machine.guest();
    await guest.boot();
    await guest.bindByHand();
    await guest.loadDriver(stage.testbed.workload.driver);
    const seen: (string | null)[] = [];
    await guest.loadDriver(
      decliningDriver(guest.bus.transport, DRIVER, async (dev) => {
        seen.push(await stage.identify(guest, dev));
        return true;
      }),
    );
    const tally = { binds: 0, compared: 0, other: 0 };
    const before = machine.allocations;
    for (const name of guest.deviceNames()) {
      await stage.step(
        'a user binds the next name',
        () => bindTested(guest, name, seen, tally),
        (text) => text,
      );
    }
    return { ...tally, probes: seen.length, claims: machine.allocations - before };
  },
  happens: ({ other }) => other > 0,
};

type BindCounts = { binds: number; compared: number; other: number };

async function bindTested(
  guest: MachineGuest,
  name: string,
  seen: (string | null)[],
  tally: BindCounts,
): Promise<string> {
  const from = seen.length;
  if ((await guest.write(`${guest.busPath}/drivers/${DRIVER}/bind`, name)) !== 0) return `${name} is refused`;
  const [first = null, second = null] = seen.slice(from);
  tally.binds++;
  if (first !== null && second !== null) tally.compared++;
  if (first !== null && second !== null && first !== second) tally.other++;
  return `${name}: ${counted(seen.length - from, 'probe')}, of ${listed(seen.slice(from))}`;
}
