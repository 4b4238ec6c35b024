import { EBUSY, ENODEV, ETIMEDOUT } from '../../../lib/errno';
import { DSTAT, FCTL, isSolicited, STCTL, type Irb } from '../layout/scsw';
import { ccwRequestHandler, ccwRequestNotoper, ccwRequestTimeout } from './ccwreq';
import {
  cioCommitConfig,
  cioDisableSubchannel,
  cioEnableSubchannel,
  cioInitConfig,
  cioUpdateSchib,
  scswOf,
} from './cio';
import { CDEV_TODO, EMPTY_IRB, callDriverHandler, type CcwDevice, type DevEvent, type DevState } from './device';
import {
  callHandler,
  cancelHaltClear,
  ccwDeviceNotify,
  deviceDone,
  failPending,
  killed,
  killIo,
  senseIdDone,
  setDisconnected,
  verifyDone,
} from './fsm-done';
import { senseIdStart } from './sense-id';
import { accumulateBasicSense, accumulateIrb, doSense } from './status';
import { verifyStart } from './verify';

/** What an event does in a state. Only interrupts bring a status. */
type Action = (cdev: CcwDevice, irb: Irb) => void;
type Row = Readonly<Record<DevEvent, Action>>;

const NO_STATUS = EMPTY_IRB;

const nop: Action = () => undefined;

/** A request of the device's own runs. @see ccw_device_request_event */
const request: Omit<Row, 'verify'> = {
  notoper: ccwRequestNotoper,
  interrupt: ccwRequestHandler,
  timeout: ccwRequestTimeout,
};

/** An interrupt of a device that is closed: closing it did not work. @see ccw_device_disabled_irq */
const disabledIrq: Action = (cdev) => void cioDisableSubchannel(cdev.sch);

/** @see ccw_device_generic_notoper */
const genericNotoper: Action = (cdev) => {
  if (ccwDeviceNotify(cdev, 'gone') === 'keep') setDisconnected(cdev);
  else {
    failPending(cdev);
    cdev.schedTodo(CDEV_TODO.UNREG);
  }
};

/** @see ccw_device_offline_verify */
const offlineVerify: Action = ({ sch }) => sch.css.slowPath.schedule(sch.schid);

/** @see ccw_device_delay_verify */
const delayVerify: Action = (cdev) => {
  cdev.flags.doverify = true;
};

/** Only an idle device can be verified. @see ccw_device_online_verify */
const onlineVerify: Action = (cdev) => {
  if (cdev.state === 'w4sense') {
    cdev.flags.doverify = true;
    return;
  }
  if (cioUpdateSchib(cdev.sch) !== 0) {
    verifyDone(cdev, -ENODEV);
    return;
  }
  const { actl, stctl } = scswOf(cdev.sch);
  if (actl !== 0 || ((stctl | cdev.irb.scsw.stctl) & STCTL.STATUS_PEND) !== 0) {
    cdev.flags.doverify = true;
    return;
  }
  cdev.state = 'verify';
  verifyStart(cdev, verifyDone);
};

/** @see ccw_device_boxed_verify */
const boxedVerify: Action = (cdev, irb) => {
  if (!cdev.online) offlineVerify(cdev, irb);
  else if (cioEnableSubchannel(cdev.sch) === 0) onlineVerify(cdev, irb);
  else deviceDone(cdev, 'not-oper');
};

function deliver(cdev: CcwDevice): void {
  if (callHandler(cdev) && cdev.flags.doverify) onlineVerify(cdev, NO_STATUS);
}

/** @see ccw_device_irq */
const onlineIrq: Action = (cdev, irb) => {
  if (!isSolicited(irb.scsw)) {
    unsolicited(cdev, irb);
    return;
  }
  accumulateIrb(cdev, irb);
  if (!cdev.flags.dosense) deliver(cdev);
  else if (doSense(cdev, irb) === 0) cdev.state = 'w4sense';
};

/** Unsolicited status; for a unit check without sense data these are read first. */
function unsolicited(cdev: CcwDevice, irb: Irb): void {
  const unexplained = (irb.scsw.dstat & DSTAT.UNIT_CHECK) !== 0 && !irb.cons;
  if (unexplained && doSense(cdev, irb) === 0) {
    cdev.irb = irb;
    cdev.state = 'w4sense';
    cdev.intparm = 0;
    return;
  }
  callDriverHandler(cdev, 0, irb);
  if (cdev.flags.doverify) onlineVerify(cdev, NO_STATUS);
}

/** @see ccw_device_online_timeout */
const onlineTimeout: Action = (cdev) => {
  const stopped = killIo(cdev, -ETIMEDOUT);
  if (stopped === 0) killed(cdev);
  else if (stopped !== -EBUSY) cdev.event('notoper');
};

