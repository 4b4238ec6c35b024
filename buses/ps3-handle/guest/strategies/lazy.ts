import type { Driver } from '../../../../lib/base/driver';
import type { Ps3Driver, Ps3Strategy, Ps3System } from '../device';
import { MATCH_ID_VIRTIO } from '../../layout';
import { allocate, reallocate, unregisterAll } from './handles';
import { Names, type PerClass } from './names';

/**
 * There are no devices without a driver: the bus's wrapper of driver registration allocates for it and registers a
 * device for each handle; unregistration removes them from the bus again, and their release releases the handles. It
 * works like drivers that register their devices themselves.
 *
 * The number of devices of each class is configured: the transport driver represents the drivers of all classes, so one
 * would not be enough. If fewer are free, it gets fewer, and is registered all the same, since another guest may
 * release some; but then there is no retry. The devices match as those of any other strategy do, so an unbind leaves
 * them and their handles, and a driver of the same id that was registered earlier is tried first.
 *
 * @see Documentation/driver-api/driver-model/platform.rst, Legacy Drivers: Device Probing
 */
export class Lazy implements Ps3Strategy {
  readonly name = 'lazy';
  readonly #demand: PerClass;
  readonly #names = new Names();
  /** Names of the devices that were made for a driver. */
  readonly #made = new Map<Driver, ReadonlySet<string>>();

  /** @param demand how many devices of each class a driver gets */
  constructor(demand: PerClass) {
    this.#demand = demand;
  }

  /** There is no driver to allocate devices for. */
  scan(): void {
    return undefined;
  }

  async driverRegistered(system: Ps3System, drv: Driver): Promise<void> {
    if ((drv.def as Partial<Ps3Driver>).matchId !== MATCH_ID_VIRTIO) return;
    const made = new Set<string>();
    this.#made.set(drv, made);
    for (const [classId, count] of this.#demand) {
      for (const name of await allocate(system, classId, count, this.#names)) made.add(name);
    }
  }

  async driverLeaves(system: Ps3System, drv: Driver): Promise<void> {
    const made = this.#made.get(drv);
    this.#made.delete(drv);
    if (made !== undefined) await unregisterAll(system.devices().filter((dev) => made.has(dev.name ?? '')));
  }

  readonly pm = reallocate;

  leave(system: Ps3System): Promise<void> {
    return unregisterAll(system.devices());
  }
}
