import { ENODEV } from '../../../../lib/errno';
import type { Ps3Device, Ps3Strategy, Ps3System } from '../device';
import { COMMAND } from '../../layout';
import { allocate, reallocate, unregisterAll } from './handles';
import { Names } from './names';

/**
 * A scan allocates, class after class, until the hypervisor has none left; each handle is a device, called `blk_00`,
 * `blk_01`, ... in the order of allocation. Registering drivers makes no hypercall; a handle is released with its
 * device, as Linux on the PS3 does for its SPEs.
 *
 * Within one kernel this is an ordinary bus: a name stands for a device as long as it is there. The price is paid by
 * the other guests, which get the remaining devices, and by the next kernel of this one: a shutdown unregisters no
 * device. A device that is plugged or becomes free is not notified: only a rescan finds it. A rescan also drops the
 * devices that were revoked, or could not be had again after a hibernation.
 *
 * @see arch/powerpc/platforms/cell/spu_base.c create_spu
 */
export class Eager implements Ps3Strategy {
  readonly name = 'eager';
  readonly #classes: readonly number[];
  readonly #names = new Names();

  /** @param classes VIRTIO device ids of the classes to allocate */
  constructor(classes: Iterable<number>) {
    this.#classes = [...classes];
  }

  /** One hypercall for each device, one for each class that has no more, and in a rescan one for each known device. */
  async scan(system: Ps3System): Promise<void> {
    await unregisterAll(system.devices().filter((dev) => isGone(system, dev)));
    for (const classId of this.#classes) await allocate(system, classId, Infinity, this.#names);
  }

  readonly pm = reallocate;

  leave(system: Ps3System): Promise<void> {
    return unregisterAll(system.devices());
  }
}

function isGone({ lv1 }: Ps3System, { handle }: Ps3Device): boolean {
  return handle === null || lv1.command(handle, COMMAND.GET_STATUS).status === -ENODEV;
}
