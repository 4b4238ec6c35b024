import { EBUSY, EIO } from '../../../lib/errno';
import { devMessage } from '../../../lib/base/device';
import { CLEAR_TRIES, cioDisableSubchannel } from './cio';
import { callDriverHandler, type CcwDevice } from './device';
import { cancelHaltClear } from './fsm-done';
import type { Subchannel } from './subchannel';

/** Number of attempts to stop a subchannel. Linux tries for ever. */
const TRIES = 8;

/**
 * Stops all I/O on a subchannel and closes it. What ran ends with -EIO. One that cannot be closed stays as it is, and
 * the log says so.
 *
 * @param cdev its device
 * @see drivers/s390/cio/device.c io_subchannel_quiesce
 */
export async function ioSubchannelQuiesce(sch: Subchannel, cdev: CcwDevice | null): Promise<void> {
  if (sch.schib?.pmcw.ena !== true) return;
  let result = cioDisableSubchannel(sch);
  if (result !== -EBUSY || cdev === null) return;
  cdev.ioPending = false;
  callDriverHandler(cdev, cdev.intparm, -EIO);
  for (let left = TRIES; result === -EBUSY && left > 0; left -= 1) {
    cdev.state = 'quiesce';
    cdev.retries.left = CLEAR_TRIES;
    if (cancelHaltClear(cdev) === -EBUSY) {
      cdev.setTimeout(0.1e9);
      const what = `io_subchannel_quiesce(${String(cdev.name)})`;
      await cdev.waitQ.waitUntil(sch.kernel.world, () => cdev.state !== 'quiesce', what);
    }
    result = cioDisableSubchannel(sch);
  }
  if (result === -EBUSY) sch.kernel.log.err(devMessage(sch, 'io_subchannel_quiesce: cannot be disabled'));
}
