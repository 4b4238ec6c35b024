import type { FixtureId, Conditions } from '../../machine';
import type { Subjects } from '../evidence/testbed';
import { countOf, join, NOTHING_TRIED, type Count } from './count';
import { tryFamily } from './family';
import { learnNames } from './names';
import { alphabet, type Scope } from './operation';
import { tasks, type Extent, type Shard } from './schedules';
import { type Subject, inWords } from './subject';

/** What is explored, and how far. */
export interface Exploration extends Omit<Extent, 'seed'> {
  readonly scope: Scope;
  readonly shard: Shard;
}

/** What came of the orders on one bus. */
export interface StateCount extends Count, FixtureId {
  /**
   * The shortest order that ends otherwise than the first one of the same operations does; null where there is none.
   */
  readonly shortest: readonly string[] | null;
}

/** A count with the name of its bus. */
export function stateCount({ bus, strategy }: FixtureId, count: Count): StateCount {
  return { bus, strategy, shortest: count.difference?.other.order ?? null, ...count };
}

/** Called when a family has been tried on a bus. */
export type Progress = (done: number, total: number) => void;

/**
 * Runs orders of the same operations on every bus and counts in how many different states they end. Same conditions,
 * same result.
 */
export async function explore(
  subjects: Subjects,
  conditions: Conditions,
  { scope, shard, ...extent }: Exploration,
  progress: Progress = () => undefined,
): Promise<StateCount[]> {
  const workloads = subjects.workloads.slice(0, 2);
  const fitting = { ...scope, drivers: Math.min(scope.drivers, workloads.length + 1) };
  const work = [...tasks(alphabet(fitting), { ...extent, seed: conditions.seed }, shard)];
  const counts: StateCount[] = [];
  for (const fixture of subjects.fixtures) {
    const subject: Subject = { fixture, conditions, workloads, scope: fitting };
    const names = await learnNames(subject);
    let count = NOTHING_TRIED;
    for (const [i, { family, schedules }] of work.entries()) {
      const tried = await tryFamily(subject, names, family, schedules());
      count = join(
        count,
        countOf(tried, (order) => inWords(subject, order)),
      );
      progress(counts.length * work.length + i + 1, subjects.fixtures.length * work.length);
    }
    counts.push(stateCount(fixture, count));
  }
  return counts;
}
