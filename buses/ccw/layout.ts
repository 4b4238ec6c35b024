/**
 * What the architecture gives to both sides of the channel subsystem: numbers of instructions and interrupts, names of
 * subchannels, bytes in memory. All structures in memory are big endian. Nothing here has behaviour beyond arithmetic,
 * so host and guest halves both import it.
 *
 * "PoP" is z/Architecture Principles of Operation, SA22-7832.
 */

/**
 * Privileged instructions that reach the host, numbered by their operation codes. Each takes the subchannel id where it
 * has one, then the address of its operand; it gives one value, the condition code. What would be a program
 * interruption is a negative status: EFAULT for addressing, EINVAL for specification and operand exceptions.
 * PoP chapter 14
 */
export const INSTRUCTION = Object.freeze({
  CSCH: 0xb230,
  HSCH: 0xb231,
  MSCH: 0xb232,
  SSCH: 0xb233,
  STSCH: 0xb234,
  TSCH: 0xb235,
  TPI: 0xb236,
  RSCH: 0xb238,
  STCRW: 0xb239,
  CHSC: 0xb25f,
  XSCH: 0xb276,
  /** DIAGNOSE 0x500: (subcode, subchannel id, queue, cookie) -> [cookie]. VIRTIO 1.2 §4.3.3.2 */
  DIAG_VIRTIO: 0x500,
});

/** Names of the instructions for the log. */
export const INSTRUCTION_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [INSTRUCTION.CSCH]: 'csch',
  [INSTRUCTION.HSCH]: 'hsch',
  [INSTRUCTION.MSCH]: 'msch',
  [INSTRUCTION.SSCH]: 'ssch',
  [INSTRUCTION.STSCH]: 'stsch',
  [INSTRUCTION.TSCH]: 'tsch',
  [INSTRUCTION.TPI]: 'tpi',
  [INSTRUCTION.RSCH]: 'rsch',
  [INSTRUCTION.STCRW]: 'stcrw',
  [INSTRUCTION.CHSC]: 'chsc',
  [INSTRUCTION.XSCH]: 'xsch',
  [INSTRUCTION.DIAG_VIRTIO]: 'diag500',
});

/** Subcode of `INSTRUCTION.DIAG_VIRTIO`. VIRTIO 1.2 §4.3.3.2 */
export const DIAG_VIRTIO_CCW_NOTIFY = 3;

/**
 * Interrupts by vector. The value that comes along is the interruption code that the machine stores: for IO the
 * subchannel id in the upper and the interruption parameter in the lower 32 bits, for THIN the interruption subclass.
 *
 * @see arch/s390/include/asm/irq.h
 */
export const VECTOR = Object.freeze({ IO: 1, THIN: 2, MACHINE_CHECK: 3, ACCESS: 4 });

/** Subchannel sets, and subchannels in one. @see arch/s390/include/asm/cio.h __MAX_SSID, __MAX_SUBCHANNEL */
export const MAX_SSID = 3;
/** Highest subchannel number of a subchannel set. */
export const MAX_SUBCHANNEL = 0xffff;

/** A subchannel: its set and its number there. */
export interface SubchannelId {
  readonly ssid: number;
  readonly schNo: number;
}

/** The subsystem identification word. @see arch/s390/include/uapi/asm/schid.h */
export function packSchid({ ssid, schNo }: SubchannelId): number {
  return (((ssid & 3) << 17) | 0x10000 | (schNo & 0xffff)) >>> 0;
}

/** Undefined for an invalid subsystem identification: bit 15 must be one, the others zero. */
export function unpackSchid(word: number): SubchannelId | undefined {
  if ((word & 0x10000) === 0 || (word & ~0x7ffff) !== 0) return undefined;
  return { ssid: (word >>> 17) & 3, schNo: word & 0xffff };
}

/** Name of a subchannel, or of a device by its number: `0.0.1234`. */
export function busId(ssid: number, number: number): string {
  return `0.${ssid.toString(16)}.${hex(number, 4)}`;
}

/** Hexadecimal with leading zeros. */
export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Interruption subclass of I/O subchannels. @see arch/s390/include/asm/isc.h IO_SCH_ISC */
export const IO_SCH_ISC = 3;

/** Subchannel types. @see drivers/s390/cio/cio.h */
export const SUBCHANNEL_TYPE_IO = 0;

/** A big-endian view of bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Channel report word. @see arch/s390/include/asm/crw.h */
export interface Crw {
  readonly overflow: boolean;
  readonly chained: boolean;
  readonly rsc: number;
  readonly erc: number;
  readonly rsid: number;
}

/** Bits of a channel report word. */
export const CRW = Object.freeze({ BYTES: 4, RSC_SCH: 3, RSC_CPATH: 4, ERC_IPARM: 4, ERC_PMOD: 8 });

/** A channel report word as STCRW stores it. */
export function packCrw({ overflow, chained, rsc, erc, rsid }: Crw): Uint8Array {
  const bytes = new Uint8Array(CRW.BYTES);
  const flags = (overflow ? 1 << 29 : 0) | (chained ? 1 << 28 : 0);
  const word = flags | ((rsc & 15) << 24) | ((erc & 63) << 16) | (rsid & 0xffff);
  viewOf(bytes).setUint32(0, word >>> 0);
  return bytes;
}

/** The fields of a channel report word. */
export function unpackCrw(bytes: Uint8Array): Crw {
  const word = viewOf(bytes).getUint32(0);
  const bit = (n: number): boolean => ((word >>> n) & 1) === 1;
  return { overflow: bit(29), chained: bit(28), rsc: (word >>> 24) & 15, erc: (word >>> 16) & 63, rsid: word & 0xffff };
}

/**
 * Channel subsystem calls: a page with a request block (length, command, ...) followed by the response block (length,
 * code, reserved, ...). @see drivers/s390/cio/chsc.c
 */
export const CHSC = Object.freeze({
  BYTES: 4096,
  COMMAND: 2,
  /** Store channel path description: format at 4, first and last chpid at 7 and 11. */
  SCPD: 0x0002,
  SCPD_REQUEST: 16,
  /** A description of format 0: flags, lsn, desc, chpid, ... @see struct channel_path_desc_fmt0 */
  SCPD_DESC: 8,
  /** Set domain attribute: operation code at 6. */
  SDA: 0x0031,
  SDA_REQUEST: 0x400,
  SDA_OC_MSS: 2,
  RESPONSE_OK: 1,
  RESPONSE_INVALID_COMMAND: 2,
  RESPONSE_INVALID_REQUEST: 3,
});
