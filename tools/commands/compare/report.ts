import { conclusions, type Comparison, type Conditions } from '../../../lib/study';
import { counted } from '../../../lib/study/words';
import { invariantsText } from './invariants';
import { statesText } from '../states-text';
import type { Paint } from './paint';
import { runsText } from './runs';
import { WIDTH, wrap } from './table';
import { timelinesText } from './timelines';

/** The comparison as a page of text. */
export function report(result: Comparison, paint: Paint): string {
  const parts = [
    conditionsText(result.conditions),
    ...runsText(result.runs, paint),
    ...invariantsText(result.invariants, paint),
    ...timelinesText(result.timelines, paint),
    paint('bold', 'In how many states the same operations end, done in different orders:'),
    statesText(result.states),
    paint('bold', 'What the numbers say:'),
    ...conclusions(result).map((sentence) => wrap(sentence, WIDTH)),
    'What a row measures and how its cells were come by: ldm compare --explain I6',
  ];
  return `${parts.join('\n\n')}\n`;
}

export function conditionsText({ devices, policy, seed }: Conditions): string {
  return `${counted(devices, 'device')} of each class, policy ${policy}, seed ${String(seed)}`;
}
