import { callAtomic } from '../../../lib/base/guard';
import { EACCES, EBUSY, EINVAL, EIO, ENODEV, errno } from '../../../lib/errno';
import { unpackSenseId, type SenseId } from '../layout/ccw';
import { ACTL, FCTL, STCTL, type Irb } from '../layout/scsw';
import {
  CLEAR_TRIES,
  cioCancelHaltClear,
  cioDisableSubchannel,
  cioEnableSubchannel,
  cioUpdateSchib,
  scswOf,
} from './cio';
import { CDEV_TODO, EMPTY_IRB, callDriverHandler, type CcwDevice, type CioEvent, type DevState } from './device';
import { senseIdStart } from './sense-id';
import { verifyStart } from './verify';

const { ETIME, EUSERS } = errno;

/** The result of a driver's notify; `none`: it was not called. @see device_fsm.c ccw_device_notify */
export type NotifyResult = 'keep' | 'drop' | 'none';

/** Only the driver of a device that is online is called. @see drivers/s390/cio/device_fsm.c ccw_device_notify */
export function ccwDeviceNotify(cdev: CcwDevice, event: CioEvent): NotifyResult {
  if (!cdev.online || cdev.ccwDriver?.notify === undefined) return 'none';
  const where = (): string => `ccw_device_notify: driver ${cdev.ccwDriver?.name ?? ''}, device ${String(cdev.name)}`;
  return callAtomic(cdev.kernel, where, () => cdev.ccwDriver?.notify?.(cdev, event)) === true ? 'keep' : 'drop';
}

/** @see drivers/s390/cio/device.c ccw_device_set_disconnected */
export function setDisconnected(cdev: CcwDevice): void {
  cdev.setTimeout(0);
  cdev.flags.fakeIrb = false;
  cdev.state = 'disconnected';
  failPending(cdev);
  if (cdev.online) cdev.ops.scheduleRecovery(cdev);
}

/**
 * The device is not operational. Waiters are notified, since no interrupt will come.
 *
 * @see drivers/s390/cio/device.c ccw_device_set_notoper
 */
export function setNotoper(cdev: CcwDevice): void {
  cdev.setTimeout(0);
  cioDisableSubchannel(cdev.sch);
  cdev.state = 'not-oper';
  failPending(cdev);
  cdev.wake();
}

/** The driver's channel program that has not ended ends with -EIO. */
export function failPending(cdev: CcwDevice): void {
  if (!cdev.ioPending) return;
  cdev.ioPending = false;
  callDriverHandler(cdev, cdev.intparm, -EIO);
}

/** Recognition, from the beginning. @see drivers/s390/cio/device_fsm.c ccw_device_recognition */
export function ccwDeviceRecognition(cdev: CcwDevice): void {
  cdev.flags.recogDone = false;
  cdev.state = 'sense-id';
  if (cioEnableSubchannel(cdev.sch) === 0) senseIdStart(cdev, senseIdDone);
  else recogDone(cdev, 'not-oper');
}

/** @see drivers/s390/cio/device_fsm.c ccw_device_sense_id_done */
export function senseIdDone(cdev: CcwDevice, result: number): void {
  recogDone(cdev, result === 0 ? 'offline' : result === -ETIME ? 'boxed' : 'not-oper');
}

/** The subchannel is disabled again before the device is registered. @see device_fsm.c ccw_device_recog_done */
function recogDone(cdev: CcwDevice, wanted: DevState): void {
  const { sch } = cdev;
  let state = cioDisableSubchannel(sch) === 0 ? wanted : 'not-oper';
  if (cioUpdateSchib(sch) === 0) sch.lpm = (sch.schib?.pmcw.pam ?? 0) & sch.opm;
  else state = 'not-oper';
  if (cdev.state === 'disconnected-sense-id' && state !== 'offline') {
    recogEnded(cdev, 'disconnected');
    return;
  }
  if (state === 'offline' && cdev.online) {
    cameBack(cdev);
    return;
  }
  if (state === 'offline') cdev.ccwId = sensedId(cdev);
  if (state === 'boxed' && cdev.ccwId.cuType !== 0) recogEnded(cdev, 'boxed');
  else newlyRecognised(cdev, state);
}

