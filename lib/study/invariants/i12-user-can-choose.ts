import { bindAndIdentify, startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';

/**
 * A user binds each name once and notes what is behind it. Afterwards the user requests each of the hypervisor's
 * devices in turn, by binding the name that was noted for it.
 *
 * @see Documentation/ABI/testing/sysfs-bus-pci bind, unbind, driver_override
 */
export const userCanChoose: Invariant = {
  id: 'I12',
  group: 'expectation',
  title: 'a user can choose the device',
  measure: 'devices of the hypervisor that a user gets who asks for them by the name they had before',
  async detect(testbed) {
    const machine = await startIdle(testbed);
    const names = await survey(testbed, machine);
    let reached = 0;
    for (const { name: backingDevice } of machine.models) {
      const got = await choose(testbed, machine, names.get(backingDevice));
      machine.evidence.add('user', `wants ${backingDevice}, gets ${got ?? 'nothing'}`);
      if (got === backingDevice) reached++;
    }
    const { devices } = testbed.conditions;
    return {
      holds: reached === devices,
      value: reached,
      text: `${String(reached)} of ${String(devices)}`,
      evidence: machine.evidence.lines,
    };
  },
};

/** Backing device to name, as the user found it. */
async function survey(testbed: Testbed, machine: RecordedMachine): Promise<Map<string, string>> {
  const guest = machine.guest();
  const names = new Map<string, string>();
  for (const name of guest.deviceNames()) {
    const backingDevice = await bindAndIdentify(testbed, machine, guest, name);
    if (backingDevice !== null && !names.has(backingDevice)) names.set(backingDevice, name);
    if (backingDevice !== null) await guest.bindFile('unbind', name);
  }
  return names;
}

async function choose(testbed: Testbed, machine: RecordedMachine, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const got = await bindAndIdentify(testbed, machine, machine.guest(), name);
  if (got !== null) await machine.guest().bindFile('unbind', name);
  return got;
}
