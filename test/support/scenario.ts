import { fixtureName, play, SCENARIOS, type Conditions, type Played, type Scenario } from '../../lib';
import { fixtures } from '../../buses';
import { WORKLOADS } from '../../tools/commands/subjects';

/** Every bus, and every bus with its strategy: `vpci`, `ps3-handle/at-probe`. */
export const SIDES: readonly string[] = fixtures.map(fixtureName);

export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

/** Plays a scenario; without conditions with its own policy, four devices, seed 1. */
export async function played(name: string, side: string, conditions: Partial<Conditions> = {}): Promise<Played> {
  const scenario = scenarioNamed(name);
  const fixture = fixtures.find((known) => fixtureName(known) === side);
  const [workload] = WORKLOADS;
  if (fixture === undefined || workload === undefined) throw new Error(`no bus ${side}`);
  return play(scenario, fixture, { seed: 1, devices: 4, policy: scenario.policy ?? 'lowest', ...conditions }, workload);
}
