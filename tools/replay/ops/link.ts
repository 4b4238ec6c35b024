import type { Action, Lab } from '../lab';
import { DL_FLAG } from '../../../lib';
import { need } from '../lab-error';
import { LabDev } from '../lab-objects';
import { needState } from '../objects';
import { show } from '../show';
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

const ALL_FLAGS = [...FLAGS.keys()].join(', ');

export function linkAdd(words: Words): Action {
  words.expect(4, ['flags']);
  const names = words.key('flags')?.split(',') ?? [];
  for (const name of names) need(FLAGS.has(name), 'syntax', `unknown flag ${show(name)}; there are ${ALL_FLAGS}`);
  const flags = names.reduce((all, name) => all | (FLAGS.get(name) ?? 0), 0);
  return async (lab) => {
    const consumer = lab.objects.get(LabDev, words.at(2));
    const supplier = lab.objects.get(LabDev, words.at(3));
    needLinkable(lab, consumer, supplier);
    return (await consumer.device.linkTo(supplier.device, flags)) === null ? null : 0;
  };
}

/** A link to a supplier of a device whose probe was cut short would hang the kernel: FORMAT.md, section 5. */
function needLinkable(lab: Lab, consumer: LabDev, supplier: LabDev): void {
  needState(consumer, 'init', 'added');
  needState(supplier, 'init', 'added', 'deleted');
  const { linksStatus } = consumer.device;
  if (linksStatus === 'driver-bound' || consumer.probing > 0) return;
  const it = `dev ${consumer.handle} is not bound`;
  need(!lab.resources.any(consumer), 'busy', `${it} and has managed resources`);
  need(linksStatus !== 'probing', 'busy', `${it}, and its last probe was cut short by managed resources`);
}

export function linkRemove(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const consumer = lab.objects.get(LabDev, words.at(2));
    const supplier = lab.objects.get(LabDev, words.at(3));
    return consumer.device.unlinkFrom(supplier.device);
  };
}
