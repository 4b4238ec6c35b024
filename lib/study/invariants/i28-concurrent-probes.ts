import { World } from '../../world';
import type { Proof } from '../excerpt';
import { mapOf } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine } from '../machine';

const SCHEDULES = 8;

interface Run {
  readonly machine: Machine;
  readonly map: string;
}

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
    const runs: Run[] = [];
    for (let i = 0; i < SCHEDULES; i++) runs.push(await run(lab, i));
    const [first] = runs;
    const maps = new Set(runs.map(({ map }) => map));
    const other = runs.find(({ map }) => map !== first?.map) ?? runs.at(-1);
    return {
      holds: [...maps].join('') === '' ? null : maps.size === 1,
      value: maps.size,
      text: `${String(maps.size)} maps of ${String(SCHEDULES)} schedules`,
      evidence: [...linesOf(first), '--- another schedule', ...linesOf(other)],
    };
  },
};

function linesOf(run: Run | undefined): Proof {
  return run?.machine.evidence.lines ?? [];
}

async function run(lab: Lab, scheduleSeed: number): Promise<Run> {
  const machine = lab.machine(1, { world: new World({ seed: lab.conditions.seed, schedule: 'seeded', scheduleSeed }) });
  const guest = machine.guest();
  await guest.boot();
  await guest.loadDriver(lab.workload.driver);
  await guest.loadDriver({ ...guest.bus.transport, probeType: 'prefer-asynchronous' });
  return { machine, map: (await mapOf(lab, machine, guest)).join('\n') };
}
