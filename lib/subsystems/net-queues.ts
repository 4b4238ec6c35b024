import type { Device } from '../base/device';
import { Kobject } from '../kobject/kobject';
import { kobjectAdd, kobjectPut } from '../kobject/kobject-life';
import { Kset, ksetRegister, ksetUnregister } from '../kobject/kset';
import { kobjectUevent } from '../kobject/uevent';
import type { MaySleep } from '../may-sleep';

/** The directories of a network device's queues; they have no files here. */
export interface QueueKobjects {
  remove(): MaySleep<void>;
}

/** One queue for each direction. @see net/core/net-sysfs.c register_queue_kobjects */
export function addQueueKobjects(dev: Device): QueueKobjects {
  const kset = new Kset(dev.kernel);
  ksetRegister(kset, 'queues', dev);
  const queues = ['rx-0', 'tx-0'].map((name) => addQueue(kset, name));
  return {
    remove: () => {
      for (const queue of queues) kobjectPut(queue);
      return ksetUnregister(kset);
    },
  };
}

/** @see net/core/net-sysfs.c rx_queue_add_kobject, netdev_queue_add_kobject */
function addQueue(kset: Kset, name: string): Kobject {
  const queue = new Kobject(kset.kernel, { name: `${name.slice(0, 2)}_queue_ktype` });
  queue.kset = kset;
  if (kobjectAdd(queue, null, name) === 0) kobjectUevent(queue, 'add');
  return queue;
}
