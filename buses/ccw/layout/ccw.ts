import { viewOf } from '../layout';

/** A channel command word, whatever its format. PoP chapter 15 "Channel-Command Word" */
export interface Ccw {
  readonly command: number;
  readonly flags: number;
  readonly count: number;
  readonly address: number;
}

/** Both formats take 8 bytes on an 8-byte boundary. */
export const CCW_BYTES = 8;

/** @see arch/s390/include/asm/cio.h CCW_FLAG_* */
export const CCW_FLAG = Object.freeze({
  /** Chain data. */
  DC: 0x80,
  /** Chain command. */
  CC: 0x40,
  /** Suppress the indication of an incorrect length. */
  SLI: 0x20,
  SKIP: 0x10,
  /** Program-controlled interruption. */
  PCI: 0x08,
  /** Indirect data addresses. */
  IDA: 0x04,
  SUSPEND: 0x02,
  /** Modified indirect data addresses: a facility that this machine does not have. */
  MIDA: 0x01,
});

/** Commands that are alike for all devices. @see arch/s390/include/asm/cio.h CCW_CMD_* */
export const CCW_CMD = Object.freeze({
  NOOP: 0x03,
  BASIC_SENSE: 0x04,
  TIC: 0x08,
  STLCK: 0x14,
  SENSE_PGID: 0x34,
  RELEASE: 0x94,
  SET_PGID: 0xaf,
  SENSE_ID: 0xe4,
});

/** A CCW of format 1, as Linux writes it. @see struct ccw1 */
export function packCcw1({ command, flags, count, address }: Ccw): Uint8Array {
  const bytes = new Uint8Array(CCW_BYTES);
  const view = viewOf(bytes);
  view.setUint8(0, command);
  view.setUint8(1, flags);
  view.setUint16(2, count);
  view.setUint32(4, address);
  return bytes;
}

/** @param format1 or format 0, see struct ccw0 */
export function unpackCcw(bytes: Uint8Array, format1: boolean): Ccw {
  const view = viewOf(bytes);
  const command = view.getUint8(0);
  if (format1) return { command, flags: view.getUint8(1), count: view.getUint16(2), address: view.getUint32(4) };
  return { command, flags: view.getUint8(4), count: view.getUint16(6), address: view.getUint32(0) & 0xffffff };
}

/** What SENSE ID gives. @see drivers/s390/cio/io_sch.h struct senseid */
export interface SenseId {
  readonly cuType: number;
  readonly cuModel: number;
  readonly devType: number;
  readonly devModel: number;
}

/** Offsets in the data of SENSE ID. */
export const SENSE_ID = Object.freeze({ RESERVED: 0xff, BASIC_BYTES: 7, BYTES: 40, MIN_BYTES: 4 });

/** The basic part of SENSE ID data. */
export function packSenseId({ cuType, cuModel, devType, devModel }: SenseId): Uint8Array {
  const bytes = new Uint8Array(SENSE_ID.BASIC_BYTES);
  const view = viewOf(bytes);
  view.setUint8(0, SENSE_ID.RESERVED);
  view.setUint16(1, cuType);
  view.setUint8(3, cuModel);
  view.setUint16(4, devType);
  view.setUint8(6, devModel);
  return bytes;
}

/** The fields of the data of SENSE ID. */
export function unpackSenseId(bytes: Uint8Array): SenseId & { readonly reserved: number } {
  const view = viewOf(bytes);
  return {
    reserved: view.getUint8(0),
    cuType: view.getUint16(1),
    cuModel: view.getUint8(3),
    devType: view.getUint16(4),
    devModel: view.getUint8(6),
  };
}

/** First byte of sense data. @see arch/s390/include/asm/scsw.h SNS0_* */
export const SENSE0 = Object.freeze({ COMMAND_REJECT: 0x80, INTERVENTION_REQUIRED: 0x40, EQUIPMENT_CHECK: 0x10 });

/** Bytes of sense data. @see SENSE_MAX_COUNT */
export const SENSE_BYTES = 32;
