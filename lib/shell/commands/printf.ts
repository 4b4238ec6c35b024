import { utf8Encode } from '../../utf8';
import { escaped } from './escapes';

const SPEC = /%(%|([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*))?([diouxXcsb]))/y;

/** What printf writes, and arguments that are no numbers. */
export interface Formatted {
  readonly text: string;
  readonly problems: readonly string[];
}

/** The format is used again as long as there are arguments. @see coreutils/printf.c */
export function formatted(format: string, args: readonly string[]): Formatted {
  const run = new Format(format, args);
  let text = '';
  do text += run.once();
  while (run.hasMore);
  return { text, problems: run.problems };
}

class Format {
  readonly problems: string[] = [];
  readonly #format: string;
  readonly #args: readonly string[];
  #used = 0;
  #usedBefore = -1;
  #ends = false;

  constructor(format: string, args: readonly string[]) {
    this.#format = format;
    this.#args = args;
  }

  get hasMore(): boolean {
    return !this.#ends && this.#used < this.#args.length && this.#used > this.#usedBefore;
  }

  once(): string {
    this.#usedBefore = this.#used;
    let text = '';
    for (let at = 0; at < this.#format.length && !this.#ends;) {
      SPEC.lastIndex = at;
      const match = SPEC.exec(this.#format);
      if (match !== null) {
        text += match[1] === '%' ? '%' : this.#value(match);
        at = SPEC.lastIndex;
        continue;
      }
      const end = this.#format.indexOf('%', at + 1);
      const plain = escaped(this.#format.slice(at, end < 0 ? undefined : end));
      text += plain.text;
      this.#ends = plain.ends;
      at = end < 0 ? this.#format.length : end;
    }
    return text;
  }

  #value([, , flags = '', width = '', precision, type = '']: RegExpExecArray): string {
    const wide = width === '*' ? Number(this.#next()) : Number(width || 0);
    const precise = precision === undefined ? undefined : Number(precision === '*' ? this.#next() : precision);
    const arg = this.#next();
    if (type === 's' || type === 'c') {
      const text = type === 'c' ? arg.slice(0, 1) : arg;
      return padded(precise === undefined ? text : text.slice(0, precise), wide, flags.replace('0', ''));
    }
    if (type === 'b') {
      const { text, ends } = escaped(arg);
      this.#ends ||= ends;
      return padded(text, wide, flags.replace('0', ''));
    }
    return padded(
      this.#number(arg, type, flags, precise),
      wide,
      precise === undefined ? flags : flags.replace('0', ''),
    );
  }

  #number(arg: string, type: string, flags: string, precise: number | undefined): string {
    const value = this.#parse(arg);
    const isSigned = type === 'd' || type === 'i';
    const size = isSigned ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
    const base = isSigned || type === 'u' ? 10 : type === 'o' ? 8 : 16;
    let digits = size.toString(base).padStart(precise ?? 1, '0');
    if (flags.includes('#') && size !== 0n) digits = `${base === 16 ? '0x' : base === 8 ? '0' : ''}${digits}`;
    const sign = isSigned ? (value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') : '';
    return sign + (type === 'X' ? digits.toUpperCase() : digits);
  }

  #parse(arg: string): bigint {
    if (/^["']/.test(arg)) return BigInt(utf8Encode(arg.slice(1))[0] ?? 0);
    const [, sign = '', digits = ''] = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|\d+)$/.exec(arg) ?? [];
    if (digits === '') {
      if (arg !== '') this.problems.push(`invalid number '${arg}'`);
      return 0n;
    }
    const isOctal = /^0[0-7]+$/.test(digits);
    const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits.replace(/^0+(?=\d)/, ''));
    return sign === '-' ? -value : value;
  }

  #next(): string {
    return this.#args[this.#used++] ?? '';
  }
}

function padded(text: string, width: number, flags: string): string {
  if (text.length >= Math.abs(width)) return text;
  if (flags.includes('-') || width < 0) return text.padEnd(Math.abs(width));
  if (!flags.includes('0')) return text.padStart(width);
  const [sign = ''] = /^[-+ ]?(?:0x)?/i.exec(text) ?? [];
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
