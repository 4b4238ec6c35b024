import { EINVAL } from '../../../lib/errno';
import { WaitQueue } from '../../../lib/world';
import { CCW_CMD, CCW_FLAG } from '../layout/ccw';
import { ccwRequestStart } from './ccwreq';
import { cioDisableSubchannel, cioEnableSubchannel } from './cio';
import type { CcwDevice } from './device';

const RETRIES = 256;
const TIMEOUT_NS = 10e9;
/** Bytes that each of the two commands moves. */
const DATA_BYTES = 32;

/**
 * Takes a device away from another system that holds it: an unconditional reserve, then a release.
 *
 * @returns 0; -EINVAL when its driver does not allow that; what enabling or the I/O failed with. The device is boxed
 *   afterwards
 * @see drivers/s390/cio/device_pgid.c ccw_device_stlck
 */
export async function stealLock(cdev: CcwDevice): Promise<number> {
  const { kernel, sch } = cdev;
  if (cdev.ccwDriver !== null && !cdev.options.force) return -EINVAL;
  const buffer = kernel.dma?.alloc(2 * DATA_BYTES, 8, `stlck ${String(cdev.name)}`);
  if (buffer === undefined) return -EINVAL;
  const enabled = cioEnableSubchannel(sch);
  const result = enabled === 0 ? await perform(cdev, buffer.address) : enabled;
  if (enabled === 0) {
    cioDisableSubchannel(sch);
    cdev.state = 'boxed';
  }
  buffer.free();
  return result;
}

async function perform(cdev: CcwDevice, address: number): Promise<number> {
  const done = new WaitQueue();
  const outcome: { result: number | null } = { result: null };
  cdev.state = 'steal-lock';
  ccwRequestStart(cdev, {
    cp: cdev.writeProgram(
      { command: CCW_CMD.STLCK, flags: CCW_FLAG.CC, count: DATA_BYTES, address },
      { command: CCW_CMD.RELEASE, flags: 0, count: DATA_BYTES, address: address + DATA_BYTES },
    ),
    timeout: TIMEOUT_NS,
    maxRetries: RETRIES,
    lpm: (cdev.sch.schib?.pmcw.pam ?? 0) & cdev.sch.opm,
    singlePath: false,
    callback: (_cdev, result) => {
      outcome.result = result;
      done.wakeAll(cdev.kernel.world);
    },
  });
  await done.waitUntil(cdev.kernel.world, () => outcome.result !== null, `ccw_device_stlck(${String(cdev.name)})`);
  return outcome.result ?? 0;
}
