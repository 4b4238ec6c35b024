import { devMessage } from '../base/device';
import { guard } from '../base/guard';
import { andThen, type MaySleep } from '../may-sleep';
import { virtioBreakDevice } from './virtio-config';
import type { VirtioDevice } from './virtio-device';

/** How often a device is asked for what a driver cannot leave without. Linux asks a PCI function until it has reset. */
const TRIES = 3;

/** @returns 0, or what the last try failed with; each failure is in the log */
function insist(dev: VirtioDevice, what: string, body: () => MaySleep<void>, tries = TRIES): MaySleep<number> {
  const where = (): string => `${what}: device ${String(dev.name)}`;
  return andThen(guard(dev.kernel.world, where, body), (error) => {
    if (error === 0) return 0;
    dev.kernel.log.err(devMessage(dev, `${what} failed with error ${String(error)}`));
    return tries === 1 ? error : insist(dev, what, body, tries - 1);
  });
}

/**
 * Resets a device that its driver leaves. One that cannot be reset has its queues broken, and is reset before the next
 * driver has it; its transport takes its way to memory, if it can.
 *
 * @see drivers/virtio/virtio.c virtio_reset_device, virtio_pci_modern.c vp_reset
 */
export function virtioResetDevice(dev: VirtioDevice): MaySleep<void> {
  return andThen(
    insist(dev, 'virtio_reset_device', () => dev.transport.reset()),
    (error) => {
      if (error === 0) return;
      dev.isFailed = true;
      virtioBreakDevice(dev);
    },
  );
}

/** Gives up the queues of a device that was reset. @see include/linux/virtio_config.h del_vqs */
export function virtioDelVqs(dev: VirtioDevice): MaySleep<void> {
  dev.vqs = [];
  return andThen(
    insist(dev, 'del_vqs', () => dev.transport.delVqs()),
    () => undefined,
  );
}
