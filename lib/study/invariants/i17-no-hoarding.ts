import { loadDrivers, unbindAll } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine } from '../machine';
import { markerOf } from '../workload';

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
  async detect(lab) {
    const machine = lab.machine();
    const guest = machine.guest();
    await guest.boot();
    const parts = [await idleFor(lab, machine)];
    await loadDrivers(lab, guest);
    parts.push(await idleFor(lab, machine));
    await unbindAll(guest);
    parts.push(await idleFor(lab, machine));
    const share = parts.reduce((sum, idle) => sum + idle, 0) / (parts.length * lab.conditions.devices);
    return {
      holds: share === 0,
      value: share,
      text: `${parts.join(', ')} of ${String(lab.conditions.devices)} idle`,
      evidence: machine.evidence.lines,
    };
  },
};

/** Lets a second pass. @returns how many devices were held in it and used by nobody */
async function idleFor(lab: Lab, machine: Machine): Promise<number> {
  const guest = machine.guest();
  const used = new Set<string | null>();
  for (const dev of guest.devices()) used.add(await markerOf(guest, lab.workload, machine.models, dev));
  const held = machine.hypervisor.claims.list().map(({ device }) => device.name);
  const idle = held.filter((name) => !used.has(name));
  machine.evidence.add('host', `held: ${held.join(' ') || 'none'}; of these idle: ${idle.join(' ') || 'none'}`);
  await machine.world.advance(SECOND_NS);
  return idle.length;
}
