import { simpleStrtoull, skipSpaces } from '../../lib/kstrtox';

/**
 * Hexadecimal fields between white space, up to `max` of them; what follows the last good one does not matter.
 *
 * @see lib/vsprintf.c vsscanf, for the format "%x %x %x"
 */
export function scanHexFields(text: string, max: number): bigint[] {
  const fields: bigint[] = [];
  let left = skipSpaces(text);
  while (fields.length < max && /^[0-9a-fA-F]/.test(left)) {
    const { value, rest } = simpleStrtoull(left, 16);
    fields.push(value);
    left = skipSpaces(rest);
  }
  return fields;
}
