import { availRingBytes, descTableBytes } from '../../../lib/virtio/spec';
import { viewOf } from '../layout';

/** Control unit type of virtio devices; its model is the VIRTIO device id. VIRTIO 1.2 §4.3.1 */
export const VIRTIO_CU_TYPE = 0x3832;

/** The control unit model is the virtio device id, in one byte. VIRTIO 1.2 §4.3.1 */
export const VIRTIO_CU_MODEL_MAX = 0xff;

/** Channel commands of virtio devices. VIRTIO 1.2 §4.3.2 @see drivers/s390/virtio/virtio_ccw.c CCW_CMD_* */
export const VIRTIO_CMD = Object.freeze({
  WRITE_FEAT: 0x11,
  READ_FEAT: 0x12,
  SET_VQ: 0x13,
  WRITE_CONF: 0x21,
  READ_CONF: 0x22,
  WRITE_STATUS: 0x31,
  READ_VQ_CONF: 0x32,
  VDEV_RESET: 0x33,
  SET_IND: 0x43,
  SET_CONF_IND: 0x53,
  READ_STATUS: 0x72,
  SET_IND_ADAPTER: 0x73,
  SET_VIRTIO_REV: 0x83,
});

/** The highest revision of the transport that both sides know. VIRTIO 1.2 §4.3.2.1 */
export const VIRTIO_REVISION_MAX = 2;

/** Bytes of the structures. */
export const VIRTIO_BYTES = Object.freeze({
  /** revision be16, length be16 */
  REV_INFO: 4,
  /** features le32, index u8. §4.3.2.4 */
  FEATURE_DESC: 5,
  /** index be16, maximum size be16. §4.3.2.2 */
  VQ_CONFIG: 4,
  /** desc be64, reserved be32, index be16, size be16, driver be64, device be64. §4.3.2.2 */
  VQ_INFO: 32,
  /** queue be64, alignment be32, index be16, size be16; the legacy interface. §4.3.2.2.1 */
  VQ_INFO_LEGACY: 16,
  /** An address, be64. §4.3.2.6 */
  INDICATOR: 8,
  /** summary indicator be64, indicator be64, bit number be64, interruption subclass u8. §4.3.2.6.3 */
  THININT: 25,
  STATUS: 1,
  /** Linux reads no more. @see VIRTIO_CCW_CONFIG_SIZE */
  CONFIG: 256,
});

/** A queue as the driver sets it up; size 0 removes it. */
export interface VqInfo {
  readonly index: number;
  readonly size: number;
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
}

/** The block of SET VQ. VIRTIO 1.2 §4.3.2.2 */
export function packVqInfo({ index, size, desc, driver, device }: VqInfo): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_BYTES.VQ_INFO);
  const view = viewOf(bytes);
  view.setBigUint64(0, BigInt(desc));
  view.setUint16(12, index);
  view.setUint16(14, size);
  view.setBigUint64(16, BigInt(driver));
  view.setBigUint64(24, BigInt(device));
  return bytes;
}

/** The fields of a block of SET VQ. */
export function unpackVqInfo(bytes: Uint8Array): VqInfo {
  const view = viewOf(bytes);
  const address = (at: number): number => Number(view.getBigUint64(at));
  const size = view.getUint16(14);
  return { index: view.getUint16(12), size, desc: address(0), driver: address(16), device: address(24) };
}

/** The legacy block: one address, and where the device area is aligned to. The other addresses follow. */
export function packLegacyVqInfo({ index, size, desc }: VqInfo, align: number): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_BYTES.VQ_INFO_LEGACY);
  const view = viewOf(bytes);
  view.setBigUint64(0, BigInt(desc));
  view.setUint32(8, align);
  view.setUint16(12, index);
  view.setUint16(14, size);
  return bytes;
}

/** VIRTIO 1.2 §2.7.2 */
export function unpackLegacyVqInfo(bytes: Uint8Array): VqInfo {
  const view = viewOf(bytes);
  const desc = Number(view.getBigUint64(0));
  const align = Math.max(1, view.getUint32(8));
  const size = view.getUint16(14);
  const driver = desc + descTableBytes(size);
  const device = Math.ceil((driver + availRingBytes(size)) / align) * align;
  return { index: view.getUint16(12), size, desc, driver, device };
}

/** Two-stage indicators. */
export interface Thinint {
  readonly summary: number;
  readonly indicator: number;
  /** Bit of queue 0 behind `indicator`, the leftmost bit of a byte first. */
  readonly bit: number;
  readonly isc: number;
}

/** The block of SET IND ADAPTER. VIRTIO 1.2 §4.3.2.6.3 */
export function packThinint({ summary, indicator, bit, isc }: Thinint): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_BYTES.THININT);
  const view = viewOf(bytes);
  view.setBigUint64(0, BigInt(summary));
  view.setBigUint64(8, BigInt(indicator));
  view.setBigUint64(16, BigInt(bit));
  view.setUint8(24, isc);
  return bytes;
}

/** The fields of a block of SET IND ADAPTER. */
export function unpackThinint(bytes: Uint8Array): Thinint {
  const view = viewOf(bytes);
  const word = (at: number): number => Number(view.getBigUint64(at));
  return { summary: word(0), indicator: word(8), bit: word(16), isc: view.getUint8(24) };
}

/** A big-endian 64-bit number, e.g. the address of an indicator. */
export function packAddress(address: number): Uint8Array {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, BigInt(address));
  return bytes;
}

/** A block that is one address, as of SET IND. VIRTIO 1.2 §4.3.2.6.1 */
export function unpackAddress(bytes: Uint8Array): number {
  return Number(viewOf(bytes).getBigUint64(0));
}
