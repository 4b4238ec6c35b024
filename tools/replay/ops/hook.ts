import type { Action } from '../lab';
import { need } from '../lab-error';
import { LabDrv } from '../lab-objects';

/** `hook R probe|remove [OPLINE]`; the op is not looked at before it runs. */
export function hook(rest: string): Action {
  const [handle = '', event, ...words] = rest.split(' ');
  need(event === 'probe' || event === 'remove', 'syntax', 'behind the driver is probe or remove');
  const line = words.join(' ');
  return (lab) => {
    lab.objects.get(LabDrv, handle).hooks[event] = line === '' ? null : line;
  };
}
