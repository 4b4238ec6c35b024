import { EBUSY, EPROBE_DEFER } from '../../../../lib/errno';
import { setDeferredProbeReason } from '../../../../lib/base/deferred';
import { guard } from '../../../../lib/base/guard';
import { andThen, type MaySleep } from '../../../../lib/may-sleep';
import type { Ps3Device, Ps3Strategy, Ps3System } from '../device';
import { className } from '../../layout';
import { giveBack, reallocate } from './handles';
import { addPlaceholders, type Placeholders } from './names';

/**
 * Placeholders are registered at boot, `blk_00`, `blk_01`, `rng_00`, ... (class and number, from 00, in hexadecimal); a
 * bind allocates any free device of the class.
 *
 * The bus's probe allocates, not the driver's: so no driver is probed without a handle. The price is that match is
 * called before there is a handle, when only the class is known. A driver that looks closer can only fail in probe:
 * then the handle is released, and the hypervisor may allocate the same device for the next attempt.
 *
 * The bus releases the handle after remove, and so at shutdown too, which releases no managed resources. These are
 * released later: as on the PS3, a managed action that accesses the device finds it closed.
 *
 * All devices in use (EBUSY) means EPROBE_DEFER: they may become free. But only a bind in this kernel retries deferred
 * probes; when another guest releases a device, nothing happens here. A class without devices is ENODEV.
 */
export class AtProbe implements Ps3Strategy {
  readonly name = 'at-probe';
  readonly #placeholders: Placeholders;

  constructor(placeholders: Placeholders) {
    this.#placeholders = placeholders;
  }

  /** No hypercall is made: the devices here are configuration. */
  scan(system: Ps3System): MaySleep<void> {
    return addPlaceholders(system, this.#placeholders);
  }

  probe(dev: Ps3Device, next: () => MaySleep<number | void>): MaySleep<number | void> {
    const { lv1 } = dev.system;
    const handle = lv1.allocDevice(dev.classId);
    if (handle < 0) return refused(dev, handle);
    dev.handle = handle;
    const where = (): string => `ps3_system_bus_probe: device ${String(dev.name)}`;
    return andThen(guard(dev.kernel.world, where, next), (ret) => {
      if (ret !== 0) giveBack(dev);
      return ret;
    });
  }

  remove(dev: Ps3Device, next: () => MaySleep<void>): MaySleep<void> {
    return andThen(next(), () => giveBack(dev));
  }

  readonly pm = reallocate;
}

function refused(dev: Ps3Device, status: number): number {
  if (status !== -EBUSY) return status;
  setDeferredProbeReason(dev, `no free device of class ${className(dev.classId)}`);
  return -EPROBE_DEFER;
}