function recogEnded(cdev: CcwDevice, state: DevState): void {
  cdev.flags.recogDone = true;
  cdev.state = state;
  cdev.wake();
}

function sensedId(cdev: CcwDevice): SenseId {
  const { cuType, cuModel, devType, devModel } = unpackSenseId(cdev.readSenseId());
  return { cuType, cuModel, devType, devModel };
}

/** The same device goes online again; another one gets another driver. */
function cameBack(cdev: CcwDevice): void {
  cdev.state = 'offline';
  cdev.flags.recogDone = true;
  const now = sensedId(cdev);
  if (isSameId(cdev.ccwId, now)) {
    cdev.flags.donotify = true;
    ccwDeviceOnline(cdev);
    cdev.wake();
    return;
  }
  cdev.ccwId = now;
  cdev.schedTodo(CDEV_TODO.REBIND);
}

/** @see drivers/s390/cio/device_fsm.c ccw_device_test_sense_data */
function isSameId(a: SenseId, b: SenseId): boolean {
  const sameUnit = a.cuType === b.cuType && a.cuModel === b.cuModel;
  return sameUnit && a.devType === b.devType && a.devModel === b.devModel;
}

/** @see drivers/s390/cio/device.c io_subchannel_recog_done */
function newlyRecognised(cdev: CcwDevice, state: DevState): void {
  cdev.state = state;
  if (state === 'offline') cdev.schedTodo(CDEV_TODO.REGISTER);
  else {
    cdev.flags.recogDone = true;
    cdev.schedTodo(CDEV_TODO.UNREG);
    cdev.sch.css.recognitionEnded();
  }
  cdev.wake();
}

/**
 * Opens a device for I/O: its paths are verified next.
 *
 * @returns 0: wait for a final state; -EINVAL in a wrong state; the error of enabling
 * @see drivers/s390/cio/device_fsm.c ccw_device_online
 */
export function ccwDeviceOnline(cdev: CcwDevice): number {
  if (cdev.state !== 'offline' && cdev.state !== 'boxed') return -EINVAL;
  const result = cioEnableSubchannel(cdev.sch);
  if (result !== 0) {
    if (result === -ENODEV) cdev.event('notoper');
    return result;
  }
  cdev.state = 'verify';
  verifyStart(cdev, verifyDone);
  return 0;
}

/**
 * Closes a device.
 *
 * @returns 0: closed; -EBUSY: I/O runs; -EINVAL in a wrong state; -ENODEV when it is gone
 * @see drivers/s390/cio/device_fsm.c ccw_device_offline
 */
export function ccwDeviceOffline(cdev: CcwDevice): number {
  if (cdev.state === 'disconnected' || cdev.state === 'not-oper') {
    cdev.flags.donotify = false;
    deviceDone(cdev, 'not-oper');
    return 0;
  }
  if (cdev.state === 'boxed' || cdev.isOrphan) {
    deviceDone(cdev, cdev.state === 'boxed' ? 'boxed' : 'offline');
    return 0;
  }
  if (cioUpdateSchib(cdev.sch) !== 0) return -ENODEV;
  if (scswOf(cdev.sch).actl !== 0) return -EBUSY;
  if (cdev.state !== 'online') return -EINVAL;
  deviceDone(cdev, 'offline');
  return 0;
}

/** @see drivers/s390/cio/device_fsm.c ccw_device_verify_done */
export function verifyDone(cdev: CcwDevice, result: number): void {
  const { sch } = cdev;
  const error = cioUpdateSchib(sch) === 0 ? result : -ENODEV;
  if (error !== -ENODEV) sch.lpm = sch.vpm;
  if (error !== -ENODEV && cdev.flags.doverify) {
    verifyStart(cdev, verifyDone);
    return;
  }
  if (error !== 0) cdev.flags.donotify = false;
  deviceDone(cdev, stateAfterVerify(error));
  if (error === 0 && cdev.flags.fakeIrb) deliverFakeIrb(cdev);
}

function stateAfterVerify(error: number): DevState {
  if (error === 0) return 'online';
  if (error === -ETIME || error === -EUSERS) return 'boxed';
  return error === -EACCES ? 'disconnected' : 'not-oper';
}

