import type { OfDeviceId } from './of';
import type { PlatformDriver } from './device';
import type { AmbaDriver } from './amba-device';

/**
 * Patterns of the events that a driver's module is for: two for each line of its table of nodes, for a compatible
 * string that is the last one and for one that is followed by others; then its table of names.
 *
 * @see scripts/mod/file2alias.c do_of_entry_multi, do_platform_entry
 */
export function platformDriverAliases({ ofMatchTable = [], idTable = [] }: PlatformDriver): string[] {
  const ofAliases = ofMatchTable.map(ofAlias).flatMap((alias) => [alias, `${alias}C*`]);
  return [...ofAliases, ...idTable.map(({ name }) => `platform:${name}`)];
}

function ofAlias({ compatible = '', type = '', name = '' }: OfDeviceId): string {
  const head = `of:N${name === '' ? '*' : name}T${type === '' ? '*' : type}`;
  const tail = compatible === '' ? '' : `${type === '' ? '' : '*'}C${compatible}`;
  return `${head}${tail}`.replace(/\s/g, '_');
}

/** The same for a driver of PrimeCells: a digit that the mask leaves open is `?`. @see do_amba_entry */
export function ambaDriverAliases({ idTable }: AmbaDriver): string[] {
  return idTable.map(({ id, mask }) => {
    const digits = [7, 6, 5, 4, 3, 2, 1, 0].map((i) => ambaDigit((id >>> (4 * i)) & 0xf, (mask >>> (4 * i)) & 0xf));
    return `amba:d${digits.join('')}`;
  });
}

/** @see scripts/mod/file2alias.c append_nibble_mask */
function ambaDigit(nibble: number, mask: number): string {
  const hex = (n: number): string => n.toString(16).toUpperCase();
  if (mask === 0xf) return hex(nibble);
  if (mask === 0) return '?';
  const matching = Array.from({ length: 16 }, (_, n) => n).filter((n) => (n & mask) === nibble);
  return `[${matching.map(hex).join('')}]`;
}
