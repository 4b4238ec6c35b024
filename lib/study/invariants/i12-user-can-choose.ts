import { bindAndMark, startIdle } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine } from '../machine';

/**
 * A user binds each name once and notes what is behind it. Afterwards the user wants each of the hypervisor's devices
 * in turn, and binds the name that was noted for it.
 *
 * @see Documentation/ABI/testing/sysfs-bus-pci bind, unbind, driver_override
 */
export const userCanChoose: Invariant = {
  id: 'I12',
  group: 'expectation',
  title: 'a user can choose the device',
  measure: 'devices of the hypervisor that a user gets who asks for them by the name they had before',
  async detect(lab) {
    const machine = await startIdle(lab);
    const names = await survey(lab, machine);
    let reached = 0;
    for (const { name: marker } of machine.models) {
      const got = await choose(lab, machine, names.get(marker));
      machine.evidence.add('user', `wants ${marker}, gets ${got ?? 'nothing'}`);
      if (got === marker) reached++;
    }
    const { devices } = lab.conditions;
    return {
      holds: reached === devices,
      value: reached,
      text: `${String(reached)} of ${String(devices)}`,
      evidence: machine.evidence.lines,
    };
  },
};

/** Marker to name, as the user found it. */
async function survey(lab: Lab, machine: Machine): Promise<Map<string, string>> {
  const guest = machine.guest();
  const names = new Map<string, string>();
  for (const name of guest.deviceNames()) {
    const marker = await bindAndMark(lab, machine, guest, name);
    if (marker !== null && !names.has(marker)) names.set(marker, name);
    if (marker !== null) await guest.bindFile('unbind', name);
  }
  return names;
}

async function choose(lab: Lab, machine: Machine, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const got = await bindAndMark(lab, machine, machine.guest(), name);
  if (got !== null) await machine.guest().bindFile('unbind', name);
  return got;
}
