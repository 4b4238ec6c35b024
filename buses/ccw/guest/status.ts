import { EACCES, EBUSY, ENODEV } from '../../../lib/errno';
import { CCW_CMD, CCW_FLAG, SENSE_BYTES } from '../layout/ccw';
import { ACTL, CSTAT, DSTAT, FCTL, isSolicited, STCTL, type Irb, type Scsw } from '../layout/scsw';
import { cioStart, cioUpdateSchib } from './cio';
import { EMPTY_IRB, type CcwDevice } from './device';

/** Some paths became not operational. @see drivers/s390/cio/device_status.c ccw_device_path_notoper */
function pathNotoper(cdev: CcwDevice): void {
  const { sch } = cdev;
  if (cioUpdateSchib(sch) === 0) sch.lpm &= ~(sch.schib?.pmcw.pnom ?? 0);
  cdev.flags.doverify = true;
}

/**
 * Adds the status of an interrupt to what is known of the request.
 *
 * @see drivers/s390/cio/device_status.c ccw_device_accumulate_irb
 */
export function accumulateIrb(cdev: CcwDevice, irb: Irb): void {
  const { scsw } = irb;
  if ((scsw.stctl & STCTL.STATUS_PEND) === 0) return;
  if (scsw.fctl !== 0 && scsw.pno) pathNotoper(cdev);
  if (!isSolicited(scsw)) return;
  // A clear drops all status that was pending before.
  const before = (scsw.fctl & FCTL.CLEAR) === 0 ? cdev.irb : EMPTY_IRB;
  cdev.irb = { ...added(before, irb), scsw: addedScsw(before.scsw, scsw) };
  if ((cdev.irb.scsw.dstat & DSTAT.UNIT_CHECK) !== 0 && !cdev.irb.cons) cdev.flags.dosense = true;
}

function added(before: Irb, irb: Irb): Irb {
  const sense = irb.scsw.ectl && (irb.scsw.stctl & STCTL.ALERT) !== 0 && (irb.scsw.stctl & STCTL.INTERMEDIATE) === 0;
  const { lpum, cons } = irb;
  return { ...before, lpum, cons, scnt: cons ? irb.scnt : before.scnt, ecw: sense ? irb.ecw : before.ecw };
}

/** Only bits that are valid for this kind of status count. */
function addedScsw(before: Scsw, now: Scsw): Scsw {
  const started = (now.fctl & FCTL.START) !== 0;
  const primary = (now.stctl & STCTL.PRIMARY) !== 0;
  const dstatValid = (now.stctl & (STCTL.PRIMARY | STCTL.SECONDARY | STCTL.INTERMEDIATE | STCTL.ALERT)) !== 0;
  const countValid = primary && (now.cstat & ~(CSTAT.PCI | CSTAT.INCORRECT_LENGTH)) === 0;
  return {
    ...before,
    key: started ? now.key : before.key,
    cc: started ? before.cc | now.cc : before.cc,
    format1: started ? now.format1 : before.format1,
    pno: before.pno || now.pno,
    ectl: now.ectl,
    eswf: now.eswf,
    fctl: before.fctl | now.fctl,
    actl: now.actl,
    stctl: before.stctl | now.stctl,
    cpa: primary || (now.actl & ACTL.SUSPENDED) !== 0 ? now.cpa : before.cpa,
    dstat: (before.dstat & ~DSTAT.BUSY) | (dstatValid ? now.dstat : 0),
    cstat: before.cstat | now.cstat,
    count: countValid ? now.count : before.count,
  };
}

/**
 * Reads the sense data after a unit check.
 *
 * @returns 0; -EBUSY while it is still active; the error of the start
 * @see drivers/s390/cio/device_status.c ccw_device_do_sense
 */
export function doSense(cdev: CcwDevice, { scsw }: Irb): number {
  if ((scsw.actl & (ACTL.DEVICE_ACTIVE | ACTL.SUBCHANNEL_ACTIVE)) !== 0) return -EBUSY;
  const cpa = cdev.writeSenseProgram({
    command: CCW_CMD.BASIC_SENSE,
    flags: CCW_FLAG.SLI,
    count: SENSE_BYTES,
    address: cdev.senseArea,
  });
  const result = cioStart(cdev.sch, cpa, 0xff);
  if (result === -ENODEV || result === -EACCES) cdev.event('verify');
  return result;
}

/** The interrupt of a basic sense: its data go to the request's status. @see ccw_device_accumulate_basic_sense */
export function accumulateBasicSense(cdev: CcwDevice, { scsw }: Irb): void {
  if ((scsw.stctl & STCTL.STATUS_PEND) === 0) return;
  if (scsw.fctl !== 0 && scsw.pno) pathNotoper(cdev);
  if ((scsw.dstat & DSTAT.UNIT_CHECK) !== 0 || (scsw.dstat & DSTAT.CHANNEL_END) === 0) return;
  takeSense(cdev);
}

function takeSense(cdev: CcwDevice): void {
  cdev.irb = { ...cdev.irb, cons: true, scnt: SENSE_BYTES, ecw: cdev.readSense() };
  cdev.flags.dosense = false;
}

/**
 * Accumulates status, and reads sense data if needed.
 *
 * @returns 0 when the status is complete, -EBUSY when more will come
 * @see drivers/s390/cio/device_status.c ccw_device_accumulate_and_sense
 */
export function accumulateAndSense(cdev: CcwDevice, irb: Irb): number {
  if (needsSense(cdev)) return senseEnded(cdev, irb);
  accumulateIrb(cdev, irb);
  if ((irb.scsw.actl & (ACTL.DEVICE_ACTIVE | ACTL.SUBCHANNEL_ACTIVE)) !== 0) return -EBUSY;
  if (!needsSense(cdev)) return 0;
  doSense(cdev, irb);
  return -EBUSY;
}

function needsSense({ flags }: CcwDevice): boolean {
  return flags.dosense;
}

/** This was the interrupt of the basic sense, or a halt or clear that ended it. */
function senseEnded(cdev: CcwDevice, irb: Irb): number {
  if ((irb.scsw.actl & (ACTL.DEVICE_ACTIVE | ACTL.SUBCHANNEL_ACTIVE)) !== 0) return -EBUSY;
  if ((irb.scsw.fctl & (FCTL.HALT | FCTL.CLEAR)) !== 0) {
    cdev.flags.dosense = false;
    accumulateIrb(cdev, irb);
    return 0;
  }
  if ((irb.scsw.dstat & DSTAT.UNIT_CHECK) === 0) {
    takeSense(cdev);
    return 0;
  }
  doSense(cdev, irb);
  return -EBUSY;
}
