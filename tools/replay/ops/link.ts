import type { Action } from '../lab';
import { DL_FLAG } from '../../../lib';
import { need } from '../lab-error';
import { LabDev } from '../lab-objects';
import type { Words } from '../words';

const FLAGS: ReadonlyMap<string, number> = new Map([
  ['stateless', DL_FLAG.STATELESS],
  ['autoremove_consumer', DL_FLAG.AUTOREMOVE_CONSUMER],
  ['autoremove_supplier', DL_FLAG.AUTOREMOVE_SUPPLIER],
  ['autoprobe_consumer', DL_FLAG.AUTOPROBE_CONSUMER],
  ['sync_state_only', DL_FLAG.SYNC_STATE_ONLY],
  ['pm_runtime', DL_FLAG.PM_RUNTIME],
  ['rpm_active', DL_FLAG.RPM_ACTIVE],
  ['managed', DL_FLAG.MANAGED],
]);

export function linkAdd(words: Words): Action {
  words.expect(4, ['flags']);
  const names = words.key('flags')?.split(',') ?? [];
  need(names.every((name) => FLAGS.has(name)));
  const flags = names.reduce((all, name) => all | (FLAGS.get(name) ?? 0), 0);
  return async (lab) => {
    const consumer = lab.objects.get(LabDev, words.at(2));
    const supplier = lab.objects.get(LabDev, words.at(3));
    need(consumer.state !== 'deleted' && consumer.state !== 'failed' && supplier.state !== 'failed', 'state');
    const idle = consumer.device.linksStatus !== 'driver-bound' && consumer.probing === 0;
    need(!idle || (!lab.resources.any(consumer) && consumer.device.linksStatus !== 'probing'), 'busy');
    return (await consumer.device.linkTo(supplier.device, flags)) === null ? null : 0;
  };
}

export function linkRemove(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const consumer = lab.objects.get(LabDev, words.at(2));
    const supplier = lab.objects.get(LabDev, words.at(3));
    return consumer.device.unlinkFrom(supplier.device);
  };
}
