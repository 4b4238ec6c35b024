import { expect } from 'chai';
import fc from 'fast-check';
import { EINVAL, EOVERFLOW, ERANGE } from '../lib/errno';
import {
  bitmapParse,
  kstrtobool,
  kstrtoint,
  kstrtol,
  kstrtoll,
  kstrtos16,
  kstrtos8,
  kstrtou16,
  kstrtou8,
  kstrtouint,
  kstrtoul,
  kstrtoull,
  scanNumber,
  simpleStrtol,
  simpleStrtoul,
  skipSpaces,
  strim,
  sysfsMatchString,
  sysfsStreq,
} from '../lib/kstrtox';

const U64 = 2n ** 64n;

describe("the kernel's way with texts of users", () => {
  describe('kstrtoull', () => {
    it('takes C notation with base 0, one plus sign and one newline', () => {
      const numbers = {
        '0': 0n,
        '7': 7n,
        '+7': 7n,
        '7\n': 7n,
        '0x1f': 31n,
        '0X1F': 31n,
        '010': 8n,
        '00': 0n,
        '+0x10\n': 16n,
        '18446744073709551615': U64 - 1n,
        '0xffffffffffffffff': U64 - 1n,
        '01777777777777777777777': U64 - 1n,
        '0000000000000000000000000000000000000001': 1n,
      };
      for (const [text, value] of Object.entries(numbers)) expect(kstrtoull(text, 0), text).to.equal(value);
    });

    it('refuses everything else with EINVAL', () => {
      const texts = [
        '',
        '\n',
        '+',
        '-',
        '-1',
        '-0',
        '++7',
        '+-7',
        ' 7',
        '7 ',
        '7\n\n',
        '\n7',
        '08',
        '0x',
        '0xg',
        'x1',
        '7x',
        '1.5',
        '1e3',
        '1_000',
        '0b1',
        '0o7',
        'ten',
        '７',
        '٣',
        '\u00a07',
        '7\r\n',
      ];
      for (const text of texts) expect(kstrtoull(text, 0), JSON.stringify(text)).to.equal(-EINVAL);
    });

    it('says ERANGE beyond 64 bits, whatever follows', () => {
      for (const text of [
        '18446744073709551616',
        '0x10000000000000000',
        '99999999999999999999999x',
        '18446744073709551616\n\n',
      ]) {
        expect(kstrtoull(text, 0), text).to.equal(-ERANGE);
      }
      expect(kstrtoull('9'.repeat(4096), 10)).to.equal(-ERANGE);
    });

    it('knows digits of its base only', () => {
      expect(kstrtoull('08', 10)).to.equal(8n);
      expect(kstrtoull('8', 8)).to.equal(-EINVAL);
      expect(kstrtoull('ff', 16)).to.equal(255n);
      expect(kstrtoull('0xFf', 16)).to.equal(255n);
      expect(kstrtoull('0x', 16)).to.equal(-EINVAL);
      expect(kstrtoull('0x10', 10)).to.equal(-EINVAL);
      expect(kstrtoull('ff', 10)).to.equal(-EINVAL);
      expect(kstrtoull('G', 16)).to.equal(-EINVAL);
    });

    it('sees nothing behind a NUL', () => {
      expect(kstrtoull('5\0junk', 0)).to.equal(5n);
      expect(kstrtoull('5\n\0', 0)).to.equal(5n);
      expect(kstrtoull('\x005', 0)).to.equal(-EINVAL);
    });

    it('takes each number in each notation, and refuses any text around it (property)', () => {
      const junk = fc
        .string({ unit: 'binary', minLength: 1, maxLength: 3 })
        .filter((text) => !/^[\n\0]|[0-9a-fA-FxX+]/.test(text));
      fc.assert(
        fc.property(fc.bigInt(0n, 2n ** 66n), junk, (value, around) => {
          const right = value < U64 ? value : -ERANGE;
          for (const text of [`0x${value.toString(16)}`, `0${value.toString(8)}`, value.toString()]) {
            expect(kstrtoull(text, 0), text).to.equal(right);
            expect(kstrtoull(`+${text}\n`, 0), text).to.equal(right);
            expect(kstrtoull(`${around}${text}`, 0)).to.equal(-EINVAL);
            expect(kstrtoull(`${text}${around}`, 0)).to.equal(value < U64 ? -EINVAL : -ERANGE);
          }
        }),
      );
    });
  });

  it('kstrtoll has a minus sign, but not one before a plus', () => {
    expect(kstrtoll('-1\n', 0)).to.equal(-1n);
    expect(kstrtoll('-0', 0)).to.equal(0n);
    expect(kstrtoll('-0x10', 0)).to.equal(-16n);
    expect(kstrtoll('-+1', 0)).to.equal(-EINVAL);
    expect(kstrtoll('+-1', 0)).to.equal(-EINVAL);
    expect(kstrtoll('--1', 0)).to.equal(-EINVAL);
    expect(kstrtoll('-', 0)).to.equal(-EINVAL);
  });

  const ranges = [
    { name: 'kstrtoul', parse: kstrtoul, least: 0n, most: U64 - 1n },
    { name: 'kstrtol', parse: kstrtol, least: -(2n ** 63n), most: 2n ** 63n - 1n },
    { name: 'kstrtouint', parse: kstrtouint, least: 0n, most: 4294967295n },
    { name: 'kstrtoint', parse: kstrtoint, least: -2147483648n, most: 2147483647n },
    { name: 'kstrtou16', parse: kstrtou16, least: 0n, most: 65535n },
    { name: 'kstrtos16', parse: kstrtos16, least: -32768n, most: 32767n },
    { name: 'kstrtou8', parse: kstrtou8, least: 0n, most: 255n },
    { name: 'kstrtos8', parse: kstrtos8, least: -128n, most: 127n },
  ];
  for (const { name, parse, least, most } of ranges) {
    it(`${name} goes from ${String(least)} to ${String(most)}`, () => {
      expect([least, most].map((value) => parse(String(value), 10))).to.deep.equal([least, most]);
      expect(parse(String(most + 1n), 10)).to.equal(-ERANGE);
      expect(parse(String(least - 1n), 10)).to.equal(least === 0n ? -EINVAL : -ERANGE);
      expect(parse('', 10)).to.equal(-EINVAL);
    });
  }

  it('kstrtobool looks at a letter or two', () => {
    for (const text of ['y', 'Y', 'yes', 't', 'T', '1', '1x', '10', 'on', 'ON', 'oN!', 'yesterday'])
      expect(kstrtobool(text), text).to.equal(true);
    for (const text of ['n', 'N', 'f', 'F', 'false', '0', '01', '0x1', 'of', 'OFF', 'never'])
      expect(kstrtobool(text), text).to.equal(false);
    for (const text of ['', '\n', 'o', 'ox', '2', ' 1', '-1', '+1', '\x001', 'Ｙ', 'enable'])
      expect(kstrtobool(text), text).to.equal(-EINVAL);
  });

  it('scanNumber is one conversion of sscanf: white space, then a digit or nothing', () => {
    expect(scanNumber(' \t\n-12 x', '%d')).to.deep.equal({ value: -12n, rest: ' x' });
    expect(scanNumber('7junk', '%d')).to.deep.equal({ value: 7n, rest: 'junk' });
    expect(scanNumber('089', '%d')).to.deep.equal({ value: 89n, rest: '' });
    expect(scanNumber('18446744073709551615', '%d')).to.deep.equal({ value: -1n, rest: '' });
    for (const text of ['', ' ', 'x', '+1', '-', '- 1', '\x001']) expect(scanNumber(text, '%d'), text).to.equal(null);
    expect(scanNumber(' 1aF4 8', '%x')).to.deep.equal({ value: 0x1af4n, rest: ' 8' });
    expect(scanNumber('0x', '%x')).to.deep.equal({ value: 0n, rest: '' });
    for (const text of ['', 'g', '-1', '+1', ' ']) expect(scanNumber(text, '%x'), text).to.equal(null);
  });

  it('bitmap_parse reads groups of 32 bits, from the end', () => {
    const masks: [string, number, bigint | number][] = [
      ['', 8, 0n],
      ['\n', 8, 0n],
      ['ff\n', 8, 255n],
      ['100', 8, -EOVERFLOW],
      ['FF', 8, 255n],
      ['1,00000000', 33, 1n << 32n],
      ['2,00000000', 33, -EOVERFLOW],
      ['1,0', 32, -EOVERFLOW],
      ['0,1', 32, -EOVERFLOW],
      ['123456789', 64, -EOVERFLOW],
      ['0x1', 8, -EINVAL],
      ['-1', 8, -EINVAL],
      [' 1 ', 8, 1n],
      ['1 0', 64, 1n << 32n],
      [',,1,,', 8, 1n],
      ['1\n2', 8, 1n],
      ['f\0g', 8, 15n],
      ['x', 8, -EINVAL],
    ];
    for (const [text, bits, right] of masks) expect(bitmapParse(text, bits), JSON.stringify(text)).to.equal(right);
  });

  it('simple_strtoul reads as far as it can', () => {
    expect(simpleStrtoul('12ab', 10)).to.deep.equal({ value: 12n, rest: 'ab' });
    expect(simpleStrtoul('0x12ag', 16)).to.deep.equal({ value: 0x12an, rest: 'g' });
    expect(simpleStrtoul('0xg', 16)).to.deep.equal({ value: 0n, rest: 'g' });
    expect(simpleStrtoul('0xg', 0)).to.deep.equal({ value: 0n, rest: 'xg' });
    expect(simpleStrtoul('089', 0)).to.deep.equal({ value: 0n, rest: '89' });
    expect(simpleStrtoul('+1', 0)).to.deep.equal({ value: 0n, rest: '+1' });
    expect(simpleStrtoul('1\x002', 0)).to.deep.equal({ value: 1n, rest: '' });
    expect(simpleStrtoul('0x1fffffffffffffffe', 0)).to.deep.equal({ value: U64 - 2n, rest: '' });
    expect(simpleStrtol('-5,', 10)).to.deep.equal({ value: -5n, rest: ',' });
    expect(simpleStrtol('18446744073709551615', 10)).to.deep.equal({ value: -1n, rest: '' });
    expect(simpleStrtol('-9223372036854775809', 10)).to.deep.equal({ value: 2n ** 63n - 1n, rest: '' });
  });

  it('strim and skip_spaces take the white space of the C locale, and the byte 0xa0', () => {
    expect(strim(' \t\n\v\f\r a b \n')).to.equal('a b');
    expect(strim(' \n')).to.equal('');
    expect(strim('a \0b')).to.equal('a');
    expect(strim('\u2003a\u2003')).to.equal('\u2003a\u2003');
    expect(strim('büro\n')).to.equal('büro');
    expect(strim('voilà')).to.equal('voil\udcc3');
    expect(skipSpaces(' \t x ')).to.equal('x ');
    expect(skipSpaces('\udca0x')).to.equal('x');
    expect(skipSpaces('\u00a0x')).to.equal('\u00a0x');
  });

  it('sysfs_streq allows one newline more at one of the ends', () => {
    for (const [a, b] of [
      ['a', 'a'],
      ['a\n', 'a'],
      ['a', 'a\n'],
      ['a\n', 'a\n'],
      ['', '\n'],
      ['a\0b', 'a'],
      ['a\n\0', 'a'],
    ]) {
      expect(sysfsStreq(a ?? '', b ?? ''), JSON.stringify([a, b])).to.equal(true);
    }
    for (const [a, b] of [
      ['a', 'A'],
      ['a\n\n', 'a'],
      ['a ', 'a'],
      ['\na', 'a'],
      ['a', 'ab'],
      ['\0a', 'a'],
      ['', '\n\n'],
    ]) {
      expect(sysfsStreq(a ?? '', b ?? ''), JSON.stringify([a, b])).to.equal(false);
    }
    expect(sysfsMatchString(['write through', 'write back'], 'write back\n')).to.equal(1);
    expect(sysfsMatchString(['write through', 'write back'], 'write')).to.equal(-EINVAL);
  });
});
