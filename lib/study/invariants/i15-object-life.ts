import type { Device } from '../../base/device';
import type { DeviceModel } from '../../hypervisor';
import { bootLoaded } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import { type MachineGuest, backingDeviceOf } from '../../machine';

const SECOND_NS = 1_000_000_000;

/**
 * A reference to each device of the bus is held, like that of an open device node, while everything is unbound, the
 * driver unloaded and all released. An open file of sysfs would not do: it is drained when the device is removed, see
 * fs/kernfs/file.c kernfs_fop_release. There are two failures: the hypervisor's device stays claimed for as long as the
 * reference is held; or it is released, and can still be accessed through the object.
 *
 * Where nothing is claimed nothing can stay claimed; whether a device can be accessed afterwards is tested all the
 * same.
 *
 * @see lib/kobject.c kobject_put, Documentation/core-api/kobject.rst
 */
export const objectLifeIsTheReferenceCount: Invariant = {
  id: 'I15',
  group: 'code',
  title: 'a held object keeps nobody waiting',
  measure: 'devices that stay claimed for as long as somebody holds a reference to an object that was unregistered',
  async detect(testbed) {
    const machine = testbed.machine();
    const guest = machine.guest();
    await bootLoaded(testbed, guest);
    const held = guest.devices();
    for (const dev of held) dev.get();
    machine.evidence.add('user', `holds references to ${String(held.length)} devices`);
    await guest.unloadDriver(guest.bus.transport);
    await guest.leave();
    await machine.world.advance(SECOND_NS);
    const kept = machine.held;
    const reached = await reachable(testbed, machine, held);
    for (const dev of held) dev.put();
    await guest.settle();
    machine.evidence.add('user', `drops the references: ${String(machine.held)} claims are left`);
    return {
      holds: held.length === 0 ? null : kept === 0 && reached === 0,
      value: kept,
      text: describe(machine.allocations, kept, kept - machine.held, reached),
      evidence: machine.evidence.lines,
    };
  },
};

function describe(claims: number, kept: number, waited: number, reached: number): string {
  const free = kept === 0 ? 'free at once' : `${String(waited)} free with the last reference`;
  const parts = [claims === 0 ? 'no claims' : free];
  if (kept > waited) parts.push(`${String(kept - waited)} never`);
  if (reached > 0) parts.push(`${String(reached)} used after the end`);
  return parts.join(', ');
}

/** Devices that serve a request through an object of a guest that does not claim them any more. */
async function reachable(testbed: Testbed, machine: RecordedMachine, held: readonly Device[]): Promise<number> {
  const guest = machine.guest();
  const claims = machine.hypervisor.claims.list();
  const owns = (model: DeviceModel): boolean => claims.some(({ device }) => device.name === model.name);
  const backingDevices = await markersOf(testbed, machine, guest, held);
  const reached = machine.models.filter((model) => backingDevices.includes(model.name) && !owns(model));
  for (const { name } of reached) machine.evidence.add(guest.name, `${name} serves a request after the end`);
  return reached.length;
}

async function markersOf(
  testbed: Testbed,
  { models }: RecordedMachine,
  guest: MachineGuest,
  held: readonly Device[],
): Promise<string[]> {
  const backingDevices: string[] = [];
  for (const dev of held) {
    const backingDevice = await backingDeviceOf(guest, testbed.workload, models, dev);
    if (backingDevice !== null) backingDevices.push(backingDevice);
  }
  return backingDevices;
}
