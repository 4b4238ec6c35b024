import { EBUSY, EIO } from '../../lib/errno';
import { cioDisableSubchannel } from './cio';
import type { CcwDevice } from './device';
import { cancelHaltClear } from './fsm-done';
import type { Subchannel } from './subchannel';

/**
 * Stops all I/O on a subchannel and closes it. What ran ends with -EIO.
 *
 * @param cdev its device
 * @see drivers/s390/cio/device.c io_subchannel_quiesce
 */
export async function ioSubchannelQuiesce(sch: Subchannel, cdev: CcwDevice | null): Promise<void> {
  if (sch.schib?.pmcw.ena !== true) return;
  let result = cioDisableSubchannel(sch);
  if (result !== -EBUSY || cdev === null) return;
  cdev.ioPending = false;
  cdev.handler?.(cdev, cdev.intparm, -EIO);
  while (result === -EBUSY) {
    cdev.state = 'quiesce';
    cdev.retries.left = 255;
    if (cancelHaltClear(cdev) === -EBUSY) {
      cdev.setTimeout(0.1e9);
      const what = `io_subchannel_quiesce(${String(cdev.name)})`;
      await cdev.waitQ.waitUntil(sch.kernel.world, () => cdev.state !== 'quiesce', what);
    }
    result = cioDisableSubchannel(sch);
  }
}
