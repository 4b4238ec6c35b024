import { Device } from '../../base/device';
import { backingDeviceIfAny, startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

/** What is made of all the disks, once they are there. */
const CONSUMER = 'array';

/**
 * The hypervisor's devices are plugged in the order of dependence: each works through those before it, as behind a
 * bridge. A user binds them, the last name first, and makes an array of them; then unregisters and registers the
 * driver. There are no device links, so the order of suspend follows from the order of registration alone.
 *
 * @see drivers/base/power/main.c dpm_list, drivers/base/core.c devices_kset: both are walked from the tail
 */
export const sleepFollowsDependence: Invariant = {
  id: 'I24',
  group: 'other',
  title: 'suspend and shutdown follow dependence',
  measure: 'pairs of which the supplier is suspended, or shut down, before its consumer',
  async detect(testbed) {
    const machine = await startIdle(testbed);
    const guest = machine.guest();
    await bindBackwards(guest);
    machine.evidence.act(guest.name, `make ${CONSUMER}`);
    const consumer = new Device(guest.kernel, { name: CONSUMER, release: () => undefined });
    await consumer.add();
    await guest.unloadDriver(guest.bus.transport);
    await guest.loadTransport();
    await bindBackwards(guest);
    const ranks = await rank(testbed, machine, guest, consumer);
    const suspend = inversions(note(machine, 'dpm_list', ranks, guest.kernel.dpm));
    const shutdown = inversions(note(machine, 'devices_kset', ranks, guest.kernel.devicesKset.list));
    return {
      holds: suspend === 0 && shutdown === 0,
      value: Math.max(suspend, shutdown),
      text: `${String(suspend)} suspend, ${String(shutdown)} shutdown`,
      evidence: machine.evidence.lines,
    };
  },
};

async function bindBackwards(guest: MachineGuest): Promise<void> {
  for (const name of guest.deviceNames().toReversed()) {
    if (guest.device(name)?.isBound === false) await guest.bindFile('bind', name);
  }
}

type Ranks = ReadonlyMap<object, number>;

/** The places in the order of dependence. The consumer comes behind all. */
async function rank(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest, consumer: Device): Promise<Ranks> {
  const ranks = new Map<object, number>([[consumer, machine.models.length]]);
  for (const dev of guest.devices()) {
    const backingDevice = await backingDeviceIfAny(testbed, machine, guest, dev);
    const place = machine.models.findIndex(({ name }) => name === backingDevice);
    if (place >= 0) ranks.set(dev, place);
  }
  return ranks;
}

/** The places of those that have one, in the order of a list. */
function note(
  machine: RecordedMachine,
  list: string,
  ranks: Ranks,
  devices: Iterable<{ readonly name: string | null }>,
): number[] {
  const ranked = [...devices].filter((dev) => ranks.has(dev));
  const shown = ranked.map((dev) => `${dev.name ?? ''} (${machine.models[ranks.get(dev) ?? -1]?.name ?? 'all'})`);
  machine.evidence.add(machine.guest().name, `${list}: ${shown.join(', ')}`);
  return ranked.map((dev) => ranks.get(dev) ?? 0);
}

/** Pairs in the wrong order: the list is gone through from the tail, so a consumer must come behind its supplier. */
function inversions(places: readonly number[]): number {
  return places.reduce((sum, place, i) => sum + places.slice(i + 1).filter((later) => later < place).length, 0);
}
