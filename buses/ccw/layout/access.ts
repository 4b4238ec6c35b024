import { PLACE_WORDS } from '../../../lib/access/place';
import { viewOf } from '../layout';

/** Control unit type of devices that are accessed in one of several styles; its model is the VIRTIO device id. */
export const ACCESS_CU_TYPE = 0x3833;

/** Channel commands of such devices. */
export const ACCESS_CMD = Object.freeze({
  /**
   * Opens the device and reads its place. The driver says the styles that it wants, the best first, one in each of the
   * first bytes, and reads the style and the five numbers, in one structure. Rejected when none of them is offered, or
   * when the device is open.
   */
  READ_PLACE: 0x92,
  /** Closes it. */
  CLOSE: 0xa3,
});

/** Bytes of the structure: style be32, the numbers be64. The styles that are wanted are in the first four. */
export const PLACE_BYTES = 4 + 8 * PLACE_WORDS;

export function packPlace(style: number, words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(PLACE_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, style);
  words.forEach((word, i) => view.setBigUint64(4 + 8 * i, BigInt(word)));
  return bytes;
}

export function unpackPlace(bytes: Uint8Array): { readonly style: number; readonly words: readonly bigint[] } {
  const view = viewOf(bytes);
  return {
    style: view.getUint32(0),
    words: Array.from({ length: PLACE_WORDS }, (_, i) => view.getBigUint64(4 + 8 * i)),
  };
}
