import { EACCES, EAGAIN, ENODEV, EOPNOTSUPP, errno } from '../../../lib/errno';
import { hex } from '../layout';
import { SENSE0 } from '../layout/ccw';
import { DSTAT, FCTL, STCTL, type Irb } from '../layout/scsw';
import { cioClear, cioStart, cioUpdateSchib } from './cio';
import { EMPTY_IRB, type CcwDevice, type IoStatus, type CcwRequest } from './device';
import { accumulateAndSense } from './status';

const { ETIME } = errno;

/** What a request is made of; the rest is its own. */
export type CcwRequestInit = Omit<CcwRequest, 'mask' | 'retries' | 'drc' | 'done'>;

/** Shifts to the first path of `mask`. @see drivers/s390/cio/ccwreq.c lpm_adjust */
export function lpmAdjust(lpm: number, mask: number): number {
  let at = lpm;
  while (at !== 0 && (at & mask) === 0) at >>= 1;
  return at;
}

/** Starts a request; its callback comes once. @see drivers/s390/cio/ccwreq.c ccw_request_start */
export function ccwRequestStart(cdev: CcwDevice, init: CcwRequestInit): void {
  // Twice through all paths, for links that come and go.
  const mask = lpmAdjust(init.singlePath ? 0x8080 : init.lpm, init.lpm);
  cdev.req = { ...init, mask, retries: init.maxRetries, drc: 0, done: false };
  if (mask === 0) stop(cdev, cdev.req, -EACCES);
  else run(cdev, cdev.req);
}

/** @see ccwreq_next_path */
function nextPath(req: CcwRequest): number {
  if (!req.singlePath) req.mask = 0;
  else {
    req.retries = req.maxRetries;
    req.mask = lpmAdjust(req.mask >> 1, req.lpm);
  }
  return req.mask;
}

/** @see ccwreq_stop */
function stop(cdev: CcwDevice, req: CcwRequest, result: number): void {
  if (req.done) return;
  req.done = true;
  cdev.setTimeout(0);
  cdev.irb = EMPTY_IRB;
  const delayed = result !== 0 && result !== -ENODEV && req.drc !== 0;
  req.callback(cdev, delayed ? req.drc : result);
}

/** @see ccwreq_do */
function run(cdev: CcwDevice, req: CcwRequest): void {
  let result = -EACCES;
  while (req.mask !== 0) {
    if (req.retries-- === 0) {
      nextPath(req);
      continue;
    }
    cdev.irb = EMPTY_IRB;
    result = cioStart(cdev.sch, req.cp, req.mask & 0xff);
    if (result === 0) {
      cdev.setTimeout(req.timeout);
      return;
    }
    if (result === -ENODEV) break;
    if (result === -EACCES) {
      nextPath(req);
      continue;
    }
    // Something is pending: clear it, and the interrupt of that starts again.
    result = cioClear(cdev.sch);
    if (result === 0) return;
    break;
  }
  stop(cdev, req, result);
}

/** @see ccwreq_status */
function statusOf(cdev: CcwDevice, latest: Irb): IoStatus {
  if (accumulateAndSense(cdev, latest) !== 0) return 'running';
  const { scsw, cons, ecw } = cdev.irb;
  if ((scsw.fctl & (FCTL.HALT | FCTL.CLEAR)) !== 0) return 'killed';
  if (scsw.cc === 3 || scsw.pno) return 'path-error';
  if (cons) return ((ecw[0] ?? 0) & SENSE0.COMMAND_REJECT) === 0 ? 'status-error' : 'rejected';
  if (scsw.cstat !== 0) return 'status-error';
  if ((scsw.dstat & ~(DSTAT.CHANNEL_END | DSTAT.DEVICE_END)) !== 0) return 'status-error';
  if ((scsw.dstat & DSTAT.DEVICE_END) === 0) return 'running';
  if (scsw.cc === 1 && (scsw.stctl & STCTL.ALERT) !== 0) return 'status-error';
  return 'done';
}

/** An interrupt while a request runs. @see drivers/s390/cio/ccwreq.c ccw_request_handler */
export function ccwRequestHandler(cdev: CcwDevice, irb: Irb): void {
  const { req } = cdev;
  if (req === null || req.done) return;
  const raw = statusOf(cdev, irb);
  const status = req.filter?.(cdev, irb, raw) ?? raw;
  if (status === 'running') return;
  cdev.setTimeout(0);
  if (status === 'rejected') stop(cdev, req, -EOPNOTSUPP);
  else if (status === 'path-error') tryNextPath(cdev, req);
  else if (status !== 'done') run(cdev, req);
  else checkResult(cdev, req);
}

function checkResult(cdev: CcwDevice, req: CcwRequest): void {
  const result = req.check?.(cdev) ?? 0;
  if (result === 0) stop(cdev, req, 0);
  else if (result === -EAGAIN) run(cdev, req);
  else if (result === -EACCES) tryNextPath(cdev, req);
  else stop(cdev, req, -EOPNOTSUPP);
}

function tryNextPath(cdev: CcwDevice, req: CcwRequest): void {
  if (nextPath(req) === 0) stop(cdev, req, -EACCES);
  else run(cdev, req);
}

/** No interrupt came. @see drivers/s390/cio/ccwreq.c ccw_request_timeout */
export function ccwRequestTimeout(cdev: CcwDevice): void {
  const { req, sch } = cdev;
  if (req === null) return;
  if (cioUpdateSchib(sch) !== 0) {
    stop(cdev, req, -ENODEV);
    return;
  }
  warnOfSilence(cdev, req);
  if (nextPath(req) === 0) req.drc = -ETIME;
  const cleared = cioClear(sch);
  if (cleared !== 0) stop(cdev, req, cleared);
}

function warnOfSilence(cdev: CcwDevice, req: CcwRequest): void {
  const schib = cdev.sch.schib;
  if (schib === null) return;
  const { pmcw, scsw } = schib;
  const status = `CS=${hex(scsw.cstat, 2)}, DS=${hex(scsw.dstat, 2)}`;
  const seconds = String(Math.floor(req.timeout / 1e9));
  for (let chp = 0; chp < 8; chp += 1) {
    if (((0x80 >> chp) & pmcw.lpum) === 0) continue;
    const path = `CHPID=0.${hex(pmcw.chpid[chp] ?? 0, 2)}`;
    cdev.kernel.log.warn(`${String(cdev.name)}: No interrupt was received within ${seconds}s (${status}, ${path})`);
  }
}

/** The device is gone. @see drivers/s390/cio/ccwreq.c ccw_request_notoper */
export function ccwRequestNotoper(cdev: CcwDevice): void {
  if (cdev.req !== null) stop(cdev, cdev.req, -ENODEV);
}
