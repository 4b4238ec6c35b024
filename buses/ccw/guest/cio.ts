import { callAtomicVoid } from '../../../lib/base/guard';
import { EACCES, EAGAIN, EBUSY, EINVAL, EIO, ENODEV } from '../../../lib/errno';
import { SUBCHANNEL_TYPE_IO, type SubchannelId } from '../layout';
import { EMPTY_PMCW, type Orb, type Schib } from '../layout/schib';
import { ACTL, EMPTY_SCSW, type Scsw } from '../layout/scsw';
import type { Ioasm } from './ioasm';
import type { Subchannel } from './subchannel';
import type { Retries } from './device';

/** Tries to set a subchannel before it is given up. */
const COMMIT_TRIES = 5;

/** Tries to clear what runs; of these, how often status that is pending is waited for. */
export const CLEAR_TRIES = 255;
const STATUS_TRIES = 3;

/** Flags of a start. @see arch/s390/include/asm/cio.h DOIO_* */
export interface StartOptions {
  readonly allowSuspend?: boolean;
  readonly denyPrefetch?: boolean;
  readonly suppressInter?: boolean;
}

/**
 * Starts a channel program; it ends with an interrupt.
 *
 * @param lpm paths to use; 0: any
 * @returns 0; -EBUSY for condition codes 1 and 2; for 3 -EACCES when other paths are left, else -ENODEV
 * @see drivers/s390/cio/cio.c cio_start_key
 */
export function cioStart(sch: Subchannel, cpa: number, lpm: number, options: StartOptions = {}): number {
  const cc = sch.css.ioasm.ssch(sch.schid, orbOf(sch, cpa, lpm, options));
  switch (cc) {
    case 0:
      setActl(sch, ACTL.START_PEND);
      return 0;
    case 1:
    case 2:
      return -EBUSY;
    case 3:
      return startNotOper(sch, lpm);
    default:
      return cc;
  }
}

function orbOf(sch: Subchannel, cpa: number, lpm: number, options: StartOptions): Orb {
  const { allowSuspend = false, denyPrefetch = false, suppressInter = false } = options;
  return {
    intparm: sch.token,
    key: 0,
    spnd: allowSuspend,
    format1: true,
    pfch: !denyPrefetch,
    ssic: allowSuspend && suppressInter,
    c64: true,
    i2k: false,
    lpm: lpm === 0 ? sch.lpm : lpm,
    ils: false,
    cpa,
  };
}

/** The paths that were used are given up. @see cio_start_handle_notoper */
function startNotOper(sch: Subchannel, lpm: number): number {
  sch.lpm = lpm === 0 ? 0 : sch.lpm & ~lpm;
  if (cioUpdateSchib(sch) !== 0) return -ENODEV;
  return sch.lpm === 0 ? -ENODEV : -EACCES;
}

/** Notes what an instruction has set in motion. */
function setActl(sch: Subchannel, actl: number): void {
  const { schib } = sch;
  if (schib !== null) sch.schib = { ...schib, scsw: { ...schib.scsw, actl: schib.scsw.actl | actl } };
}

/** The status word as it was stored last. */
export function scswOf(sch: Subchannel): Scsw {
  return sch.schib?.scsw ?? EMPTY_SCSW;
}

/** @returns 0, -EBUSY, -EINVAL when nothing is suspended, -ENODEV @see drivers/s390/cio/cio.c cio_resume */
export function cioResume(sch: Subchannel): number {
  const cc = sch.css.ioasm.rsch(sch.schid);
  if (cc === 0) setActl(sch, ACTL.RESUME_PEND);
  return cc === 0 ? 0 : cc === 1 ? -EBUSY : cc === 2 ? -EINVAL : -ENODEV;
}

/** @returns 0, -EBUSY, -ENODEV @see drivers/s390/cio/cio.c cio_halt */
export function cioHalt(sch: Subchannel): number {
  const cc = sch.css.ioasm.hsch(sch.schid);
  if (cc === 0) setActl(sch, ACTL.HALT_PEND);
  return cc === 0 ? 0 : cc === 1 || cc === 2 ? -EBUSY : -ENODEV;
}

/** @returns 0, -ENODEV @see drivers/s390/cio/cio.c cio_clear */
export function cioClear(sch: Subchannel): number {
  const cc = sch.css.ioasm.csch(sch.schid);
  if (cc === 0) setActl(sch, ACTL.CLEAR_PEND);
  return cc === 0 ? 0 : -ENODEV;
}

/** @returns 0, -EBUSY, -EINVAL when it is not applicable, -ENODEV @see drivers/s390/cio/cio.c cio_cancel */
function cioCancel(sch: Subchannel): number {
  const cc = sch.css.ioasm.xsch(sch.schid);
  if (cc === 0) return cioUpdateSchib(sch) === 0 ? 0 : -ENODEV;
  return cc === 1 ? -EBUSY : cc === 2 ? -EINVAL : -ENODEV;
}

/**
 * Stops what runs, harder each time it is called.
 *
 * @returns 0: idle now; -EBUSY: an interrupt will come; -ENODEV; -EIO: out of tries
 * @see drivers/s390/cio/cio.c cio_cancel_halt_clear
 */
export function cioCancelHaltClear(sch: Subchannel, retries: Retries): number {
  if (cioUpdateSchib(sch) !== 0) return -ENODEV;
  if (sch.schib?.pmcw.ena !== true) return 0;
  const { actl } = scswOf(sch);
  if ((actl & (ACTL.HALT_PEND | ACTL.CLEAR_PEND)) === 0) {
    const cancelled = cioCancel(sch);
    if (cancelled === -EBUSY) return awaitStatus(sch, retries);
    if (cancelled !== -EINVAL) return cancelled;
    retries.left = 3;
  }
  const halted = (actl & ACTL.CLEAR_PEND) === 0 ? tryHalt(sch, retries) : null;
  return halted ?? tryClear(sch, retries);
}

