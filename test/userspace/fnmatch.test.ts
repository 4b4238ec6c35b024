import { expect } from 'chai';
import fc from 'fast-check';
import { fnmatch } from '../../lib';

/** The definition, without cleverness: for patterns of letters, stars and question marks. */
function slowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) return slowly(pattern.slice(1), text) || (text !== '' && slowly(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slowly(pattern.slice(1), text.slice(1));
}

describe('fnmatch', () => {
  const yes: readonly (readonly [string, string])[] = [
    ['', ''],
    ['*', ''],
    ['a*c', 'abbc'],
    ['a*b*c', 'a.b.bc'],
    ['?b', 'ab'],
    ['[ab]c', 'bc'],
    ['[a-c]', 'b'],
    ['[!a-c]', 'd'],
    ['[^x]', 'y'],
    ['[]a]', ']'],
    ['[!]a]', 'b'],
    ['[a-]', '-'],
    ['\\*', '*'],
    ['[\\]]', ']'],
    ['[', '['],
    ['a[b', 'a[b'],
    ['*[0-9]', 'a/.b7'],
    ['a\\', 'a\\'],
    ['of:N*T*Cvirtio,mmioC*', 'of:Nvirtio_mmioT(null)Cvirtio,mmioCdma'],
    ['pci:v00001AF4d*sv*sd*bc*sc*i*', 'pci:v00001AF4d00001044sv00001AF4sd00001100bc00scFFi00'],
    ['ccw:t3832m*dt*dm*', 'ccw:t3832m04dtdm'],
    ['amba:d???4101[01]', 'amba:d00341011'],
  ];
  const no: readonly (readonly [string, string])[] = [
    ['', 'a'],
    ['?', ''],
    ['a', 'A'],
    ['a*c', 'abcd'],
    ['[ab]', 'c'],
    ['[a-c]', '-'],
    ['[!a]', 'a'],
    ['[!a]', ''],
    ['\\*', 'a'],
    ['a*?', 'a'],
    ['[', 'a'],
    ['of:N*T*Cvirtio,mmio', 'of:Nvirtio_mmioT(null)Cvirtio,mmioCdma'],
    ['pci:v00001AF4d*sv*sd*bc*sc*i*', 'pci:v00008086d00001044sv00001AF4sd00001100bc00scFFi00'],
    ['virtio:d00000001v*', 'virtio:d00000002v00001AF4'],
    ['amba:d???4101[01]', 'amba:d00341012'],
  ];
  for (const [pattern, text] of yes)
    it(`'${pattern}' matches '${text}'`, () => expect(fnmatch(pattern, text)).to.equal(true));
  for (const [pattern, text] of no)
    it(`'${pattern}' does not match '${text}'`, () => expect(fnmatch(pattern, text)).to.equal(false));

  it('agrees with the definition for stars and question marks', () => {
    const word = (...chars: string[]): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...chars), maxLength: 8 });
    fc.assert(
      fc.property(
        word('a', 'b', '*', '?'),
        word('a', 'b'),
        (pattern, text) => fnmatch(pattern, text) === slowly(pattern, text),
      ),
    );
  });

  it('takes any pattern and any text', () => {
    const chars = ['a', 'b', '[', ']', '!', '^', '-', '\\', '*', '?'];
    const any = fc.string({ unit: fc.constantFrom(...chars) });
    fc.assert(
      fc.property(any, any, (pattern, text) => {
        expect(fnmatch(pattern, text)).to.be.a('boolean');
      }),
    );
  });

  it('a text matches itself with everything special escaped', () => {
    fc.assert(fc.property(fc.string(), (text) => fnmatch(text.replace(/[*?[\\]/g, '\\$&'), text)));
  });
});
