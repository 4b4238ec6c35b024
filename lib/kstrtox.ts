/**
 * How the kernel reads what users write into attributes, function by function. A text ends at its first NUL, as a C
 * string does. Where a number is read, a result of type `number` is a negative errno and the value is a `bigint` (a
 * `boolean` for {@link kstrtobool}), so that an error cannot be taken for a value:
 *
 *     const value = kstrtoul(text, 0);
 *     if (typeof value === 'number') return value;
 *
 * A base of 0 means C's notation: 0x for hexadecimal, a leading 0 for octal, else decimal.
 *
 * @see lib/kstrtox.c, lib/string_helpers.c, lib/vsprintf.c, lib/bitmap.c
 */

import { EINVAL, EOVERFLOW, ERANGE } from './errno';
import { textOfBytes, utf8Encode } from './utf8';

/** What a number may be written in; 0 is C's notation. */
export type Base = 0 | 8 | 10 | 16;

/** The value, or a negative errno. */
export type Parsed = bigint | number;

/** What the kernel's string functions see of a text: all before the first NUL. */
export function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

interface Digits {
  /** Modulo 2^64. */
  readonly value: bigint;
  readonly overflow: boolean;
  /** Index behind the last digit. */
  readonly end: number;
}

/** @see lib/kstrtox.c _parse_integer */
function parseInteger(s: string, at: number, base: number): Digits {
  let value = 0n;
  let overflow = false;
  let end = at;
  for (let digit = digitAt(s, end); digit < base; digit = digitAt(s, end)) {
    value = value * BigInt(base) + BigInt(digit);
    if (value >> 64n !== 0n) {
      overflow = true;
      value = BigInt.asUintN(64, value);
    }
    end += 1;
  }
  return { value, overflow, end };
}

/** 0 to 15; infinite for what is no digit. */
function digitAt(s: string, at: number): number {
  const code = s.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : Infinity;
}

/** The base, and where the digits begin. @see lib/kstrtox.c _parse_integer_fixup_radix */
function fixupRadix(s: string, at: number, base: Base): readonly [base: number, at: number] {
  const prefixed = s[at] === '0' && s[at + 1]?.toLowerCase() === 'x';
  if (base === 16) return [16, prefixed ? at + 2 : at];
  if (base !== 0) return [base, at];
  if (s[at] !== '0') return [10, at];
  return prefixed && digitAt(s, at + 2) < 16 ? [16, at + 2] : [8, at];
}

/** Too many digits are ERANGE even when something else follows. @see lib/kstrtox.c _kstrtoull */
function unsigned(s: string, from: number, base: Base): Parsed {
  const [radix, at] = fixupRadix(s, from, base);
  const { value, overflow, end } = parseInteger(s, at, radix);
  if (overflow) return -ERANGE;
  if (end === at) return -EINVAL;
  const rest = s.slice(end);
  return rest === '' || rest === '\n' ? value : -EINVAL;
}

/**
 * A number from 0 to 2^64 - 1, with a plus sign before and a newline behind it if so wanted.
 *
 * @returns -EINVAL for anything else, -ERANGE for a larger number
 * @see lib/kstrtox.c kstrtoull
 */
export function kstrtoull(text: string, base: Base): Parsed {
  const s = cString(text);
  return unsigned(s, s.startsWith('+') ? 1 : 0, base);
}

/** As {@link kstrtoull} from -2^63 to 2^63 - 1, with a minus sign too. @see lib/kstrtox.c kstrtoll */
export function kstrtoll(text: string, base: Base): Parsed {
  const s = cString(text);
  if (!s.startsWith('-')) return within(kstrtoull(s, base), 0n, 2n ** 63n - 1n);
  const value = unsigned(s, 1, base);
  return typeof value === 'number' ? value : within(-value, -(2n ** 63n), 0n);
}

function within(value: Parsed, least: bigint, most: bigint): Parsed {
  if (typeof value === 'number') return value;
  return value < least || value > most ? -ERANGE : value;
}

function unsignedOf(bits: number): (text: string, base: Base) => Parsed {
  return (text, base) => within(kstrtoull(text, base), 0n, 2n ** BigInt(bits) - 1n);
}

function signedOf(bits: number): (text: string, base: Base) => Parsed {
  const half = 2n ** BigInt(bits - 1);
  return (text, base) => within(kstrtoll(text, base), -half, half - 1n);
}

/** A long has 64 bits here. @see include/linux/kstrtox.h kstrtoul */
export const kstrtoul = kstrtoull;
/** @see include/linux/kstrtox.h kstrtol */
export const kstrtol = kstrtoll;
/** @see lib/kstrtox.c kstrtouint */
export const kstrtouint = unsignedOf(32);
/** @see lib/kstrtox.c kstrtoint */
export const kstrtoint = signedOf(32);
/** @see include/linux/kstrtox.h kstrtou64 */
export const kstrtou64 = kstrtoull;
/** @see include/linux/kstrtox.h kstrtos64 */
export const kstrtos64 = kstrtoll;
/** @see include/linux/kstrtox.h kstrtou32 */
export const kstrtou32 = kstrtouint;
/** @see include/linux/kstrtox.h kstrtos32 */
export const kstrtos32 = kstrtoint;
/** @see lib/kstrtox.c kstrtou16 */
export const kstrtou16 = unsignedOf(16);
/** @see lib/kstrtox.c kstrtos16 */
export const kstrtos16 = signedOf(16);
/** @see lib/kstrtox.c kstrtou8 */
export const kstrtou8 = unsignedOf(8);
/** @see lib/kstrtox.c kstrtos8 */
export const kstrtos8 = signedOf(8);

