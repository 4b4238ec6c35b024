import { bindAndMark, startIdle } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine } from '../machine';

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
  async detect(lab) {
    const forward = await markAll(lab, (names) => names);
    const backward = await markAll(lab, (names) => names.toReversed());
    const names = forward.machine.guest().namesAtBoot;
    const same = names.filter((name) => isSame(forward.markers.get(name), backward.markers.get(name)));
    const { devices } = lab.conditions;
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

function isSame(marker: string | null | undefined, other: string | null | undefined): boolean {
  return typeof marker === 'string' && marker === other;
}

interface Marked {
  readonly machine: Machine;
  readonly markers: ReadonlyMap<string, string | null>;
}

async function markAll(lab: Lab, order: (names: string[]) => string[]): Promise<Marked> {
  const machine = await startIdle(lab);
  const guest = machine.guest();
  const markers = new Map<string, string | null>();
  for (const name of order(guest.deviceNames())) markers.set(name, await bindAndMark(lab, machine, guest, name));
  return { machine, markers };
}
