import { World } from '../../world';
import { mapOf } from '../experiment';
import type { Invariant, Lab } from '../finding';
import { sameMaps, type MapRun } from '../same-maps';

const SCHEDULES = 8;

/**
 * The transport driver prefers asynchronous probing, in worlds in which a seed says which task goes on.
 *
 * @see drivers/base/dd.c __driver_attach, driver_allows_async_probing
 */
export const concurrentProbesAreConfluent: Invariant = {
  id: 'I28',
  group: 'other',
  title: 'probes that run at once end the same',
  measure: `different maps from names to devices over ${String(SCHEDULES)} schedules of asynchronous probes`,
  async detect(lab) {
    const runs: MapRun[] = [];
    for (let i = 0; i < SCHEDULES; i++) runs.push(await run(lab, i));
    return sameMaps(runs, 'schedule');
  },
};

async function run(lab: Lab, scheduleSeed: number): Promise<MapRun> {
  const machine = lab.machine(1, { world: new World({ seed: lab.conditions.seed, schedule: 'seeded', scheduleSeed }) });
  const guest = machine.guest();
  await guest.boot();
  await guest.loadDriver(lab.workload.driver);
  await guest.loadDriver({ ...guest.bus.transport, probeType: 'prefer-asynchronous' });
  return { machine, map: (await mapOf(lab, machine, guest)).join('\n') };
}
