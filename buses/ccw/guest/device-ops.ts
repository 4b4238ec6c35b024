import { EACCES, EBUSY, EINVAL, ENODEV } from '../../../lib/errno';
import { ACTL, STCTL } from '../layout/scsw';
import { cioClear, cioHalt, cioResume, cioStart, scswOf, type StartOptions } from './cio';
import type { CcwDevice } from './device';

/** How a channel program of a driver is started. */
export interface CcwStart extends StartOptions {
  /** Paths to use; 0, the default: any. */
  readonly lpm?: number;
  /** ns until it is killed; 0, the default: never. */
  readonly expires?: number;
}

/**
 * Starts a channel program of a driver. The device's handler is called with `intparm` and the status.
 *
 * @param cpa address of the program, in memory of `kernel.dma`
 * @returns 0; -ENODEV: no device; -EINVAL: not enabled; -EBUSY: wrong state, or another program runs; -EACCES: none of
 *   the requested paths
 * @see drivers/s390/cio/device_ops.c ccw_device_start_timeout_key
 */
export function ccwDeviceStart(cdev: CcwDevice, cpa: number, intparm: number, start: CcwStart = {}): number {
  const refused = refusal(cdev);
  if (refused !== 0) return refused;
  if (cdev.state === 'verify' || cdev.flags.doverify) return rememberFake(cdev, intparm);
  const { stctl } = scswOf(cdev.sch);
  const halfDone = (stctl & STCTL.PRIMARY) !== 0 && (stctl & STCTL.SECONDARY) === 0;
  if (cdev.state !== 'online' || halfDone) return -EBUSY;
  const lpm = (start.lpm ?? 0) & cdev.sch.lpm;
  if ((start.lpm ?? 0) !== 0 && lpm === 0) return -EACCES;
  const result = cioStart(cdev.sch, cpa, lpm, start);
  if (result === 0) {
    cdev.intparm = intparm;
    cdev.ioPending = true;
    if ((start.expires ?? 0) > 0) cdev.setTimeout(start.expires ?? 0);
  } else if (result === -EACCES || result === -ENODEV) cdev.event('verify');
  return result;
}

function refusal(cdev: CcwDevice): number {
  const pmcw = cdev.sch.schib?.pmcw;
  if (pmcw?.dnv !== true) return -ENODEV;
  if (!pmcw.ena) return -EINVAL;
  return cdev.state === 'not-oper' ? -ENODEV : 0;
}

/** The driver's request completes when verification is over, which can be waited for. */
function rememberFake(cdev: CcwDevice, intparm: number): number {
  if (cdev.flags.fakeIrb) return -EBUSY;
  cdev.flags.fakeIrb = true;
  cdev.intparm = intparm;
  cdev.ioPending = true;
  return 0;
}

function refusalOfStop(cdev: CcwDevice): number {
  const refused = refusal(cdev);
  if (refused !== 0) return refused;
  return cdev.state === 'online' || cdev.state === 'w4sense' ? 0 : -EINVAL;
}

/** @returns 0, -ENODEV, -EINVAL in a wrong state @see drivers/s390/cio/device_ops.c ccw_device_clear */
export function ccwDeviceClear(cdev: CcwDevice, intparm: number): number {
  const result = refusalOfStop(cdev) || cioClear(cdev.sch);
  if (result === 0) cdev.intparm = intparm;
  return result;
}

/** @returns 0, -ENODEV, -EINVAL in a wrong state, -EBUSY @see drivers/s390/cio/device_ops.c ccw_device_halt */
export function ccwDeviceHalt(cdev: CcwDevice, intparm: number): number {
  const result = refusalOfStop(cdev) || cioHalt(cdev.sch);
  if (result === 0) cdev.intparm = intparm;
  return result;
}

/** @returns 0, -ENODEV, -EINVAL when nothing is suspended, -EBUSY @see device_ops.c ccw_device_resume */
export function ccwDeviceResume(cdev: CcwDevice): number {
  const refused = refusal(cdev);
  if (refused !== 0) return refused;
  if (cdev.state !== 'online' || (scswOf(cdev.sch).actl & ACTL.SUSPENDED) === 0) return -EINVAL;
  return cioResume(cdev.sch);
}
