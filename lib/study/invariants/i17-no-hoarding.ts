import { loadDrivers, unbindAll } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import { backingDeviceOf } from '../../machine';

/** How long a guest stays in each state. */
const SECOND_NS = 1_000_000_000;

/**
 * A guest boots and has no driver for a second, has drivers and uses its devices for a second, and has unbound them for
 * a second.
 */
export const noHoarding: Invariant = {
  id: 'I17',
  group: 'expectation',
  title: 'nobody holds what nobody uses',
  measure: 'share of device-seconds held but not used: a second without drivers, one bound, one unbound',
  async detect(testbed) {
    const machine = testbed.machine();
    const guest = machine.guest();
    await guest.boot();
    const parts = [await idleFor(testbed, machine)];
    await loadDrivers(testbed, guest);
    parts.push(await idleFor(testbed, machine));
    await unbindAll(guest);
    parts.push(await idleFor(testbed, machine));
    const share = parts.reduce((sum, idle) => sum + idle, 0) / (parts.length * testbed.conditions.devices);
    return {
      holds: share === 0,
      value: share,
      text: `${parts.join(', ')} of ${String(testbed.conditions.devices)} idle`,
      evidence: machine.evidence.lines,
    };
  },
};

/** Lets a second pass. @returns how many devices were held and not used in it */
async function idleFor(testbed: Testbed, machine: RecordedMachine): Promise<number> {
  const guest = machine.guest();
  const used = new Set<string | null>();
  for (const dev of guest.devices()) used.add(await backingDeviceOf(guest, testbed.workload, machine.models, dev));
  const held = machine.hypervisor.claims.list().map(({ device }) => device.name);
  const idle = held.filter((name) => !used.has(name));
  machine.evidence.add('host', `held: ${held.join(' ') || 'none'}; of these idle: ${idle.join(' ') || 'none'}`);
  await machine.world.advance(SECOND_NS);
  return idle.length;
}
