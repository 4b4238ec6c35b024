import type { CostCounters } from '../../hypervisor';
import { excerpt, type Proof } from '../evidence/excerpt';
import { explore, type Exploration, type Progress, type StateCount } from '../explore';
import type { FixtureId, Conditions, Workload } from '../../machine';
import { Testbed, type Subjects } from '../evidence/testbed';
import type { Group, Invariant } from '../invariants/finding';
import { RecordedMachine } from '../evidence/recorded-machine';
import { INVARIANTS } from '../invariants';
import { recordSequence, type Sequence } from './sequence';
import { recordTimeline, type Timeline } from './timeline';

/** One driver on one bus: did it work, and at what cost? */
export interface Run extends FixtureId {
  readonly driver: string;
  /** Names on the bus after the scan, and the accesses to the host that finding them took. */
  readonly found: number;
  readonly scanExits: number;
  /** Did the driver get every device? */
  readonly bound: boolean;
  readonly devicesBound: number;
  /** Did every device give back what it holds? Where {@link limit} says that not all can be used: those that can. */
  readonly ioVerified: boolean;
  readonly devicesVerified: number;
  /** Why some of the bound devices cannot be used, in Linux neither; null where all can. */
  readonly limit: string | null;
  readonly cost: CostCounters;
}

/** What was found about one invariant on one bus. */
export interface Cell extends FixtureId {
  readonly holds: boolean | null;
  readonly value: number | null;
  readonly text: string;
  /** What proves it. */
  readonly evidence: readonly string[];
}

/** One invariant on all buses. */
export interface Row {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly measure: string;
  readonly cells: readonly Cell[];
}

/** All that one comparison has found. */
export interface Comparison {
  readonly conditions: Conditions;
  readonly runs: readonly Run[];
  readonly invariants: readonly Row[];
  /** The exploration of each bus; none when only some invariants were requested. */
  readonly states: readonly StateCount[];
  /** One for each bus; none when only some invariants were requested. */
  readonly timelines: readonly Timeline[];
  readonly sequences: readonly Sequence[];
}

/** As far as takes about as long as all the rest. */
const EXPLORED: Exploration = {
  bound: 3,
  random: 0,
  scope: { devices: 2, drivers: 1, guests: 2 },
  shard: { index: 1, of: 1 },
};

/** How a cell shows what proves it. */
export type Show = (proof: Proof) => string[];

/**
 * Runs every driver on every bus, every invariant's experiment, the exploration of orders, and records a bind. Same
 * conditions, same result.
 *
 * @param only ids of the invariants to measure, and nothing else; default: all
 * @param show default: {@link excerpt}
 * @param progress called after each experiment
 */
export async function compare(
  subjects: Subjects,
  conditions: Conditions,
  only?: readonly string[],
  show: Show = excerpt,
  progress: Progress = () => undefined,
): Promise<Comparison> {
  const wanted = INVARIANTS.filter(({ id }) => only?.includes(id) ?? true);
  const steps = new Steps(subjects, wanted.length, only === undefined, progress);
  const runs: Run[] = [];
  for (const fixture of subjects.fixtures) {
    for (const workload of subjects.workloads) {
      runs.push(await runDriver(new Testbed(fixture, conditions, workload)));
      steps.next();
    }
  }
  const invariants: Row[] = [];
  for (const invariant of wanted) invariants.push(await measureRow(invariant, subjects, conditions, show, steps));
  if (only !== undefined) return { conditions, runs, invariants, states: [], timelines: [], sequences: [] };
  const states = await explore(subjects, conditions, EXPLORED, (done, total) => steps.half(done / total));
  return { conditions, runs, invariants, states, ...(await record(subjects, conditions)) };
}

/** How far a comparison is. The exploration counts as much as all the rest. */
class Steps {
  readonly #total: number;
  readonly #half: number;
  readonly #progress: Progress;
  #done = 0;

  constructor({ fixtures, workloads }: Subjects, invariants: number, explores: boolean, progress: Progress) {
    this.#half = fixtures.length * (workloads.length + invariants);
    this.#total = explores ? 2 * this.#half : this.#half;
    this.#progress = progress;
  }

  next(): void {
    this.#progress(++this.#done, this.#total);
  }

  /** @param share of the exploration, 0 to 1 */
  half(share: number): void {
    this.#progress(this.#half + Math.floor(share * this.#half), this.#total);
  }
}

async function record(
  subjects: Subjects,
  conditions: Conditions,
): Promise<Pick<Comparison, 'timelines' | 'sequences'>> {
  const timelines: Timeline[] = [];
  const sequences: Sequence[] = [];
  for (const fixture of subjects.fixtures) {
    const testbed = new Testbed(fixture, conditions, firstOf(subjects));
    timelines.push(await recordTimeline(testbed));
    sequences.push(await recordSequence(testbed));
  }
  return { timelines, sequences };
}

/** What is behind a name is easiest to see on the first class: the others differ only in what is read. */
function firstOf({ workloads }: Subjects): Workload {
  const [workload] = workloads;
  if (workload === undefined) throw new RangeError('no driver to compare with');
  return workload;
}

async function runDriver(testbed: Testbed): Promise<Run> {
  const machine = testbed.machine();
  const guest = machine.guest();
  await guest.boot();
  const found = guest.deviceNames().length;
  const scanExits = guest.counters().exits;
  await guest.loadTransport();
  await guest.loadDriver(testbed.workload.driver);
  const { bound, verified } = await useAll(testbed, machine);
  const { devices: usable = bound, reason = null } = testbed.workload.limit ?? {};
  return {
    bus: testbed.fixture.bus,
    strategy: testbed.fixture.strategy,
    driver: testbed.workload.driver.name,
    found,
    scanExits,
    bound: bound === testbed.conditions.devices,
    devicesBound: bound,
    ioVerified: bound > 0 && verified === Math.min(bound, usable),
    devicesVerified: verified,
    limit: bound > usable ? reason : null,
    cost: guest.counters(),
  };
}

async function useAll(testbed: Testbed, machine: RecordedMachine): Promise<{ bound: number; verified: number }> {
  const guest = machine.guest();
  const { driver } = testbed.workload;
  const devices = [...(guest.kernel.busOf(driver.bus)?.devices() ?? [])].filter(
    (dev) => dev.isBound && dev.driver?.def === driver,
  );
  let verified = 0;
  for (const dev of devices) if (await testbed.workload.verify(guest, dev, machine.models)) verified++;
  return { bound: devices.length, verified };
}

async function measureRow(
  invariant: Invariant,
  subjects: Subjects,
  conditions: Conditions,
  show: Show,
  steps: Steps,
): Promise<Row> {
  const cells: Cell[] = [];
  for (const fixture of subjects.fixtures) {
    const finding = await invariant.detect(new Testbed(fixture, conditions, firstOf(subjects)));
    cells.push({ bus: fixture.bus, strategy: fixture.strategy, ...finding, evidence: show(finding.evidence) });
    steps.next();
  }
  return { id: invariant.id, group: invariant.group, title: invariant.title, measure: invariant.measure, cells };
}
