const UNITS = {
  1000: ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'],
  1024: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'],
} as const;

/** To add in the digit behind the last that is printed, by the number of digits behind the point. */
const ROUNDING = [500, 50, 5];

/**
 * A number of bytes with three significant digits, in powers of 1000 or 1024: `1.05 MB`.
 *
 * @see lib/string_helpers.c string_get_size
 */
export function sizeText(bytes: number, base: 1000 | 1024): string {
  let size = bytes;
  let rest = 0;
  let unit = 0;
  for (; size >= base; unit += 1) {
    rest = size % base;
    size = Math.floor(size / base);
  }
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const thousandths = Math.floor((rest * 1000) / base) + (ROUNDING[digits] ?? 0);
  if (thousandths >= 1000) size += 1;
  const fraction = String(thousandths % 1000)
    .padStart(3, '0')
    .slice(0, digits);
  return `${String(size)}${digits === 0 ? '' : `.${fraction}`} ${UNITS[base][unit] ?? 'UNK'}`;
}
