import { conclusions, type Comparison } from '../../../lib/study';
import type { Conditions } from '../../../lib/machine';
import { counted } from '../../../lib/study/evidence/words';
import { prose } from '../prose';
import { statesText } from '../states-text';
import { invariantsText } from './invariants';
import type { Paint } from './paint';
import { runsText } from './runs';
import { timelinesText } from './timelines';

const SIGNS =
  'In the next tables ✓ says that an invariant holds, ✗ that it does not, - that the question does not arise. ' +
  'The number is what was measured; what that is stands below each table.';

/** The comparison as a page of text. */
export function report(result: Comparison, paint: Paint): string {
  const parts = [
    conditionsText(result.conditions),
    ...runsText(result.runs, paint),
    prose(SIGNS),
    ...invariantsText(result.invariants, paint),
    ...timelinesText(result.timelines, paint),
    paint('bold', prose('In how many states the same operations end, done in different orders:')),
    statesText(result.states),
    paint('bold', 'What the numbers say:'),
    ...conclusions(result).map((sentence) => prose(sentence)),
    prose('What proves the cells of a row: ldm compare --explain I6'),
  ];
  return `${parts.join('\n\n')}\n`;
}

export function conditionsText({ devices, policy, seed }: Conditions): string {
  return `${counted(devices, 'device')} of each class, policy ${policy}, seed ${String(seed)}`;
}
