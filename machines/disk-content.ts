import type { BlockImage } from '../lib/hypervisor';
import { utf8Encode } from '../lib/utf8';

const SECTOR = 512;

/**
 * A disk whose sectors begin with a text, in which `%08d` is their number, and end with dots. A sector is made when it
 * is first seen.
 */
export function sectorsOf(count: number, text: string): BlockImage {
  const bytes = new Uint8Array(count * SECTOR);
  const made = new Uint8Array(count);
  const make = (offset: number, length: number): void => {
    for (let sector = Math.floor(offset / SECTOR); sector * SECTOR < offset + length; sector++) {
      if (made[sector] === 1 || sector >= count) continue;
      made[sector] = 1;
      if (text === '') continue;
      const begin = utf8Encode(text.replace('%08d', String(sector).padStart(8, '0'))).subarray(0, SECTOR);
      bytes.fill(0x2e, sector * SECTOR, (sector + 1) * SECTOR);
      bytes.set(begin, sector * SECTOR);
    }
  };
  return {
    size: bytes.length,
    read: (offset, length) => {
      make(offset, length);
      return bytes.subarray(offset, offset + length);
    },
    write: (offset, data) => {
      make(offset, data.length);
      bytes.set(data, offset);
    },
  };
}
