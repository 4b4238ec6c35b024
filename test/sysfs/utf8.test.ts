import { expect } from 'chai';
import fc from 'fast-check';
import { utf8Clip, utf8Decode, utf8Encode, utf8Length } from '../../lib/utf8';

describe('UTF-8', () => {
  const text = fc.string({ unit: 'binary' });

  it('encodes and counts as Node does (property)', () => {
    fc.assert(fc.property(text, (given) => {
      const bytes = Buffer.from(given);
      expect(Buffer.from(utf8Encode(given)).equals(bytes)).to.equal(true);
      expect(utf8Length(given)).to.equal(bytes.length);
      expect(utf8Decode(bytes)).to.equal(given);
    }));
  });

  it('decodes any bytes without throwing, and good ones exactly (property)', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const decoded = utf8Decode(bytes);
      const exact = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      let good: string | null = null;
      try {
        good = exact.decode(bytes);
      } catch {
        expect(decoded).to.include('\ufffd');
      }
      if (good !== null) expect(decoded).to.equal(good);
    }), { numRuns: 1000 });
  });

  it('clips at whole characters (property)', () => {
    fc.assert(fc.property(text, fc.nat(40), (given, limit) => {
      const clipped = utf8Clip(given, limit);
      expect(given.startsWith(clipped)).to.equal(true);
      expect(utf8Length(clipped)).to.be.at.most(limit);
      if (clipped !== given) expect(utf8Length(clipped) + 4).to.be.greaterThan(limit);
    }));
  });
});
