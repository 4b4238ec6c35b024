import type { Driver } from '../../../lib/base/driver';
import type { Ps3Driver } from '../device';
import { MATCH_ID_VIRTIO } from '../layout';
import type { Ps3System } from '../system';
import { allocate, reallocate, unregisterAll } from './handles';
import { Names, type PerClass } from './names';
import type { Ps3Strategy } from './strategy';

/**
 * Nothing is there until a driver is: the bus's wrapper of driver registration allocates for it and registers a device
 * for each handle; unregistration takes them off the bus again, and their release gives the handles back. This is how
 * drivers find devices that register them themselves.
 *
 * How many a driver gets of each class is configuration, not one: the transport driver stands for the drivers of all
 * classes, and one would leave it crippled. Fewer are free: it gets fewer, and is registered all the same, for another
 * driver of another guest may leave; but then nobody asks again. The devices match as those of any other strategy do,
 * so an unbind leaves them and their handles, and a driver of the same id that came earlier is asked first.
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

  /** There is nobody to look for devices for. */
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