/** A start during verification ends like one that the device did not accept. @see create_fake_irb */
function deliverFakeIrb(cdev: CcwDevice): void {
  cdev.flags.fakeIrb = false;
  cdev.ioPending = false;
  const scsw = { ...EMPTY_IRB.scsw, cc: 1, fctl: FCTL.START, actl: ACTL.START_PEND, stctl: STCTL.STATUS_PEND };
  callDriverHandler(cdev, cdev.intparm, { ...EMPTY_IRB, scsw });
}

/** Setting online or offline has come to an end. @see drivers/s390/cio/device_fsm.c ccw_device_done */
export function deviceDone(cdev: CcwDevice, state: DevState): void {
  cdev.setTimeout(0);
  if (state !== 'online') cioDisableSubchannel(cdev.sch);
  cdev.irb = EMPTY_IRB;
  cdev.state = state;
  if (state === 'boxed') doneBoxed(cdev);
  else if (state === 'not-oper') doneNotOper(cdev);
  else if (state === 'disconnected') doneDisconnected(cdev);
  if (state !== 'online' && state !== 'offline') cdev.flags.donotify = false;
  if (cdev.flags.donotify) operNotify(cdev);
  cdev.wake();
}

function doneBoxed(cdev: CcwDevice): void {
  if (cdev.online && ccwDeviceNotify(cdev, 'boxed') !== 'keep') cdev.schedTodo(CDEV_TODO.UNREG);
}

function doneNotOper(cdev: CcwDevice): void {
  if (ccwDeviceNotify(cdev, 'gone') === 'keep') setDisconnected(cdev);
  else {
    failPending(cdev);
    cdev.schedTodo(CDEV_TODO.UNREG);
  }
}

function doneDisconnected(cdev: CcwDevice): void {
  if (ccwDeviceNotify(cdev, 'no-path') === 'keep') setDisconnected(cdev);
  else {
    cdev.state = 'not-oper';
    failPending(cdev);
    cdev.schedTodo(CDEV_TODO.UNREG);
  }
}

/** A device that its driver does not accept back is registered anew. @see ccw_device_oper_notify */
function operNotify(cdev: CcwDevice): void {
  cdev.flags.donotify = false;
  if (ccwDeviceNotify(cdev, 'oper') === 'keep') return;
  setNotoper(cdev);
  cdev.schedTodo(CDEV_TODO.REBIND);
}

/** Hands the status to the driver once it is complete. @see ccw_device_call_handler */
export function callHandler(cdev: CcwDevice): boolean {
  const { stctl } = cdev.irb.scsw;
  const ending =
    (stctl & STCTL.SECONDARY) !== 0 || stctl === (STCTL.ALERT | STCTL.STATUS_PEND) || stctl === STCTL.STATUS_PEND;
  const wanted =
    cdev.options.repall || (stctl & STCTL.INTERMEDIATE) !== 0 || (cdev.options.fast && (stctl & STCTL.PRIMARY) !== 0);
  if (!ending && !wanted) return false;
  if (ending) {
    cdev.setTimeout(0);
    cdev.ioPending = false;
  }
  const irb: Irb = cdev.irb;
  cdev.irb = EMPTY_IRB;
  callDriverHandler(cdev, cdev.intparm, irb);
  return true;
}

/** @see drivers/s390/cio/device_fsm.c ccw_device_cancel_halt_clear */
export function cancelHaltClear(cdev: CcwDevice): number {
  return cioCancelHaltClear(cdev.sch, cdev.retries);
}

/**
 * A running program is stopped; the driver is notified when it has ended.
 *
 * @returns -EBUSY while an interrupt is still to come
 */
export function killIo(cdev: CcwDevice, result: number): number {
  cdev.setTimeout(0);
  cdev.retries.left = CLEAR_TRIES;
  cdev.killResult = result;
  const stopped = cancelHaltClear(cdev);
  if (stopped !== -EBUSY) return stopped;
  cdev.setTimeout(3e9);
  cdev.state = 'timeout-kill';
  return stopped;
}

/** Completes the killed request, unless verification has found the device gone and notified the driver. */
export function killed(cdev: CcwDevice): void {
  if (!cdev.ioPending) return;
  cdev.ioPending = false;
  callDriverHandler(cdev, cdev.intparm, cdev.killResult);
}
