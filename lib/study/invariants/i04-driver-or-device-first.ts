import { mapOf } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import { sameAssignments, type AssignedRun } from './same-assignments';

/** Devices come and are looked for; the transport driver; the driver of their class. */
type Arrival = 'scan' | 'transport' | 'driver';

const ORDERS: readonly (readonly Arrival[])[] = [
  ['scan', 'transport', 'driver'],
  ['scan', 'driver', 'transport'],
  ['transport', 'scan', 'driver'],
  ['transport', 'driver', 'scan'],
  ['driver', 'scan', 'transport'],
  ['driver', 'transport', 'scan'],
];

/**
 * A guest boots while its devices are unplugged. Then they are plugged and scanned for, and both drivers are
 * registered, in every order. Finally the bus is scanned once more, so that a missing plug notification does not count.
 *
 * @see Documentation/driver-api/driver-model/binding.rst: device_register and driver_register both look for the other
 */
export const driverOrDeviceFirst: Invariant = {
  id: 'I4',
  group: 'code',
  title: 'driver first and device first are the same',
  measure: 'different maps from names to devices after all orders of {scan, one driver, the other}',
  async detect(testbed) {
    const runs: AssignedRun[] = [];
    for (const order of ORDERS) runs.push(await run(testbed, order));
    return sameAssignments(runs, 'order');
  },
};

async function run(testbed: Testbed, order: readonly Arrival[]): Promise<AssignedRun> {
  const machine = testbed.machine();
  const guest = machine.guest();
  for (const plugged of machine.plugged) plugged.unplug();
  await guest.boot();
  for (const step of order) await take(testbed, machine, step);
  await guest.rescanAndConfigure();
  return { machine, map: (await mapOf(testbed, machine, guest)).join('\n') };
}

async function take(testbed: Testbed, machine: RecordedMachine, step: Arrival): Promise<void> {
  const guest = machine.guest();
  if (step === 'transport') return guest.loadTransport();
  if (step === 'driver') return guest.loadDriver(testbed.workload.driver);
  machine.evidence.act('host', `plug ${machine.models.map(({ name }) => name).join(' ')}`);
  for (const [place, model] of machine.models.entries()) machine.host.plug(model, guest.guest, place);
  return guest.rescanAndConfigure();
}
