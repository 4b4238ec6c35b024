import { EAGAIN, EINVAL } from '../../errno';
import { andThen, each, type MaySleep } from '../../may-sleep';
import { Mutex } from '../../world/mutex';
import { devMessage, type Device } from '../device';
import type { KernelCore } from '../kernel-core';
import { devlinkClass, DeviceLink } from './device-link';
import { DL_FLAG, isSyncStateOnly } from './flags';
import { CycleSearch } from './fw-devlink-cycles';
import { FWNODE_FLAG, fwnodeLinkDel, pickupDanglingConsumers, type Fwnode, type FwnodeLink } from './fwnode';

/** What is made of suppliers that the firmware names. `permissive`: links that delay sync_state only. `off`: none. */
export type FwDevlinkMode = 'off' | 'permissive' | 'on';

/** @see drivers/base/core.c FW_DEVLINK_FLAGS_PERMISSIVE */
const FLAGS_PERMISSIVE = DL_FLAG.INFERRED | DL_FLAG.SYNC_STATE_ONLY;
/** @see drivers/base/core.c FW_DEVLINK_FLAGS_ON */
const FLAGS_ON = DL_FLAG.INFERRED | DL_FLAG.AUTOPROBE_CONSUMER;

/**
 * Device links that follow from the firmware: a node names others as its suppliers (clocks, power domains, ...), and
 * its device waits until theirs are bound. @see drivers/base/core.c, the part on fw_devlink
 */
export class FwDevlink {
  /** @see drivers/base/core.c fwnode_link_lock */
  readonly #mutex = new Mutex();
  readonly #kernel: KernelCore;
  /**
   * All drivers are registered: consumers of a device without a driver stop waiting.
   *
   * @see drivers/base/core.c fw_devlink_drv_reg_done
   */
  driversDone: boolean;

  constructor(
    kernel: KernelCore,
    readonly mode: FwDevlinkMode,
    driversDone: boolean,
  ) {
    this.#kernel = kernel;
    this.driversDone = driversDone;
  }

  /** @see drivers/base/core.c fw_devlink_drivers_done */
  driversAreDone(): void {
    this.driversDone = true;
    for (const link of this.#kernel.classOf(devlinkClass)?.devices() ?? []) {
      if (link instanceof DeviceLink && !link.supplier.canMatch) relaxLink(link);
    }
  }

  /**
   * The node that a device still waits for; null for none.
   *
   * @see drivers/base/core.c fwnode_links_check_suppliers
   */
  missingSupplier(fwnode: Fwnode | null): Fwnode | null {
    if (fwnode === null || this.mode === 'permissive') return null;
    return fwnode.suppliers.find(({ isCycle }) => !isCycle)?.supplier ?? null;
  }

  /** A device is there: links to its suppliers, and from its consumers. @see core.c fw_devlink_link_device */
  linkDevice(dev: Device, fwnode: Fwnode): MaySleep<void> {
    if (fwnode.dev !== null) return undefined;
    fwnode.dev = dev;
    if (this.mode === 'off') return undefined;
    parseTree(fwnode);
    return this.#locked(() =>
      andThen(this.#linkToConsumers(dev, fwnode), () => this.#linkToSuppliers(dev, fwnode, fwnode)),
    );
  }

