import { textOfBytes } from '../../utf8';

const CHARS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** Replaces backslash sequences. @returns `ends` when `\c` ends all output @see libbb/process_escape_sequence.c */
export function escaped(text: string): { readonly text: string; readonly ends: boolean } {
  let ends = false;
  const shown = text.replace(/\\(?:(c)[^]*|0([0-7]{0,3})|([1-7][0-7]{0,2})|x([0-9a-fA-F]{1,2})|(.))/g, replace);
  return { text: shown, ends };

  function replace(whole: string, stop?: string, octal0?: string, octal?: string, hex?: string, char = ''): string {
    if (stop !== undefined) {
      ends = true;
      return '';
    }
    const digits = octal0 ?? octal;
    if (digits !== undefined) return byte(Number.parseInt(digits || '0', 8));
    if (hex !== undefined) return byte(Number.parseInt(hex, 16));
    return CHARS[char] ?? whole;
  }
}

function byte(value: number): string {
  return textOfBytes(Uint8Array.of(value & 0xff));
}
