import type { BusFixture, Conditions, Workload } from '../../machine';
import { Testbed } from '../evidence/testbed';
import type { Fact, Played, Scenario } from './scenario';
import { Stage } from './stage';

/** Runs a scenario on one bus. Same conditions, same result. */
export async function play(
  scenario: Scenario,
  fixture: BusFixture,
  conditions: Conditions,
  workload: Workload,
): Promise<Played> {
  const stage = new Stage(new Testbed(fixture, conditions, workload));
  const facts = await scenario.run(stage);
  const { bus, strategy } = fixture;
  return { bus, strategy, happens: scenario.happens(facts), facts, steps: stage.steps, trace: stage.trace };
}

/** The first line in which two traces differ, from 0; null when they are equal. */
export function partingAt(a: readonly string[], b: readonly string[]): number | null {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? null : length;
}

/** A run held beside that on the control bus: where its trace is another one, that is a surprise too. */
export function besideControl(control: Played, played: Played): Played {
  return partingAt(control.trace, played.trace) === null ? played : { ...played, happens: true };
}

/** A fact that two buses differ in. */
export interface FactDifference {
  readonly name: string;
  readonly measure: string;
  readonly values: readonly [Fact, Fact];
}

/** In which facts two runs of a scenario differ. */
export function differences({ measures }: Scenario, a: Played, b: Played): FactDifference[] {
  return Object.entries(measures).flatMap(([name, measure]) => {
    const values = [a.facts[name] ?? null, b.facts[name] ?? null] as const;
    return values[0] === values[1] ? [] : [{ name, measure, values }];
  });
}
