import { kobjectUevent } from '../../../../lib/kobject';
import { EINVAL, ENODEV, errnoName } from '../../../../lib/errno';
import type { PmPhase } from '../../../../lib/base/power/pm-ops';
import { devMessage } from '../../../../lib/base/device';
import { guard } from '../../../../lib/base/guard';
import { kstrtoul } from '../../../../lib/kstrtox';
import { andThen, type MaySleep } from '../../../../lib/may-sleep';
import { attrRw, type AttributeGroup } from '../../../../lib/sysfs';
import type { SysfsWrite } from '../../../../lib/machine/fixture';
import { callDriverRemove, ps3SystemBus } from '../bus';
import type { Ps3Device, Ps3Strategy, Ps3System } from '../device';
import { giveBack, reallocate } from './handles';
import { addPlaceholders, type Placeholders } from './names';

/** A device that has a driver. */
interface Binding {
  /** The driver's probe, which needs the handle. */
  readonly probe: () => MaySleep<number | void>;
  isOnline: boolean;
}

/** How it is with devices that were just bound. */
export interface AtOnlineOptions {
  /** Do they go online by themselves, as virtio_ccw's do? Default: yes. */
  readonly automatic?: boolean;
}

/**
 * Placeholders as with at-probe, but a bind claims nothing: it only selects the driver. A device that goes online
 * allocates any free device of the class, and then its driver's probe runs; when it goes offline the driver's remove
 * runs and the device is released, and it stays bound. So the claim is a step of its own, whose error is returned to
 * the writer: EBUSY when all are in use, ENODEV without a driver or for a class without devices, the error of the
 * driver. Nothing is deferred.
 *
 * Users write 0 or 1 to `online`. Right after a bind a worker does so for them, once, as the driver virtio_ccw does; a
 * failure is logged, and the user may try again. Unbinding and shutdown take a device offline first.
 *
 * @see drivers/s390/cio/device.c online_store, drivers/s390/virtio/virtio_ccw.c virtio_ccw_auto_online
 */
export class AtOnline implements Ps3Strategy {
  readonly name = 'at-online';
  readonly #placeholders: Placeholders;
  readonly #automatic: boolean;
  readonly #bound = new Map<Ps3Device, Binding>();
  readonly #groups: readonly AttributeGroup<Ps3Device>[];

  constructor(placeholders: Placeholders, { automatic = true }: AtOnlineOptions = {}) {
    this.#placeholders = placeholders;
    this.#automatic = automatic;
    const online = attrRw<Ps3Device>(
      'online',
      (dev) => this.#show(dev),
      (dev, text) => this.#store(dev, text),
    );
    this.#groups = [{ attrs: [online] }];
  }

  /** No hypercall is made: the devices here are configuration. */
  scan(system: Ps3System): MaySleep<void> {
    return addPlaceholders(system, this.#placeholders, this.#groups);
  }

  probe(dev: Ps3Device, next: () => MaySleep<number | void>): number {
    const binding = { probe: next, isOnline: false };
    this.#bound.set(dev, binding);
    if (this.#automatic) this.#queueOnline(dev, binding);
    return 0;
  }

  /** `next` does nothing for a device that is offline: its driver never had it, or has left it. */
  remove(dev: Ps3Device, next: () => MaySleep<void>): MaySleep<void> {
    const binding = this.#bound.get(dev);
    this.#bound.delete(dev);
    return binding?.isOnline === true ? goOffline(dev, binding, next) : undefined;
  }

  /** Only for devices that are online, the others were not probed. One that cannot be allocated again goes offline. */
  pm(dev: Ps3Device, phase: PmPhase, next: () => MaySleep<number | void>): MaySleep<number | void> {
    const binding = this.#bound.get(dev);
    if (binding?.isOnline !== true) return 0;
    const restored = (): MaySleep<number | void> => (dev.handle === null ? change(dev, binding, false) : next());
    return reallocate(dev, phase, restored);
  }

  onlineWrite(name: string): SysfsWrite {
    return { path: `/sys/bus/${ps3SystemBus.name}/devices/${name}/online`, text: '1' };
  }

  #show(dev: Ps3Device): string {
    return this.#bound.get(dev)?.isOnline === true ? '1\n' : '0\n';
  }

  async #store(dev: Ps3Device, text: string): Promise<number | undefined> {
    const wanted = kstrtoul(text, 16);
    if (typeof wanted === 'number') return wanted;
    if (wanted > 1n) return -EINVAL;
    await dev.lock();
    const binding = this.#bound.get(dev);
    const result = binding === undefined ? -ENODEV : await change(dev, binding, wanted === 1n);
    dev.unlock();
    return result < 0 ? result : undefined;
  }

  #queueOnline(dev: Ps3Device, binding: Binding): void {
    dev.get();
    const run = async (): Promise<void> => {
      await dev.lock();
      const result = this.#bound.get(dev) === binding ? await change(dev, binding, true) : 0;
      dev.unlock();
      if (result < 0) dev.kernel.log.warn(devMessage(dev, `cannot go online: ${errnoName(result)}`));
      dev.put();
    };
    dev.system.workqueue.queue({ name: `ps3_auto_online(${dev.name ?? ''})`, run });
  }
}

/** The caller holds the device's lock. @returns 0, also if it is in that state; the error */
async function change(dev: Ps3Device, binding: Binding, online: boolean): Promise<number> {
  if (binding.isOnline === online) return 0;
  if (online) return goOnline(dev, binding);
  await goOffline(dev, binding, () => callDriverRemove(dev));
  kobjectUevent(dev, 'offline');
  return 0;
}

/** What the driver takes in its probe lasts until the device goes offline, and not until it is unbound. */
async function goOnline(dev: Ps3Device, binding: Binding): Promise<number> {
  const handle = dev.system.lv1.allocDevice(dev.classId);
  if (handle < 0) return handle;
  dev.handle = handle;
  dev.devm.openGroup(binding);
  const where = (): string => `ps3_set_online: device ${String(dev.name)}`;
  const result = await guard(dev.kernel.world, where, binding.probe);
  if (result !== 0) {
    dropResources(dev, binding);
    return -Math.abs(result);
  }
  dev.devm.closeGroup(binding);
  binding.isOnline = true;
  kobjectUevent(dev, 'online');
  return 0;
}

function goOffline(dev: Ps3Device, binding: Binding, remove: () => MaySleep<void>): MaySleep<void> {
  return andThen(remove(), () => {
    binding.isOnline = false;
    dropResources(dev, binding);
  });
}

function dropResources(dev: Ps3Device, binding: Binding): void {
  dev.devm.releaseGroup(binding);
  dev.drvdata = null;
  giveBack(dev);
}
