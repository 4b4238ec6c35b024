import type { Device } from '../device';
import { deviceReorderToTail } from '../device-order';
import { DeviceLink, type DeviceLinkState } from './device-link';
import { DL_ADD_VALID_FLAGS, DL_FLAG, DL_MANAGED_LINK_FLAGS, isSyncStateOnly } from './flags';
import { deviceIsDependent } from './link-graph';

/**
 * Makes `consumer` depend on `supplier`, or changes the link that is there to the longer life of the two.
 *
 * @param flags of {@link DL_FLAG}
 * @returns null when the flags contradict each other, the supplier is not registered, or the supplier depends on the
 *   consumer already
 * @see drivers/base/core.c device_link_add
 */
export async function deviceLinkAdd(consumer: Device, supplier: Device, flags: number): Promise<DeviceLink | null> {
  if (consumer === supplier || !areFlagsValid(flags)) return null;
  // Runtime PM is disabled on every device, and a disabled supplier cannot be resumed.
  if ((flags & DL_FLAG.PM_RUNTIME) !== 0 && (flags & DL_FLAG.RPM_ACTIVE) !== 0) return null;
  const wanted = (flags & DL_FLAG.STATELESS) === 0 ? flags | DL_FLAG.MANAGED : flags;
  if ((wanted & DL_FLAG.SYNC_STATE_ONLY) !== 0 && !isSyncStateOnly(wanted)) return null;
  const { links } = supplier.kernel;
  await links.lock();
  const link = await addLocked(consumer, supplier, wanted);
  links.unlock();
  return link;
}

function areFlagsValid(flags: number): boolean {
  const autoremove = DL_FLAG.AUTOREMOVE_CONSUMER | DL_FLAG.AUTOREMOVE_SUPPLIER;
  if ((flags & ~DL_ADD_VALID_FLAGS) !== 0) return false;
  if ((flags & DL_FLAG.STATELESS) !== 0 && (flags & DL_MANAGED_LINK_FLAGS) !== 0) return false;
  return (flags & DL_FLAG.AUTOPROBE_CONSUMER) === 0 || (flags & autoremove) === 0;
}

async function addLocked(consumer: Device, supplier: Device, wanted: number): Promise<DeviceLink | null> {
  const syncStateOnly = (wanted & DL_FLAG.SYNC_STATE_ONLY) !== 0;
  if (supplier.knodeDpm === null) return null;
  if (!syncStateOnly && deviceIsDependent(consumer, supplier)) return null;
  if (syncStateOnly && consumer.linksStatus !== 'no-driver' && consumer.linksStatus !== 'probing') return null;
  const supplierWins = (wanted & DL_FLAG.AUTOREMOVE_SUPPLIER) !== 0;
  const flags = supplierWins ? wanted & ~DL_FLAG.AUTOREMOVE_CONSUMER : wanted;
  const known = supplier.consumers.find((link) => link.consumer === consumer);
  if (known !== undefined) return merge(known, flags);
  return create(consumer, supplier, flags);
}

function merge(link: DeviceLink, flags: number): DeviceLink {
  if ((flags & DL_FLAG.INFERRED) === 0) link.flags &= ~DL_FLAG.INFERRED;
  link.flags |= flags & DL_FLAG.PM_RUNTIME;
  if ((flags & DL_FLAG.STATELESS) !== 0) return mergeStateless(link);
  mergeLife(link, flags);
  if (!link.has(DL_FLAG.MANAGED)) {
    link.kref++;
    link.flags |= DL_FLAG.MANAGED;
    link.status = initialStatus(link.consumer, link.supplier);
  }
  if (link.has(DL_FLAG.SYNC_STATE_ONLY) && (flags & DL_FLAG.SYNC_STATE_ONLY) === 0) {
    link.flags &= ~DL_FLAG.SYNC_STATE_ONLY;
    deviceReorderToTail(link.consumer);
  }
  return link;
}

function mergeStateless(link: DeviceLink): DeviceLink {
  link.kref++;
  const reorder = link.has(DL_FLAG.SYNC_STATE_ONLY) && !link.has(DL_FLAG.STATELESS);
  link.flags |= DL_FLAG.STATELESS;
  if (reorder) deviceReorderToTail(link.consumer);
  return link;
}

/** The longer life wins: never removed, then with the supplier, then with the consumer. */
function mergeLife(link: DeviceLink, flags: number): void {
  if ((flags & DL_FLAG.AUTOREMOVE_SUPPLIER) !== 0) {
    if (!link.has(DL_FLAG.AUTOREMOVE_CONSUMER)) return;
    link.flags = (link.flags & ~DL_FLAG.AUTOREMOVE_CONSUMER) | DL_FLAG.AUTOREMOVE_SUPPLIER;
  } else if ((flags & DL_FLAG.AUTOREMOVE_CONSUMER) === 0) {
    link.flags &= ~(DL_FLAG.AUTOREMOVE_CONSUMER | DL_FLAG.AUTOREMOVE_SUPPLIER);
  }
}

async function create(consumer: Device, supplier: Device, flags: number): Promise<DeviceLink | null> {
  supplier.get();
  consumer.get();
  const link = new DeviceLink(supplier.kernel, consumer, supplier, flags);
  const error = await supplier.kernel.ops.deviceAdd(link);
  if (error !== 0) {
    link.put();
    return null;
  }
  link.status = (flags & DL_FLAG.STATELESS) !== 0 ? 'not tracked' : initialStatus(consumer, supplier);
  supplier.consumers = [...supplier.consumers, link];
  consumer.suppliers = [...consumer.suppliers, link];
  if ((flags & DL_FLAG.SYNC_STATE_ONLY) === 0) deviceReorderToTail(consumer);
  return link;
}

/** @see drivers/base/core.c device_link_init_status */
function initialStatus(consumer: Device, supplier: Device): DeviceLinkState {
  switch (supplier.linksStatus) {
    case 'probing':
      return consumer.linksStatus === 'probing' ? 'consumer probing' : 'dormant';
    case 'driver-bound':
      if (consumer.linksStatus === 'probing') return 'consumer probing';
      return consumer.linksStatus === 'driver-bound' ? 'active' : 'available';
    case 'unbinding':
      return 'supplier unbinding';
    default:
      return 'dormant';
  }
}
