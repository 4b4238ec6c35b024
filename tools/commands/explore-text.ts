import { fixtureName } from '../../lib/machine';
import type { StateCount, Told } from '../../lib/study';
import { counted } from '../../lib/study/evidence/words';
import type { Part } from './explore-part';
import { prose } from './prose';
import { statesText } from './states-text';

/** A result as a page of text: the counts, then for each bus two orders that end differently. */
export function exploredText({ explored, shard, states }: Part): string {
  const { bound, random, devices, drivers, guests, policy, seed } = explored;
  const what = `every order of up to ${counted(bound, 'operation')}, and ${counted(random, 'longer one')} drawn`;
  const scope = `${counted(devices, 'device')}, ${counted(drivers, 'driver')}, ${counted(guests, 'guest')}`;
  const part = shard.of === 1 ? [] : [`part ${String(shard.index)} of ${String(shard.of)}`];
  const head = [what, scope, `policy ${policy}, seed ${String(seed)}`, ...part].join('; ');
  return `${[prose(head), statesText(states), ...states.flatMap(differenceText)].join('\n\n')}\n`;
}

function differenceText(state: StateCount): string[] {
  const { difference, differing, families } = state;
  if (difference === null) return [];
  const numbers = `${String(differing)} of ${String(families)}`;
  const head = `${fixtureName(state)}: ${numbers} sets of operations end differently, e.g.`;
  return [[prose(head), ...toldText(difference.reference), ...toldText(difference.other)].join('\n')];
}

function toldText({ order, seed, state }: Told): string[] {
  const how = seed === undefined ? '' : ` (at once where possible, by chance ${String(seed)})`;
  const lines = state.length === 0 ? ['no guest has a device'] : state;
  return [prose(`${order.join('; ')}${how}`, 2, 6), ...lines.map((line) => prose(line, 4, 8))];
}
