import type { Proof } from '../excerpt';
import { mapOf } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine } from '../machine';

/** Devices come and are looked for; the transport driver; the driver of their class. */
type Step = 'scan' | 'transport' | 'driver';

const ORDERS: readonly (readonly Step[])[] = [
  ['scan', 'transport', 'driver'],
  ['scan', 'driver', 'transport'],
  ['transport', 'scan', 'driver'],
  ['transport', 'driver', 'scan'],
  ['driver', 'scan', 'transport'],
  ['driver', 'transport', 'scan'],
];

interface Run {
  readonly machine: Machine;
  readonly map: string;
}

/**
 * A guest boots while its devices are away. Then they come and are looked for, and both drivers are registered, in
 * every order. At last devices are looked for once more, so that a bus which does not tell of a plug is not blamed for
 * that.
 *
 * @see Documentation/driver-api/driver-model/binding.rst: device_register and driver_register both look for the other
 */
export const driverOrDeviceFirst: Invariant = {
  id: 'I4',
  group: 'code',
  title: 'driver first and device first are the same',
  measure: 'different maps from names to devices after all orders of {scan, one driver, the other}',
  async detect(lab) {
    const runs: Run[] = [];
    for (const order of ORDERS) runs.push(await run(lab, order));
    const [first] = runs;
    const maps = new Set(runs.map(({ map }) => map));
    const other = runs.find(({ map }) => map !== first?.map) ?? runs.at(-1);
    return {
      holds: [...maps].join('') === '' ? null : maps.size === 1,
      value: maps.size,
      text: `${String(maps.size)} maps of ${String(ORDERS.length)} orders`,
      evidence: [...linesOf(first), '--- another order', ...linesOf(other)],
    };
  },
};

function linesOf(run: Run | undefined): Proof {
  return run?.machine.evidence.lines ?? [];
}

async function run(lab: Lab, order: readonly Step[]): Promise<Run> {
  const machine = lab.machine();
  const guest = machine.guest();
  for (const plugged of machine.plugged) plugged.unplug();
  await guest.boot();
  for (const step of order) await take(lab, machine, step);
  await guest.lookAgain();
  return { machine, map: (await mapOf(lab, machine, guest)).join('\n') };
}

async function take(lab: Lab, machine: Machine, step: Step): Promise<void> {
  const guest = machine.guest();
  if (step === 'transport') return guest.loadTransport();
  if (step === 'driver') return guest.loadDriver(lab.workload.driver);
  machine.evidence.act('host', `plug ${machine.models.map(({ name }) => name).join(' ')}`);
  for (const [place, model] of machine.models.entries()) machine.host.plug(model, guest.guest, place);
  return guest.lookAgain();
}
