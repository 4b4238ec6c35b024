import { expect } from 'chai';
import fc from 'fast-check';
import { textOfBytes, utf8Decode, utf8Encode, utf8Length } from '../../lib/utf8';

describe('UTF-8', () => {
  const text = fc.string({ unit: 'binary' });

  it('encodes and counts as Node does (property)', () => {
    fc.assert(
      fc.property(text, (given) => {
        const bytes = Buffer.from(given);
        expect(Buffer.from(utf8Encode(given)).equals(bytes)).to.equal(true);
        expect(utf8Length(given)).to.equal(bytes.length);
        expect(utf8Decode(bytes)).to.equal(given);
      }),
    );
  });

  it('decodes any bytes without throwing, and good ones exactly (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const decoded = utf8Decode(bytes);
        const exact = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
        let good: string | null = null;
        try {
          good = exact.decode(bytes);
        } catch {
          expect(decoded).to.include('\ufffd');
        }
        if (good !== null) expect(decoded).to.equal(good);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps bytes that are no UTF-8, each as a lone surrogate (property)', () => {
    expect(textOfBytes(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xc3))).to.equal('a\udcffé\udcc3');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const kept = textOfBytes(bytes);
        expect(utf8Encode(kept)).to.deep.equal(bytes);
        expect(utf8Length(kept)).to.equal(bytes.length);
      }),
      { numRuns: 1000 },
    );
  });
});
