import { mapOf } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine } from '../machine';
import { sameMaps, type MapRun } from '../same-maps';

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
    const runs: MapRun[] = [];
    for (const order of ORDERS) runs.push(await run(lab, order));
    return sameMaps(runs, 'order');
  },
};

async function run(lab: Lab, order: readonly Step[]): Promise<MapRun> {
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
