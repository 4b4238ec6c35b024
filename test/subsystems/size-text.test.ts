import { expect } from 'chai';
import { sizeText } from '../../lib/subsystems';

describe('a size as text', () => {
  const rows: [number, string, string][] = [
    [0, '0 B', '0 B'],
    [512, '512 B', '512 B'],
    [999, '999 B', '999 B'],
    [1000, '1.00 kB', '1000 B'],
    [1024, '1.02 kB', '1.00 KiB'],
    [1048576, '1.05 MB', '1.00 MiB'],
    [10485760, '10.5 MB', '10.0 MiB'],
    [104857600, '105 MB', '100 MiB'],
    [1999999, '2.00 MB', '1.91 MiB'],
    [8589934592, '8.59 GB', '8.00 GiB'],
  ];
  for (const [bytes, ten, two] of rows) {
    it(`of ${String(bytes)} bytes is ${ten}, ${two}`, () => {
      expect(sizeText(bytes, 1000)).to.equal(ten);
      expect(sizeText(bytes, 1024)).to.equal(two);
    });
  }
});
