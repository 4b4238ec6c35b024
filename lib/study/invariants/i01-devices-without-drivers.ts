import { bindAndIdentify, startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';

/**
 * A name stands for a device if what is behind it does not depend on when it is bound: the names are bound once from
 * the first to the last and once from the last to the first.
 *
 * @see Documentation/driver-api/driver-model/binding.rst, platform.rst
 */
export const devicesWithoutDrivers: Invariant = {
  id: 'I1',
  group: 'code',
  title: 'devices exist without drivers',
  measure: 'names in /sys, before any driver, that stand for one and the same device whatever is bound first',
  async detect(testbed) {
    const forward = await markAll(testbed, (names) => names);
    const backward = await markAll(testbed, (names) => names.toReversed());
    const names = forward.machine.guest().namesAtBoot;
    const same = names.filter((name) => isSame(forward.backingDevices.get(name), backward.backingDevices.get(name)));
    const { devices } = testbed.conditions;
    return {
      holds: same.length === devices,
      value: same.length,
      text: `${String(names.length)} names, ${String(same.length)} devices`,
      evidence: [
        ...forward.machine.evidence.lines,
        '--- the same from the last name to the first',
        ...backward.machine.evidence.lines,
      ],
    };
  },
};

function isSame(backingDevice: string | null | undefined, other: string | null | undefined): boolean {
  return typeof backingDevice === 'string' && backingDevice === other;
}

interface Marked {
  readonly machine: RecordedMachine;
  readonly backingDevices: ReadonlyMap<string, string | null>;
}

async function markAll(testbed: Testbed, order: (names: string[]) => string[]): Promise<Marked> {
  const machine = await startIdle(testbed);
  const guest = machine.guest();
  const backingDevices = new Map<string, string | null>();
  for (const name of order(guest.deviceNames()))
    backingDevices.set(name, await bindAndIdentify(testbed, machine, guest, name));
  return { machine, backingDevices };
}