/** @see ccw_device_w4sense */
const w4sense: Action = (cdev, irb) => {
  if (irb.scsw.stctl === (STCTL.STATUS_PEND | STCTL.ALERT)) {
    if (irb.scsw.cc === 1) doSense(cdev, irb);
    else callDriverHandler(cdev, 0, irb);
    return;
  }
  if ((irb.scsw.fctl & (FCTL.CLEAR | FCTL.HALT)) !== 0) {
    cdev.flags.dosense = false;
    cdev.irb = EMPTY_IRB;
    accumulateIrb(cdev, irb);
  } else {
    accumulateBasicSense(cdev, irb);
    if (cdev.flags.dosense) {
      doSense(cdev, irb);
      return;
    }
  }
  cdev.state = 'online';
  cdev.wake();
  deliver(cdev);
};

/** What was killed is dead now. @see ccw_device_killing_irq */
const killingIrq: Action = (cdev) => {
  cdev.setTimeout(0);
  onlineVerify(cdev, NO_STATUS);
  killed(cdev);
};

/** @see ccw_device_killing_timeout */
const killingTimeout: Action = (cdev) => {
  if (cancelHaltClear(cdev) === -EBUSY) {
    cdev.setTimeout(3e9);
    return;
  }
  onlineVerify(cdev, NO_STATUS);
  killed(cdev);
};

/** @see ccw_device_quiesce_done */
const quiesceDone: Action = (cdev) => {
  cdev.setTimeout(0);
  cdev.state = 'not-oper';
  cdev.wake();
};

/** @see ccw_device_quiesce_timeout */
const quiesceTimeout: Action = (cdev) => {
  if (cancelHaltClear(cdev) === -EBUSY) cdev.setTimeout(0.1e9);
  else quiesceDone(cdev, NO_STATUS);
};

/** Is the device there again? @see ccw_device_start_id */
const startId: Action = (cdev) => {
  if (cioEnableSubchannel(cdev.sch) !== 0) return;
  cdev.state = 'disconnected-sense-id';
  senseIdStart(cdev, senseIdDone);
};

/**
 * The life of a device: what each event does in each state. The states for measurement and for
 * disbanding path groups are left out: there is neither here, so nothing leads to them.
 *
 * @see drivers/s390/cio/device_fsm.c dev_jumptable
 */
export const DEV_JUMPTABLE: Readonly<Record<DevState, Row>> = {
  'not-oper': { notoper: nop, interrupt: disabledIrq, timeout: nop, verify: nop },
  'sense-id': { ...request, verify: nop },
  offline: { notoper: genericNotoper, interrupt: disabledIrq, timeout: nop, verify: offlineVerify },
  verify: { ...request, verify: delayVerify },
  online: { notoper: genericNotoper, interrupt: onlineIrq, timeout: onlineTimeout, verify: onlineVerify },
  w4sense: { notoper: genericNotoper, interrupt: w4sense, timeout: nop, verify: onlineVerify },
  boxed: { notoper: genericNotoper, interrupt: nop, timeout: nop, verify: boxedVerify },
  'timeout-kill': { notoper: genericNotoper, interrupt: killingIrq, timeout: killingTimeout, verify: nop },
  quiesce: { notoper: quiesceDone, interrupt: quiesceDone, timeout: quiesceTimeout, verify: nop },
  disconnected: { notoper: nop, interrupt: startId, timeout: nop, verify: startId },
  'disconnected-sense-id': { ...request, verify: nop },
  'steal-lock': { ...request, verify: nop },
};

/** Something happened to a device. May not sleep. @see drivers/s390/cio/device_fsm.c dev_fsm_event */
export function devFsmEvent(cdev: CcwDevice, event: DevEvent, irb: Irb = NO_STATUS): void {
  DEV_JUMPTABLE[cdev.state][event](cdev, irb);
}

/**
 * A device that was disconnected may be back, or another in its place.
 *
 * @see drivers/s390/cio/device_fsm.c ccw_device_trigger_reprobe
 */
export function triggerReprobe(cdev: CcwDevice): void {
  const { sch } = cdev;
  if (cdev.state !== 'disconnected' || cioUpdateSchib(sch) !== 0) return;
  sch.lpm = (sch.schib?.pmcw.pam ?? 0) & sch.opm;
  cioInitConfig(sch);
  if (cioCommitConfig(sch) !== 0) return;
  if (sch.schib?.pmcw.dev === cdev.devId.devno) startId(cdev, NO_STATUS);
  else sch.css.slowPath.schedule(sch.schid);
}
