import { viewOf } from '../layout';
import { packScsw, SCSW_BYTES, unpackScsw, type Scsw } from './scsw';

/** Path management control word: what a subchannel is and how it is set. @see drivers/s390/cio/cio.h struct pmcw */
export interface Pmcw {
  readonly intparm: number;
  readonly isc: number;
  readonly ena: boolean;
  readonly mme: number;
  /** Multipath mode. */
  readonly mp: boolean;
  /** Device number valid. */
  readonly dnv: boolean;
  readonly dev: number;
  readonly lpm: number;
  readonly pnom: number;
  readonly lpum: number;
  readonly pim: number;
  readonly mbi: number;
  readonly pom: number;
  readonly pam: number;
  readonly chpid: readonly number[];
  readonly st: number;
  readonly mbfc: boolean;
  readonly csense: boolean;
}

/** Subchannel information block. @see struct schib */
export interface Schib {
  readonly pmcw: Pmcw;
  readonly scsw: Scsw;
}

/** Length of a subchannel information block. */
export const SCHIB_BYTES = 52;
const PMCW_BYTES = 28;
/** Bits of words 1 and 6 that must be zero for MODIFY SUBCHANNEL. PoP chapter 14 "MODIFY SUBCHANNEL" */
const RESERVED_FLAGS = 0x0700;
const RESERVED_CHARS = 0xff1f_fff8;

/** One of no device: all zero. */
export const EMPTY_PMCW: Pmcw = Object.freeze({
  intparm: 0,
  isc: 0,
  ena: false,
  mme: 0,
  mp: false,
  dnv: false,
  dev: 0,
  lpm: 0,
  pnom: 0,
  lpum: 0,
  pim: 0,
  mbi: 0,
  pom: 0,
  pam: 0,
  chpid: Object.freeze([0, 0, 0, 0, 0, 0, 0, 0]),
  st: 0,
  mbfc: false,
  csense: false,
});

/** A subchannel information block as STSCH stores it and MSCH takes it. */
export function packSchib({ pmcw: p, scsw }: Schib): Uint8Array {
  const bytes = new Uint8Array(SCHIB_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, p.intparm);
  view.setUint16(4, ((p.isc & 7) << 11) | (p.ena ? 0x80 : 0) | ((p.mme & 3) << 3) | (p.mp ? 4 : 0) | (p.dnv ? 1 : 0));
  view.setUint16(6, p.dev);
  bytes.set([p.lpm, p.pnom, p.lpum, p.pim, p.mbi >>> 8, p.mbi & 0xff, p.pom, p.pam], 8);
  bytes.set(p.chpid.slice(0, 8), 16);
  view.setUint32(24, (((p.st & 7) << 21) | (p.mbfc ? 4 : 0) | (p.csense ? 1 : 0)) >>> 0);
  bytes.set(packScsw(scsw), PMCW_BYTES);
  return bytes;
}

/** The fields of a subchannel information block. */
export function unpackSchib(bytes: Uint8Array): Schib {
  const view = viewOf(bytes);
  const flags = view.getUint16(4);
  const chars = view.getUint32(24);
  const at = (index: number): number => bytes[index] ?? 0;
  const pmcw: Pmcw = {
    intparm: view.getUint32(0),
    isc: (flags >>> 11) & 7,
    ena: (flags & 0x80) !== 0,
    mme: (flags >>> 3) & 3,
    mp: (flags & 4) !== 0,
    dnv: (flags & 1) !== 0,
    dev: view.getUint16(6),
    lpm: at(8),
    pnom: at(9),
    lpum: at(10),
    pim: at(11),
    mbi: view.getUint16(12),
    pom: at(14),
    pam: at(15),
    chpid: [...bytes.subarray(16, 24)],
    st: (chars >>> 21) & 7,
    mbfc: (chars & 4) !== 0,
    csense: (chars & 1) !== 0,
  };
  return { pmcw, scsw: unpackScsw(bytes.subarray(PMCW_BYTES, PMCW_BYTES + SCSW_BYTES)) };
}

/** Would MODIFY SUBCHANNEL take these bytes? */
export function hasReservedBits(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  return (view.getUint16(4) & RESERVED_FLAGS) !== 0 || (view.getUint32(24) & RESERVED_CHARS) !== 0;
}

/** Operation request block of command mode. @see drivers/s390/cio/orb.h struct cmd_orb */
export interface Orb {
  readonly intparm: number;
  readonly key: number;
  /** The channel program may be suspended. */
  readonly spnd: boolean;
  readonly format1: boolean;
  readonly pfch: boolean;
  /** No interruption when it is suspended. */
  readonly ssic: boolean;
  /** Indirect data addresses have 64 bits. */
  readonly c64: boolean;
  /** They stand for 2 KiB each. */
  readonly i2k: boolean;
  readonly lpm: number;
  /** Incorrect length of an immediate operation is suppressed. */
  readonly ils: boolean;
  /** Address of the channel program. */
  readonly cpa: number;
}

/** Length of an operation request block. */
export const ORB_BYTES = 32;
/** Transport mode and the ORB extension: facilities that this machine does not have. */
const ORB_RESERVED = 0x0404_007f;

/** An operation request block as SSCH takes it. */
export function packOrb(o: Orb): Uint8Array {
  const bytes = new Uint8Array(ORB_BYTES);
  const view = viewOf(bytes);
  const flags =
    ((o.key & 15) << 28) |
    (o.spnd ? 1 << 27 : 0) |
    (o.format1 ? 1 << 23 : 0) |
    (o.pfch ? 1 << 22 : 0) |
    (o.ssic ? 1 << 19 : 0) |
    (o.c64 ? 1 << 17 : 0) |
    (o.i2k ? 1 << 16 : 0) |
    ((o.lpm & 0xff) << 8) |
    (o.ils ? 0x80 : 0);
  view.setUint32(0, o.intparm);
  view.setUint32(4, flags >>> 0);
  view.setUint32(8, o.cpa);
  return bytes;
}

/** Undefined for an ORB that START SUBCHANNEL refuses with an operand exception. */
export function unpackOrb(bytes: Uint8Array): Orb | undefined {
  const view = viewOf(bytes);
  const flags = view.getUint32(4);
  const cpa = view.getUint32(8);
  if ((flags & ORB_RESERVED) !== 0 || cpa > 0x7fff_ffff) return undefined;
  const bit = (n: number): boolean => ((flags >>> n) & 1) === 1;
  return {
    intparm: view.getUint32(0),
    key: flags >>> 28,
    spnd: bit(27),
    format1: bit(23),
    pfch: bit(22),
    ssic: bit(19),
    c64: bit(17),
    i2k: bit(16),
    lpm: (flags >>> 8) & 0xff,
    ils: bit(7),
    cpa,
  };
}
