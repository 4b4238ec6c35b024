import { BlockDevice } from '../../lib';

/** A disk of 64 sectors, each of which begins with its number. */
export function disk(index = 0): BlockDevice {
  const image = Uint8Array.from({ length: 64 * 512 }, (_, i) => (i % 512 === 0 ? i / 512 : 0));
  return new BlockDevice({ name: `disk${String(index)}`, image });
}