  /** Its driver has all it needs, and stands for what has no device below it. @see device_links_driver_bound */
  driverBound(dev: Device, fwnode: Fwnode): MaySleep<void> {
    if (fwnode.dev !== dev) return undefined;
    for (const link of fwnode.suppliers) fwnodeLinkDel(link);
    return this.#locked(() => {
      for (const child of fwnode.ops.availableChildren()) pickupDanglingConsumers(child, fwnode);
      return this.#linkToConsumers(dev, fwnode);
    });
  }

  /**
   * A device has no driver, and all drivers are registered: its consumers may probe without it.
   *
   * @see drivers/base/core.c device_add, fw_devlink_unblock_consumers
   */
  deviceProbed(dev: Device): void {
    if (!this.driversDone || dev.canMatch || this.mode !== 'on') return;
    for (const link of dev.consumers) relaxLink(link);
  }

  #locked(body: () => MaySleep<void>): MaySleep<void> {
    const { world } = this.#kernel;
    return andThen(this.#mutex.lock(world, 'fwnode_link_lock'), () => andThen(body(), () => this.#mutex.unlock(world)));
  }

  /**
   * A consumer that is not a device yet is represented by its parent device, so that sync_state of the supplier is not
   * called too early.
   *
   * @see drivers/base/core.c __fw_devlink_link_to_consumers
   */
  #linkToConsumers(dev: Device, fwnode: Fwnode): MaySleep<void> {
    return each(fwnode.consumers, (link) => {
      const { consumer } = link;
      const proxy = consumer.dev === null ? consumer.nextParentDev : null;
      const con = consumer.dev ?? (proxy?.fwnode?.isAncestorOf(fwnode) === true ? null : proxy);
      if (con === null) return undefined;
      return andThen(this.#createDevlink(con, fwnode, link), (ret) => {
        if (con === consumer.dev && ret !== -EAGAIN) fwnodeLinkDel(link);
      });
    });
  }

  /** Of the whole tree below a device: it stands for those that are no devices yet. */
  #linkToSuppliers(dev: Device, own: Fwnode, fwnode: Fwnode): MaySleep<void> {
    const linked = each(fwnode.suppliers, (link) =>
      andThen(this.#createDevlink(dev, link.supplier, link), (ret) => {
        if (own === fwnode && ret !== -EAGAIN) fwnodeLinkDel(link);
      }),
    );
    return andThen(linked, () =>
      each(fwnode.ops.availableChildren(), (child) => this.#linkToSuppliers(dev, own, child)),
    );
  }

  /**
   * @returns 0; -EINVAL when there will be no link; -EAGAIN when there may be one later
   * @see drivers/base/core.c fw_devlink_create_devlink
   */
  #createDevlink(con: Device, supplier: Fwnode, link: FwnodeLink): MaySleep<number> {
    const needsChild = supplier.has(FWNODE_FLAG.NEEDS_CHILD_BOUND_ON_ADD);
    if (needsChild && con.fwnode !== null && supplier.isAncestorOf(con.fwnode)) return -EINVAL;
    this.#findCycles(link, supplier);
    const supDev = supplier.has(FWNODE_FLAG.NOT_DEVICE) ? supplier.nextParentDev : supplier.dev;
    if (supDev !== null) return this.#linkTo(con, supDev, supplier, link);
    const neverDevice = isUsedWithoutDriver(supplier) || [...supplier.parents()].some(isUsedWithoutDriver);
    return neverDevice ? -EINVAL : -EAGAIN;
  }

  #findCycles(link: FwnodeLink, supplier: Fwnode): void {
    if (!new CycleSearch(link.consumer, relaxLink).leadsBack(supplier)) return;
    link.isCycle = true;
    const { log } = this.#kernel;
    log.info(`${link.consumer.ops.path}: Fixed dependency cycle(s) with ${supplier.ops.path}`);
  }

  #linkTo(con: Device, supDev: Device, supplier: Fwnode, { consumer, isCycle }: FwnodeLink): MaySleep<number> {
    if (supDev.linksStatus === 'no-driver' && supplier.has(FWNODE_FLAG.INITIALIZED)) return -EINVAL;
    if (con === supDev) return 0;
    const flags = con.fwnode === consumer ? this.#flagsOf(isCycle) : FLAGS_PERMISSIVE;
    return andThen(con.kernel.ops.deviceLinkAdd(con, supDev, flags), (made) => {
      if (made !== null) return 0;
      const what = `Failed to create device link (0x${flags.toString(16)}) with ${String(supDev.name)}`;
      con.kernel.log.err(devMessage(con, what));
      return -EINVAL;
    });
  }

  /** @see drivers/base/core.c fw_devlink_get_flags */
  #flagsOf(isCycle: boolean): number {
    if (isCycle) return FLAGS_PERMISSIVE | DL_FLAG.CYCLE;
    return this.mode === 'on' ? FLAGS_ON : FLAGS_PERMISSIVE;
  }
}

/** @see drivers/base/core.c fw_devlink_parse_fwtree */
function parseTree(fwnode: Fwnode): void {
  if (!fwnode.has(FWNODE_FLAG.LINKS_ADDED)) {
    fwnode.ops.addLinks();
    fwnode.flags |= FWNODE_FLAG.LINKS_ADDED;
  }
  for (const child of fwnode.ops.availableChildren()) parseTree(child);
}

/** From now on the consumer does not wait. @see drivers/base/core.c fw_devlink_relax_link */
function relaxLink(link: DeviceLink): void {
  if (!link.has(DL_FLAG.INFERRED) || isSyncStateOnly(link.flags)) return;
  link.flags = DL_FLAG.MANAGED | FLAGS_PERMISSIVE;
  link.kernel.log.dbg(() => devMessage(link.consumer, `Relaxing link with ${String(link.supplier.name)}`));
}

/** @see drivers/base/core.c fwnode_init_without_drv */
function isUsedWithoutDriver(fwnode: Fwnode): boolean {
  return fwnode.has(FWNODE_FLAG.INITIALIZED) && (fwnode.dev === null || fwnode.dev.linksStatus === 'no-driver');
}
