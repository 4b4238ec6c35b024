import { World } from '../../world';
import { mapOf } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import { sameAssignments, type AssignedRun } from './same-assignments';

const SCHEDULES = 8;

/**
 * The transport driver prefers asynchronous probing, in worlds in which a seed chooses the task to run.
 *
 * @see drivers/base/dd.c __driver_attach, driver_allows_async_probing
 */
export const concurrentProbesAreConfluent: Invariant = {
  id: 'I28',
  group: 'other',
  title: 'probes that run at once end the same',
  measure: `different maps from names to devices over ${String(SCHEDULES)} schedules of asynchronous probes`,
  async detect(testbed) {
    const runs: AssignedRun[] = [];
    for (let i = 0; i < SCHEDULES; i++) runs.push(await run(testbed, i));
    return sameAssignments(runs, 'schedule');
  },
};

async function run(testbed: Testbed, scheduleSeed: number): Promise<AssignedRun> {
  const machine = testbed.machine(1, {
    world: new World({ seed: testbed.conditions.seed, schedule: 'seeded', scheduleSeed }),
  });
  const guest = machine.guest();
  await guest.boot();
  await guest.loadDriver(testbed.workload.driver);
  await guest.loadDriver({ ...guest.bus.transport, probeType: 'prefer-asynchronous' });
  return { machine, map: (await mapOf(testbed, machine, guest)).join('\n') };
}
