import { expect } from 'chai';
import { readConfigField, writeConfigField } from '../../lib/virtio/config-field';

const MEMORY = Uint8Array.from({ length: 8 }, (_, i) => 0xf1 - i);

/** Where a field of so many bytes is accessed, and how wide: VIRTIO 1.2 §4.2.2.2. */
const ACCESSES: readonly (readonly [length: number, at: readonly number[], width: 1 | 2 | 4])[] = [
  [1, [0], 1],
  [2, [0], 2],
  [3, [0, 1, 2], 1],
  [4, [0], 4],
  [6, [0, 1, 2, 3, 4, 5], 1],
  [8, [0, 4], 4],
];

describe('a field of the configuration in device memory', () => {
  for (const [length, at, width] of ACCESSES) {
    const expected = at.map((offset) => `${String(offset)}/${String(width)}`);

    it(`of ${String(length)} bytes is read as ${expected.join(' ')}`, () => {
      const seen: string[] = [];
      const bytes = readConfigField(length, (offset, wide) => {
        seen.push(`${String(offset)}/${String(wide)}`);
        return MEMORY.subarray(offset, offset + wide).reduceRight((sum, byte) => sum * 256 + byte, 0);
      });
      expect(seen).to.deep.equal(expected);
      expect(bytes).to.deep.equal(MEMORY.slice(0, length));
    });

    it(`of ${String(length)} bytes is written as ${expected.join(' ')}`, () => {
      const seen: string[] = [];
      const into = new Uint8Array(length);
      writeConfigField(MEMORY.slice(0, length), (offset, wide, value) => {
        seen.push(`${String(offset)}/${String(wide)}`);
        for (let i = 0; i < wide; i++) into[offset + i] = Math.floor(value / 256 ** i);
      });
      expect(seen).to.deep.equal(expected);
      expect(into).to.deep.equal(MEMORY.slice(0, length));
    });
  }
});
