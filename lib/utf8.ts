/**
 * Text as bytes, without what only browsers or only Node have. Texts below /sys are counted in bytes of UTF-8. A byte B
 * that is no UTF-8 stands in a text as the lone surrogate U+DC00 + B, as in Python's `surrogateescape`: so every
 * sequence of bytes is a text, and the text is these bytes.
 */

const ESCAPE = 0xdc00;

function isEscape(code: number): boolean {
  return code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;
}

export function utf8Length(text: string): number {
  if (isAscii(text)) return text.length;
  let length = 0;
  for (const char of text) length += widthOf(char.codePointAt(0) ?? 0);
  return length;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}

function widthOf(code: number): number {
  if (code < 0x80 || isEscape(code)) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/** First byte of a character by the number of bytes behind it. */
const LEADS = [0, 0xc0, 0xe0, 0xf0] as const;

export function utf8Encode(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const tail = widthOf(code) - 1;
    if (isEscape(code)) bytes.push(code - ESCAPE);
    else bytes.push((LEADS[tail] ?? 0) | (code >> (6 * tail)));
    for (let at = tail - 1; at >= 0; at--) bytes.push(0x80 | ((code >> (6 * at)) & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** For display: bytes that are not UTF-8 become U+FFFD each. */
export function utf8Decode(bytes: Uint8Array): string {
  return decode(bytes, () => 0xfffd);
}

/** For processing: {@link utf8Encode} restores the same bytes, whether they are UTF-8 or not. */
export function textOfBytes(bytes: Uint8Array): string {
  return decode(bytes, (byte) => ESCAPE + byte);
}

function decode(bytes: Uint8Array, bad: (byte: number) => number): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const [code, width] = decodeAt(bytes, at);
    text += String.fromCodePoint(code < 0 ? bad(bytes[at] ?? 0) : code);
    at += width;
  }
  return text;
}

const BAD: readonly [number, number] = [-1, 1];

function decodeAt(bytes: Uint8Array, at: number): readonly [code: number, width: number] {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return [lead, 1];
  const width = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return BAD;
  let code = lead & (0x7f >> width);
  for (const byte of [1, 2, 3].slice(0, width - 1).map((behind) => bytes[at + behind] ?? 0)) {
    if ((byte & 0xc0) !== 0x80) return BAD;
    code = (code << 6) | (byte & 0x3f);
  }
  return widthOf(code) === width && code <= 0x10ffff && !isSurrogate(code) ? [code, width] : BAD;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}