/** Status is pending, and its interrupt should come. Linux waits for it for ever; one that was lost is cleared here. */
function awaitStatus(sch: Subchannel, retries: Retries): number {
  if (retries.left <= CLEAR_TRIES - STATUS_TRIES) return tryClear(sch, retries);
  retries.left -= 1;
  return -EBUSY;
}

/** @returns null: clear instead */
function tryHalt(sch: Subchannel, retries: Retries): number | null {
  if (retries.left > 0) {
    retries.left -= 1;
    const halted = cioHalt(sch);
    if (halted !== -EBUSY) return halted === 0 ? -EBUSY : halted;
  }
  retries.left = CLEAR_TRIES;
  return null;
}

function tryClear(sch: Subchannel, retries: Retries): number {
  if (retries.left === 0) return -EIO;
  retries.left -= 1;
  const cleared = cioClear(sch);
  return cleared === 0 ? -EBUSY : cleared;
}

/** Is there a device behind it? @see drivers/s390/cio/css.c css_sch_is_valid */
export function isValid(schib: Schib | null): schib is Schib {
  return schib !== null && (schib.pmcw.st !== SUBCHANNEL_TYPE_IO || schib.pmcw.dnv);
}

/**
 * Learns how the subchannel is.
 *
 * @returns 0; -ENODEV when it is not operational; -EACCES when it has no device: it is then known to have none
 * @see drivers/s390/cio/cio.c cio_update_schib
 */
export function cioUpdateSchib(sch: Subchannel): number {
  const { cc, schib } = sch.css.ioasm.stsch(sch.schid);
  if (cc !== 0) return -ENODEV;
  sch.schib = isValid(schib) ? schib : null;
  return sch.schib === null ? -EACCES : 0;
}

/** @see drivers/s390/cio/device.c io_subchannel_init_config */
export function cioInitConfig(sch: Subchannel): void {
  sch.config = { intparm: 0, isc: 0, ena: false, mp: false, csense: true };
}

/**
 * Sets the subchannel to what its configuration says.
 *
 * @returns 0; -ENODEV; -EBUSY when status or work is pending; -EAGAIN when it did not take it; -EIO for what the
 *   machine does not have
 * @see drivers/s390/cio/cio.c cio_commit_config
 */
export function cioCommitConfig(sch: Subchannel): number {
  const { ioasm } = sch.css;
  let { schib } = ioasm.stsch(sch.schid);
  let result = 0;
  for (let tries = 0; tries < COMMIT_TRIES; tries += 1) {
    if (!isValid(schib)) return -ENODEV;
    const cc = ioasm.msch(sch.schid, configured(sch, schib));
    if (cc < 0) return cc;
    if (cc === 3) return -ENODEV;
    if (cc === 0) {
      schib = ioasm.stsch(sch.schid).schib;
      if (!isValid(schib)) return -ENODEV;
      if (isConfigured(sch, schib)) {
        sch.schib = schib;
        return 0;
      }
    }
    result = cc === 0 ? -EAGAIN : -EBUSY;
    if (cc === 1 && ioasm.tsch(sch.schid).cc !== 0) return result;
  }
  return result;
}

function configured({ config }: Subchannel, schib: Schib): Schib {
  return { ...schib, pmcw: { ...schib.pmcw, ...config } };
}

function isConfigured({ config }: Subchannel, { pmcw }: Schib): boolean {
  const { intparm, isc, ena, mp, csense } = config;
  return pmcw.intparm === intparm && pmcw.isc === isc && pmcw.ena === ena && pmcw.mp === mp && pmcw.csense === csense;
}

/**
 * On a machine without concurrent sense it is tried again without it.
 *
 * @returns as {@link cioCommitConfig}; -EINVAL for the pseudo subchannel
 * @see drivers/s390/cio/cio.c cio_enable_subchannel
 */
export function cioEnableSubchannel(sch: Subchannel): number {
  if (sch.isPseudo) return -EINVAL;
  if (cioUpdateSchib(sch) !== 0) return -ENODEV;
  sch.config = { ...sch.config, ena: true, isc: sch.isc, intparm: sch.token };
  const result = cioCommitConfig(sch);
  if (result !== -EIO) return result;
  sch.config.csense = false;
  return cioCommitConfig(sch);
}

/** @returns as {@link cioCommitConfig}; 0 for the pseudo subchannel @see cio.c cio_disable_subchannel */
export function cioDisableSubchannel(sch: Subchannel): number {
  if (sch.isPseudo) return 0;
  if (cioUpdateSchib(sch) !== 0) return -ENODEV;
  sch.config.ena = false;
  return cioCommitConfig(sch);
}

/** An I/O interrupt: takes the status and hands it to the subchannel's driver. @see cio.c do_cio_interrupt */
export function cioInterrupt(ioasm: Ioasm, id: SubchannelId, sch: Subchannel | null): void {
  const { cc, irb } = ioasm.tsch(id);
  if (sch === null || cc !== 0 || irb === null) return;
  sch.schib = { pmcw: sch.schib?.pmcw ?? EMPTY_PMCW, scsw: irb.scsw };
  const where = (): string => `do_cio_interrupt: subchannel ${String(sch.name)}`;
  callAtomicVoid(sch.kernel, where, () => sch.cssDriver?.irq(sch, irb));
}
