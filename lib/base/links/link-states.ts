import { EAGAIN, EPROBE_DEFER } from '../../errno';
import { andThen, each, type MaySleep } from '../../may-sleep';
import { devErrProbe } from '../dev-err-probe';
import type { Device } from '../device';
import type { DeviceLink } from './device-link';
import { DL_FLAG } from './flags';
import { FWNODE_FLAG } from './fwnode';
import { deviceLinkDropManaged } from './link-del';
import { devHasSyncState, flushSyncList } from './links';

/** Runs what must not be mixed with adding and deleting links. Most bodies do not sleep, so there is rarely a wait. */
function withLinksLock<T>(dev: Device, body: () => MaySleep<T>): MaySleep<T> {
  const { links } = dev.kernel;
  return andThen(links.lock(), () =>
    andThen(body(), (result) => {
      links.unlock();
      return result;
    }),
  );
}

function managed(links: readonly DeviceLink[]): DeviceLink[] {
  return links.filter((link) => link.has(DL_FLAG.MANAGED));
}

/**
 * May the device be probed: is every supplier bound?
 *
 * @returns 0; -EPROBE_DEFER when one is not: then the links' states are as before; -EAGAIN for a device that is to try
 *   without them
 * @see drivers/base/core.c device_links_check_suppliers
 */
export function deviceLinksCheckSuppliers(dev: Device): MaySleep<number> {
  const { fwnode } = dev;
  const missing = fwnode === null ? null : dev.kernel.fwDevlink.missingSupplier(fwnode);
  if (missing !== null && !devIsBestEffort(dev)) {
    return devErrProbe(dev, -EPROBE_DEFER, `wait for supplier ${missing.ops.name}`);
  }
  if (dev.suppliers.length > 0)
    return withLinksLock(dev, () => checkSuppliers(dev) || (missing === null ? 0 : -EAGAIN));
  dev.linksStatus = 'probing';
  return missing === null ? 0 : -EAGAIN;
}

/** @see drivers/base/core.c dev_is_best_effort */
function devIsBestEffort({ ofNode }: Device): boolean {
  return ofNode?.fwnode.has(FWNODE_FLAG.BEST_EFFORT) === true;
}

/** A link that comes from the firmware, to a device without a driver. */
function mayBeIgnored(dev: Device, link: DeviceLink): boolean {
  return devIsBestEffort(dev) && link.has(DL_FLAG.INFERRED) && !link.supplier.canMatch;
}

function checkSuppliers(dev: Device): number {
  let result = 0;
  dev.linksStatus = 'probing';
  for (const link of managed(dev.suppliers)) {
    if (link.status === 'available' || link.has(DL_FLAG.SYNC_STATE_ONLY)) link.status = 'consumer probing';
    else if (mayBeIgnored(dev, link)) result = -EAGAIN;
    else {
      missingSupplier(dev);
      return devErrProbe(dev, -EPROBE_DEFER, `supplier ${String(link.supplier.name)} not ready`);
    }
  }
  return result;
}

/** @see drivers/base/core.c device_links_missing_supplier */
function missingSupplier(dev: Device): void {
  for (const link of dev.suppliers) {
    if (link.status !== 'consumer probing') continue;
    link.status = link.supplier.linksStatus === 'driver-bound' ? 'available' : 'dormant';
  }
}

/** For a bind without probe: suppliers that are not ready are given up. @see core.c device_links_force_bind */
export function deviceLinksForceBind(dev: Device): MaySleep<void> {
  dev.linksStatus = 'probing';
  if (dev.suppliers.length === 0) return undefined;
  return withLinksLock(dev, () =>
    each(managed(dev.suppliers), (link) => {
      if (link.status !== 'available') return deviceLinkDropManaged(link);
      link.status = 'consumer probing';
      return undefined;
    }),
  );
}

/** The device has a driver now: its consumers may be probed. @see drivers/base/core.c device_links_driver_bound */
export function deviceLinksDriverBound(dev: Device): MaySleep<void> {
  const { fwnode } = dev;
  if (fwnode === null) return linksDriverBound(dev);
  return andThen(dev.kernel.fwDevlink.driverBound(dev, fwnode), () => linksDriverBound(dev));
}

function linksDriverBound(dev: Device): MaySleep<void> {
  // The file of a device whose firmware names suppliers. It is removed by name, whatever created it.
  void dev.sd?.removeName('waiting_for_supplier');
  if (dev.consumers.length > 0 || dev.suppliers.length > 0) return linkedDriverBound(dev);
  dev.linksStatus = 'driver-bound';
  return devHasSyncState(dev) ? aloneDriverBound(dev) : undefined;
}

function aloneDriverBound(dev: Device): MaySleep<void> {
  const synced: Device[] = [];
  dev.kernel.links.queueOrDefer(dev, synced);
  return flushSyncList(synced, dev);
}

function linkedDriverBound(dev: Device): MaySleep<void> {
  const { links } = dev.kernel;
  const synced: Device[] = [];
  const done = withLinksLock(dev, () => {
    consumersMayProbe(dev);
    links.queueOrDefer(dev, synced);
    return andThen(
      each(managed(dev.suppliers), (link) => supplierInUse(dev, link, synced)),
      () => {
        dev.linksStatus = 'driver-bound';
      },
    );
  });
  return andThen(done, () => flushSyncList(synced, dev));
}

