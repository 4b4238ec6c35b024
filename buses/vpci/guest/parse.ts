import { scanNumber } from '../../../lib/kstrtox';

/**
 * Hexadecimal fields between white space, up to `max` of them; what follows the last good one does not matter.
 *
 * @see lib/vsprintf.c vsscanf, for the format "%x %x %x"
 */
export function scanHexFields(text: string, max: number): bigint[] {
  const fields: bigint[] = [];
  for (
    let found = scanNumber(text, '%x');
    found !== null && fields.length < max;
    found = scanNumber(found.rest, '%x')
  ) {
    fields.push(found.value);
  }
  return fields;
}
