import { EACCES, errno } from '../../../lib/errno';
import { CCW_CMD, CCW_FLAG } from '../layout/ccw';
import type { Irb } from '../layout/scsw';
import { ccwRequestStart, lpmAdjust } from './ccwreq';
import type { CcwDevice, IoStatus } from './device';

const RETRIES = 256;
const TIMEOUT_NS = 10e9;

/** Where the result of a verification goes. */
type Done = (cdev: CcwDevice, result: number) => void;

/**
 * Finds out which paths work, by a NOP on each: these are the subchannel's `vpm`. Path groups are for devices that
 * several systems share; no driver here uses one.
 *
 * @param done gets 0; -EACCES when no path works; the error of an I/O
 * @see drivers/s390/cio/device_pgid.c ccw_device_verify_start
 */
export function verifyStart(cdev: CcwDevice, done: Done): void {
  const { sch } = cdev;
  cdev.flags.doverify = false;
  cdev.pathNoirqMask = 0;
  sch.vpm = 0;
  sch.lpm = sch.schib?.pmcw.pam ?? 0;
  nopDo(cdev, 0x80, done);
}

/** @see nop_do */
function nopDo(cdev: CcwDevice, from: number, done: Done): void {
  const { sch } = cdev;
  const lpm = lpmAdjust(from, (sch.schib?.pmcw.pam ?? 0) & sch.opm & ~cdev.pathNoirqMask);
  if (lpm === 0) {
    done(cdev, sch.vpm === 0 ? -EACCES : 0);
    return;
  }
  const cp = cdev.writeProgram({ command: CCW_CMD.NOOP, flags: CCW_FLAG.SLI, count: 0, address: 0 });
  ccwRequestStart(cdev, {
    cp,
    timeout: TIMEOUT_NS,
    maxRetries: RETRIES,
    lpm,
    singlePath: true,
    filter,
    callback: (_cdev, result) => nopDone(cdev, lpm, result, done),
  });
}

/** An error of the device does not matter: it has responded. @see nop_filter */
function filter(_cdev: CcwDevice, { scsw }: Irb, status: IoStatus): IoStatus {
  return status === 'status-error' && scsw.cstat === 0 ? 'done' : status;
}

/** @see nop_callback */
function nopDone(cdev: CcwDevice, lpm: number, result: number, done: Done): void {
  if (result === 0) cdev.sch.vpm |= lpm;
  else if (result === -errno.ETIME) cdev.pathNoirqMask |= lpm;
  else if (result !== -EACCES) {
    done(cdev, result);
    return;
  }
  nopDo(cdev, lpm >> 1, done);
}
