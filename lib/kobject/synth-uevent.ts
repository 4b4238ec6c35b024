import { EINVAL } from '../errno';
import { kobjectGetPath, type Kobject } from './kobject';
import { KOBJECT_ACTIONS, kobjectUeventEnv, type KobjectAction } from './uevent';
import { UeventEnv } from './uevent-env';

const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/;

/** Where an overflow is logged. */
interface Log {
  warn(text: string): void;
}

interface Synthetic {
  readonly action: KobjectAction;
  readonly vars: readonly string[];
}

/**
 * Sends the event that is requested by a write to a `uevent` file: ACTION [UUID [KEY=VALUE ...]].
 *
 * @returns 0; -EINVAL for an unknown action or malformed arguments; the error of sending. Any error is logged.
 * @see lib/kobject_uevent.c kobject_synth_uevent
 */
export function kobjectSynthUevent(kobj: Kobject, text: string): number {
  const parsed = parse(text, kobj.kernel);
  const error = typeof parsed === 'string' || typeof parsed === 'number' ? -EINVAL : 0;
  const result = typeof parsed === 'object' ? kobjectUeventEnv(kobj, parsed.action, parsed.vars) : failure(parsed);
  if (result !== 0) {
    const why = typeof parsed === 'string' ? parsed : 'failed to send uevent';
    kobj.kernel.log.warn(`synth uevent: ${kobjectGetPath(kobj)}: ${why}`);
  }
  return error === 0 ? result : failure(parsed);
}

function failure(parsed: Synthetic | string | number): number {
  return typeof parsed === 'number' ? parsed : -EINVAL;
}

/** The event, or why there is none: a text for EINVAL, else the errno. */
function parse(text: string, log: Log): Synthetic | string | number {
  const line = /[\n\0]$/.test(text) ? text.slice(0, -1) : text;
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  const action = KOBJECT_ACTIONS.find((known) => known === word);
  if (action === undefined) return 'unknown uevent action string';
  if (space < 0) return { action, vars: ['SYNTH_UUID=0'] };
  const vars = parseArguments(line.slice(space + 1), log);
  if (vars === -EINVAL) return 'incorrect uevent action arguments';
  return typeof vars === 'number' ? vars : { action, vars };
}

/** @see lib/kobject_uevent.c kobject_action_args */
function parseArguments(text: string, log: Log): readonly string[] | number {
  const uuid = UUID.exec(text)?.[0];
  if (uuid === undefined) return -EINVAL;
  const env = new UeventEnv(log);
  env.add('SYNTH_UUID', uuid);
  const rest = text.slice(uuid.length);
  if (rest === '') return env.vars;
  if (!rest.startsWith(' ')) return -EINVAL;
  for (const pair of rest.slice(1).split(' ')) {
    const [, key, value] = /^([0-9A-Za-z]+)=([0-9A-Za-z]+)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined || env.add(`SYNTH_ARG_${key}`, value) !== 0) return -EINVAL;
  }
  return env.vars;
}
