import { EAGAIN, EOPNOTSUPP } from '../../../lib/errno';
import { CCW_CMD, CCW_FLAG, SENSE_ID, unpackSenseId } from '../layout/ccw';
import { ccwRequestStart } from './ccwreq';
import type { CcwDevice } from './device';

const RETRIES = 256;
const TIMEOUT_NS = 10e9;
/** Contents of the area before the device has written it. */
const NO_TYPE = 0xffff;

/**
 * Identifies a device by SENSE ID, on each path in turn.
 *
 * @param done gets 0; -ETIME when it never responds; -EOPNOTSUPP when the id is invalid; -EACCES when the id is too
 *   short after all retries; -ENODEV when it is gone
 * @see drivers/s390/cio/device_id.c ccw_device_sense_id_start
 */
export function senseIdStart(cdev: CcwDevice, done: (cdev: CcwDevice, result: number) => void): void {
  init(cdev);
  const cp = cdev.writeProgram({
    command: CCW_CMD.SENSE_ID,
    flags: CCW_FLAG.SLI,
    count: SENSE_ID.BYTES,
    address: cdev.senseIdArea,
  });
  const { sch } = cdev;
  ccwRequestStart(cdev, {
    cp,
    timeout: TIMEOUT_NS,
    maxRetries: RETRIES,
    lpm: (sch.schib?.pmcw.pam ?? 0) & sch.opm,
    singlePath: false,
    check,
    callback: done,
  });
}

/** @see snsid_init */
function init(cdev: CcwDevice): void {
  const bytes = new Uint8Array(SENSE_ID.BYTES);
  bytes.set([NO_TYPE >> 8, NO_TYPE & 0xff], 1);
  cdev.writeSenseId(bytes);
}

/** @see snsid_check */
function check(cdev: CcwDevice): number {
  const length = SENSE_ID.BYTES - cdev.irb.scsw.count;
  const { cuType, reserved } = unpackSenseId(cdev.readSenseId());
  if (length < SENSE_ID.MIN_BYTES || cuType === NO_TYPE) {
    init(cdev);
    return -EAGAIN;
  }
  return reserved === SENSE_ID.RESERVED ? 0 : -EOPNOTSUPP;
}
