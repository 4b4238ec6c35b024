import { viewOf } from '../layout';
import { SENSE_BYTES } from './ccw';

/** Subchannel status word of command mode. @see arch/s390/include/asm/scsw.h struct cmd_scsw, PoP chapter 16 */
export interface Scsw {
  readonly key: number;
  /** Extended status word is of format 0. */
  readonly eswf: boolean;
  /** Deferred condition code. */
  readonly cc: number;
  readonly format1: boolean;
  /** Extended control word is valid. */
  readonly ectl: boolean;
  /** Path not operational. */
  readonly pno: boolean;
  readonly fctl: number;
  readonly actl: number;
  readonly stctl: number;
  /** Address of the last CCW, plus 8. */
  readonly cpa: number;
  readonly dstat: number;
  readonly cstat: number;
  /** Residual count of the last CCW. */
  readonly count: number;
}

/** Length of a subchannel status word. */
export const SCSW_BYTES = 12;

/** The status of a subchannel for which nothing is pending. */
export const EMPTY_SCSW: Scsw = Object.freeze({
  key: 0,
  eswf: false,
  cc: 0,
  format1: false,
  ectl: false,
  pno: false,
  fctl: 0,
  actl: 0,
  stctl: 0,
  cpa: 0,
  dstat: 0,
  cstat: 0,
  count: 0,
});

/** Function control. */
export const FCTL = Object.freeze({ CLEAR: 1, HALT: 2, START: 4 });

/** Activity control. */
export const ACTL = Object.freeze({
  SUSPENDED: 0x01,
  DEVICE_ACTIVE: 0x02,
  SUBCHANNEL_ACTIVE: 0x04,
  CLEAR_PEND: 0x08,
  HALT_PEND: 0x10,
  START_PEND: 0x20,
  RESUME_PEND: 0x40,
});

/** Status control. */
export const STCTL = Object.freeze({ STATUS_PEND: 1, SECONDARY: 2, PRIMARY: 4, INTERMEDIATE: 8, ALERT: 0x10 });

/** Device status. */
export const DSTAT = Object.freeze({
  ATTENTION: 0x80,
  STATUS_MODIFIER: 0x40,
  BUSY: 0x10,
  CHANNEL_END: 0x08,
  DEVICE_END: 0x04,
  UNIT_CHECK: 0x02,
  UNIT_EXCEPTION: 0x01,
});

/** Subchannel status. */
export const CSTAT = Object.freeze({
  PCI: 0x80,
  INCORRECT_LENGTH: 0x40,
  PROGRAM_CHECK: 0x20,
  PROTECTION_CHECK: 0x10,
  DATA_CHECK: 0x08,
  CONTROL_CHECK: 0x04,
  INTERFACE_CHECK: 0x02,
  CHAINING_CHECK: 0x01,
});

/** A subchannel status word as the channel subsystem stores it. */
export function packScsw(s: Scsw): Uint8Array {
  const bytes = new Uint8Array(SCSW_BYTES);
  const view = viewOf(bytes);
  const flags =
    ((s.key & 15) << 12) |
    (s.eswf ? 0x400 : 0) |
    ((s.cc & 3) << 8) |
    (s.format1 ? 0x80 : 0) |
    (s.ectl ? 0x02 : 0) |
    (s.pno ? 0x01 : 0);
  view.setUint16(0, flags);
  view.setUint16(2, ((s.fctl & 7) << 12) | ((s.actl & 0x7f) << 5) | (s.stctl & 0x1f));
  view.setUint32(4, s.cpa);
  view.setUint8(8, s.dstat);
  view.setUint8(9, s.cstat);
  view.setUint16(10, s.count);
  return bytes;
}

/** The fields of a subchannel status word. */
export function unpackScsw(bytes: Uint8Array): Scsw {
  const view = viewOf(bytes);
  const flags = view.getUint16(0);
  const control = view.getUint16(2);
  return {
    key: flags >>> 12,
    eswf: (flags & 0x400) !== 0,
    cc: (flags >>> 8) & 3,
    format1: (flags & 0x80) !== 0,
    ectl: (flags & 0x02) !== 0,
    pno: (flags & 0x01) !== 0,
    fctl: (control >>> 12) & 7,
    actl: (control >>> 5) & 0x7f,
    stctl: control & 0x1f,
    cpa: view.getUint32(4),
    dstat: view.getUint8(8),
    cstat: view.getUint8(9),
    count: view.getUint16(10),
  };
}

/**
 * Interruption response block: status word, extended status word, extended control word. Of the extended status word
 * only the extended report word's concurrent-sense bit and count are modelled, and the last path used.
 *
 * @see arch/s390/include/asm/cio.h struct irb
 */
export interface Irb {
  readonly scsw: Scsw;
  readonly lpum: number;
  /** The extended control word holds sense data. */
  readonly cons: boolean;
  /** Bytes of sense data. */
  readonly scnt: number;
  readonly ecw: Uint8Array;
}

/** Length of an interruption response block. */
export const IRB_BYTES = 64;
const ERW_CONS = 0x0100_0000;

/** An interruption response block as TSCH stores it. */
export function packIrb({ scsw, lpum, cons, scnt, ecw }: Irb): Uint8Array {
  const bytes = new Uint8Array(IRB_BYTES);
  bytes.set(packScsw(scsw), 0);
  bytes[13] = lpum;
  viewOf(bytes).setUint32(16, cons ? (ERW_CONS | ((scnt & 63) << 16)) >>> 0 : 0);
  bytes.set(ecw.subarray(0, SENSE_BYTES), 32);
  return bytes;
}

/** The fields of an interruption response block. */
export function unpackIrb(bytes: Uint8Array): Irb {
  const erw = viewOf(bytes).getUint32(16);
  const cons = (erw & ERW_CONS) !== 0;
  return {
    scsw: unpackScsw(bytes),
    lpum: bytes[13] ?? 0,
    cons,
    scnt: cons ? (erw >>> 16) & 63 : 0,
    ecw: bytes.slice(32, 32 + SENSE_BYTES),
  };
}

/** An interrupt that was waited for: status of a start, halt or clear. @see scsw_cmd_is_solicited */
export function isSolicited({ cc, stctl }: Scsw): boolean {
  return cc !== 0 || stctl !== (STCTL.STATUS_PEND | STCTL.ALERT);
}
