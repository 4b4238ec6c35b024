import type { MaySleep } from '../../may-sleep';
import type { Device } from '../device';
import { devlinkClass, type DeviceLink } from './device-link';
import { DL_FLAG } from './flags';

/** Takes a link out of both lists and away. @see drivers/base/core.c __device_link_del */
function deviceLinkDelLocked(link: DeviceLink): MaySleep<void> {
  const { consumer, supplier, kernel } = link;
  supplier.consumers = supplier.consumers.filter((other) => other !== link);
  consumer.suppliers = consumer.suppliers.filter((other) => other !== link);
  return kernel.ops.deviceUnregister(link);
}

/** The core tracks the link no longer; without another user it goes. @see core.c device_link_drop_managed */
export function deviceLinkDropManaged(link: DeviceLink): MaySleep<void> {
  link.flags &= ~DL_FLAG.MANAGED;
  link.status = 'not tracked';
  return --link.kref === 0 ? deviceLinkDelLocked(link) : undefined;
}

/**
 * Drops one of the references that stateless adds took; a managed link is only dropped when its consumer is gone.
 *
 * @see drivers/base/core.c device_link_remove
 */
export async function deviceLinkRemove(consumer: Device, supplier: Device): Promise<void> {
  const { kernel } = supplier;
  if (consumer === supplier) {
    kernel.warn('device_link_remove: consumer and supplier are the same device');
    return;
  }
  await kernel.links.lock();
  const link = supplier.consumers.find((known) => known.consumer === consumer);
  if (link !== undefined) await deviceLinkPut(link);
  kernel.links.unlock();
}

/** @see drivers/base/core.c device_link_put_kref */
async function deviceLinkPut(link: DeviceLink): Promise<void> {
  if (link.has(DL_FLAG.STATELESS)) {
    if (--link.kref === 0) await deviceLinkDelLocked(link);
  } else if (!link.consumer.isRegistered) await deviceLinkDelLocked(link);
  else link.kernel.warn('Unable to drop a managed device link reference');
}

/**
 * Takes away what is left of a deleted device's links, the newest first.
 *
 * @see drivers/base/core.c device_links_purge
 */
export async function deviceLinksPurge(dev: Device): Promise<void> {
  const { kernel } = dev;
  if (dev.class?.type === devlinkClass) return;
  await kernel.links.lock();
  for (const link of dev.suppliers.toReversed()) {
    if (link.status === 'active') kernel.warn(`device_links_purge: link to ${String(link.supplier.name)} is active`);
    await deviceLinkDelLocked(link);
  }
  for (const link of dev.consumers.toReversed()) {
    if (link.status !== 'dormant' && link.status !== 'not tracked') {
      kernel.warn(`device_links_purge: link from ${String(link.consumer.name)} is ${link.status}`);
    }
    await deviceLinkDelLocked(link);
  }
  kernel.links.unlock();
}
