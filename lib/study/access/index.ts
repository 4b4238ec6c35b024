/** What finding a device costs, what talking to it costs, and whether the two are independent. */
import { fixtureName, type BusFixture, type Workload } from '../../machine';
import type { StyleName } from '../../access/place';
import { ABILITIES } from './abilities';
import { additive, type Additive } from './additive';
import { ACCESSES, measureAccess, type AccessRun } from './measure';

export { ABILITIES } from './abilities';
export { PHASES, type AccessRun, type Phase } from './measure';

/** What a style can do, by the title of an ability. */
interface StyleAbilities {
  readonly style: StyleName;
  readonly can: ReadonlyMap<string, boolean>;
}

export interface AccessComparison {
  readonly runs: readonly AccessRun[];
  /** Of the first workload. */
  readonly additive: Additive;
  readonly abilities: readonly StyleAbilities[];
}

/** The bus on which abilities are tried, and whose costs are those of reference: the simplest. */
const REFERENCE = 'vbus';

/** Every driver on every bus in every style. @param progress called after each of `total` steps */
export async function compareAccess(
  fixtures: readonly BusFixture[],
  workloads: readonly Workload[],
  progress: (done: number, total: number) => void = () => undefined,
): Promise<AccessComparison> {
  const runs: AccessRun[] = [];
  const [workload] = workloads;
  if (workload === undefined) throw new RangeError('no driver to compare with');
  const total = fixtures.length * workloads.length * ACCESSES.length;
  for (const fixture of fixtures) {
    for (const access of ACCESSES) {
      for (const one of workloads) {
        runs.push(await measureAccess(fixture, access, one));
        progress(runs.length, total);
      }
    }
  }
  const simplest = fixtures.find(({ bus }) => bus === REFERENCE) ?? fixtures[0];
  const own = runs.filter(({ driver }) => driver === workload.driver.name);
  const abilities: StyleAbilities[] = [];
  for (const style of ACCESSES) {
    if (style === 'native' || simplest === undefined) continue;
    const can = new Map<string, boolean>();
    for (const ability of ABILITIES) can.set(ability.title, await ability.can({ fixture: simplest, style, workload }));
    abilities.push({ style, can });
  }
  return { runs, additive: additive(own, simplest === undefined ? undefined : fixtureName(simplest)), abilities };
}
