import { KOBJECT_ACTIONS, type KobjectAction } from '../../../lib';
import type { Action } from '../lab';
import { LabError, need } from '../lab-error';
import { LabDev } from '../lab-objects';
import { parseInteger } from '../numbers';
import { show } from '../show';
import type { Words } from '../words';

const MAX_VARIABLE = 63;

export function ueventAction(text: string): KobjectAction {
  const action = KOBJECT_ACTIONS.find((known) => known === text);
  if (action === undefined)
    throw new LabError('syntax', `unknown action ${show(text)}; there are ${KOBJECT_ACTIONS.join(', ')}`);
  return action;
}

/**
 * The variables of a uevent op in order; `fill` appends F0=0, F1=1 and so on.
 *
 * @throws LabError syntax for a bad fill
 */
export function variables(words: Words): string[] {
  const text = words.key('fill');
  const fill = text === undefined ? 0 : parseInteger(text);
  need(fill !== null && fill >= 0 && fill <= 70, 'syntax', 'fill is a number from 0 to 70');
  const given = [...words.keys].filter(([key]) => key !== 'fill').map(([key, value]) => clip(`${key}=${value}`));
  return [...given, ...Array.from({ length: fill }, (_, i) => `F${String(i)}=${String(i)}`)];
}

function clip(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MAX_VARIABLE ? text : bytes.subarray(0, MAX_VARIABLE).toString();
}

export function uevent(words: Words): Action {
  words.expectWords(3);
  const action = ueventAction(words.at(2));
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(1));
    dev.device.uevent(action, variables(words));
  };
}
