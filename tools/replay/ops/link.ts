import type { Action } from '../lab';
import { need, UnsupportedOp } from '../lab-error';
import { LabDev } from '../lab-objects';
import type { Words } from '../words';

const FLAGS = [
  'stateless', 'autoremove_consumer', 'autoremove_supplier', 'autoprobe_consumer', 'sync_state_only', 'pm_runtime',
  'rpm_active', 'managed',
];

export function linkAdd(words: Words): Action {
  words.expect(4, ['flags']);
  const flags = words.key('flags')?.split(',') ?? [];
  need(flags.every((name) => FLAGS.includes(name)));
  return (lab) => {
    const consumer = lab.objects.get(LabDev, words.at(2));
    const supplier = lab.objects.get(LabDev, words.at(3));
    need(consumer.state !== 'deleted' && consumer.state !== 'failed' && supplier.state !== 'failed', 'state');
    const idle = consumer.device.linksStatus !== 'driver-bound' && consumer.probing === 0;
    need(!idle || (!lab.resources.any(consumer) && consumer.device.linksStatus !== 'probing'), 'busy');
    throw new UnsupportedOp('link add');
  };
}

export function linkRemove(words: Words): Action {
  words.expect(4);
  return (lab) => {
    lab.objects.get(LabDev, words.at(2));
    lab.objects.get(LabDev, words.at(3));
    throw new UnsupportedOp('link remove');
  };
}