function consumersMayProbe(dev: Device): void {
  for (const link of managed(dev.consumers)) {
    if (link.status === 'consumer probing' || link.status === 'active') continue;
    warnUnless(link, link.status === 'dormant');
    link.status = 'available';
    if (link.has(DL_FLAG.AUTOPROBE_CONSUMER)) dev.kernel.deferred.add(link.consumer);
  }
}

function supplierInUse(dev: Device, link: DeviceLink, synced: Device[]): MaySleep<void> {
  const { supplier } = link;
  const queue = (): void => supplier.kernel.links.queueOrDefer(supplier, synced);
  const triedWithout = mayBeIgnored(dev, link) && link.status !== 'consumer probing';
  if (link.has(DL_FLAG.SYNC_STATE_ONLY) || triedWithout) return andThen(deviceLinkDropManaged(link), queue);
  warnUnless(link, link.status === 'consumer probing');
  link.status = 'active';
  queue();
  return undefined;
}

/** A probe has failed. @see drivers/base/core.c device_links_no_driver */
export function deviceLinksNoDriver(dev: Device): MaySleep<void> {
  if (dev.consumers.length === 0 && dev.suppliers.length === 0) {
    dev.linksStatus = 'no-driver';
    return undefined;
  }
  return withLinksLock(dev, () => {
    for (const link of managed(dev.consumers)) {
      if (link.status === 'consumer probing' || link.status === 'active') link.status = 'dormant';
    }
    return suppliersUnused(dev);
  });
}

/** @see drivers/base/core.c __device_links_no_driver */
function suppliersUnused(dev: Device): MaySleep<void> {
  const left = each(managed(dev.suppliers).reverse(), (link) => {
    if (link.has(DL_FLAG.AUTOREMOVE_CONSUMER)) return deviceLinkDropManaged(link);
    if (link.status === 'consumer probing' || link.status === 'active') supplierUnused(link);
    return undefined;
  });
  return andThen(left, () => {
    dev.linksStatus = 'no-driver';
  });
}

function supplierUnused(link: DeviceLink): void {
  const { linksStatus } = link.supplier;
  if (linksStatus !== 'driver-bound')
    warnUnless(link, linksStatus === 'unbinding' || link.has(DL_FLAG.SYNC_STATE_ONLY));
  link.status = linksStatus === 'driver-bound' ? 'available' : 'dormant';
}

/** The driver was unbound. @see drivers/base/core.c device_links_driver_cleanup */
export function deviceLinksDriverCleanup(dev: Device): MaySleep<void> {
  dev.kernel.links.forget(dev);
  if (dev.consumers.length === 0 && dev.suppliers.length === 0) {
    dev.linksStatus = 'no-driver';
    return undefined;
  }
  return withLinksLock(dev, () =>
    andThen(
      each(managed(dev.consumers), (link) => consumerLost(link)),
      () => suppliersUnused(dev),
    ),
  );
}

function consumerLost(link: DeviceLink): MaySleep<void> {
  warnUnless(link, !link.has(DL_FLAG.AUTOREMOVE_CONSUMER) && link.status === 'supplier unbinding');
  const goes = link.status === 'supplier unbinding' && link.has(DL_FLAG.AUTOREMOVE_SUPPLIER);
  return andThen(goes ? deviceLinkDropManaged(link) : undefined, () => {
    link.status = 'dormant';
  });
}

/** Is a consumer bound or probing? If not, none may begin to. @see drivers/base/core.c device_links_busy */
export function deviceLinksBusy(dev: Device): boolean {
  dev.linksStatus = 'unbinding';
  if (dev.consumers.length === 0) return false;
  for (const link of managed(dev.consumers)) {
    if (link.status === 'consumer probing' || link.status === 'active') return true;
    link.status = 'supplier unbinding';
  }
  return false;
}

/**
 * Unbinds the consumers of a device that is about to lose its driver; one that is just probing is waited for.
 *
 * @param release device_release_driver_internal
 * @see drivers/base/core.c device_links_unbind_consumers
 */
export async function deviceLinksUnbindConsumers(
  dev: Device,
  release: (consumer: Device) => MaySleep<void>,
): Promise<void> {
  for (let link = nextBusy(dev); link !== undefined; link = nextBusy(dev)) {
    if (link.status === 'consumer probing') {
      await dev.kernel.waitForDeviceProbe();
      if (isStuck(link))
        await dev.kernel.world.block(`device_links_unbind_consumers(${String(link.name)} is ${link.status})`);
      continue;
    }
    link.status = 'supplier unbinding';
    const consumer = link.consumer.get();
    await release(consumer);
    consumer.put();
  }
}

/** The link says that the consumer is being probed, but it is not: a probe was aborted. Linux retries for ever. */
function isStuck(link: DeviceLink): boolean {
  return link.status === 'consumer probing' && !link.consumer.isLocked;
}

/** The first link whose consumer is still active; links before it without an active consumer are closed. */
function nextBusy(dev: Device): DeviceLink | undefined {
  for (const link of managed(dev.consumers)) {
    if (link.has(DL_FLAG.SYNC_STATE_ONLY)) continue;
    if (link.status === 'consumer probing' || link.status === 'active') return link;
    link.status = 'supplier unbinding';
  }
  return undefined;
}

function warnUnless(link: DeviceLink, condition: boolean): void {
  if (!condition) link.kernel.warn(`device link ${String(link.name)} is ${link.status}`);
}