/** Looks at the first letter only, at two after an o. @returns -EINVAL for any other @see lib/kstrtox.c kstrtobool */
export function kstrtobool(text: string): boolean | number {
  if (/^(?:[yt1]|on)/i.test(text)) return true;
  return /^(?:[nf0]|of)/i.test(text) ? false : -EINVAL;
}

/** A number at the beginning of a text. */
export interface Leading {
  /** 0 without a digit; of a longer number the low 64 bits. */
  readonly value: bigint;
  /** What follows the number. */
  readonly rest: string;
}

/** Takes no sign and no newline, and refuses nothing. @see lib/vsprintf.c simple_strtoull */
export function simpleStrtoull(text: string, base: Base): Leading {
  const s = cString(text);
  const [radix, at] = fixupRadix(s, 0, base);
  const { value, end } = parseInteger(s, at, radix);
  return { value, rest: s.slice(end) };
}

/** @see lib/vsprintf.c simple_strtoul */
export const simpleStrtoul = simpleStrtoull;

/** @see lib/vsprintf.c simple_strtol */
export function simpleStrtol(text: string, base: Base): Leading {
  if (!text.startsWith('-')) return signed(simpleStrtoull(text, base));
  const { value, rest } = simpleStrtoull(text.slice(1), base);
  return signed({ value: -value, rest });
}

function signed({ value, rest }: Leading): Leading {
  return { value: BigInt.asIntN(64, value), rest };
}

/**
 * One conversion of sscanf, behind white space that does not matter. An int is the low 32 bits of a `%d`.
 *
 * @returns null where there is no such number @see lib/vsprintf.c vsscanf
 */
export function scanNumber(text: string, conversion: '%d' | '%x'): Leading | null {
  const s = skipSpaces(text);
  if (conversion === '%x') return digitAt(s, 0) < 16 ? simpleStrtoull(s, 16) : null;
  return digitAt(s, s.startsWith('-') ? 1 : 0) < 10 ? simpleStrtol(s, 10) : null;
}

/** The kernel counts the byte 0xa0 as white space, wherever it stands. @see lib/ctype.c */
function isspace(byte: number): boolean {
  return (byte >= 0x09 && byte <= 0x0d) || byte === 0x20 || byte === 0xa0;
}

/** The text without the white space that it begins with. @see lib/string_helpers.c skip_spaces */
export function skipSpaces(text: string): string {
  const bytes = utf8Encode(cString(text));
  const start = bytes.findIndex((byte) => !isspace(byte));
  return start < 0 ? '' : textOfBytes(bytes.subarray(start));
}

/** The text without white space around it. @see lib/string_helpers.c strim */
export function strim(text: string): string {
  const bytes = utf8Encode(cString(text));
  const end = bytes.findLastIndex((byte) => !isspace(byte)) + 1;
  return skipSpaces(textOfBytes(bytes.subarray(0, end)));
}

/** Are they the same, but for one newline at the end? @see lib/string_helpers.c sysfs_streq */
export function sysfsStreq(a: string, b: string): boolean {
  const [s, t] = [cString(a), cString(b)];
  return s === t || s === `${t}\n` || `${s}\n` === t;
}

/** @returns the index of the first that is the same, or -EINVAL @see lib/string_helpers.c __sysfs_match_string */
export function sysfsMatchString(strings: readonly string[], text: string): number {
  const index = strings.findIndex((known) => sysfsStreq(known, text));
  return index < 0 ? -EINVAL : index;
}

/**
 * A mask of `bits` bits in hexadecimal, in groups of 32 bits between commas or white space. It ends at a newline.
 *
 * @returns -EINVAL for what is no hexadecimal digit, -EOVERFLOW for more bits
 * @see lib/bitmap.c bitmap_parse
 */
export function bitmapParse(text: string, bits: number): Parsed {
  const s = /^[^\n]*/.exec(cString(text))?.[0] ?? '';
  let mask = 0n;
  let end = skipSeparators(s, s.length);
  for (let group = 0; end > 0; group += 1) {
    if (group === Math.ceil(bits / 32)) return -EOVERFLOW;
    const start = Math.max(end - 8, endOfSeparators(s, end));
    for (let at = end - 1; at >= start; at -= 1) {
      if (digitAt(s, at) > 15) return -EINVAL;
      mask |= BigInt(digitAt(s, at)) << BigInt(32 * group + 4 * (end - 1 - at));
    }
    if (digitAt(s, start - 1) < 16) return -EOVERFLOW;
    // As Linux does: behind eight digits any character parts the groups.
    end = skipSeparators(s, start - 1);
  }
  return mask >> BigInt(bits) === 0n ? mask : -EOVERFLOW;
}

const SEPARATOR = /[,\t-\r \udca0]/;

function skipSeparators(s: string, end: number): number {
  while (end > 0 && SEPARATOR.test(s.charAt(end - 1))) end -= 1;
  return end;
}

/** Where the text between separators begins that ends at `end`. */
function endOfSeparators(s: string, end: number): number {
  while (end > 0 && !SEPARATOR.test(s.charAt(end - 1))) end -= 1;
  return end;
}
