/** The kernel sees a text that ends at the first NUL. */
function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/**
 * A whole number in C's notation with one newline behind it at most.
 *
 * @returns undefined where the kernel gives EINVAL or ERANGE
 * @see lib/kstrtox.c kstrtoul
 */
export function kstrtoul(text: string): bigint | undefined {
  const digits = /^\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)\n?$/.exec(cString(text))?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return value >> 64n === 0n ? value : undefined;
}

/**
 * Hexadecimal fields between white space, up to `max` of them; what follows the last good one does not matter.
 *
 * @see lib/vsprintf.c vsscanf, for the format "%x %x %x"
 */
export function scanHexFields(text: string, max: number): bigint[] {
  const fields: bigint[] = [];
  let rest = cString(text);
  while (fields.length < max) {
    const found = /^[\s\u00a0]*(?:0[xX]([0-9a-fA-F]*)|([0-9a-fA-F]+))/.exec(rest);
    if (found === null) break;
    fields.push(BigInt.asUintN(64, BigInt(`0x${found[1] ?? found[2] ?? ''}0`) >> 4n));
    rest = rest.slice(found[0].length);
  }
  return fields;
}
