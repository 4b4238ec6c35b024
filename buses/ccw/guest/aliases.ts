import type { CcwDeviceId, CcwDriver } from './device';
import { hex } from '../layout';

/**
 * Patterns of the events that a driver's module is for, one for each line of its table.
 *
 * @see scripts/mod/file2alias.c do_ccw_entry
 */
export function ccwDriverAliases({ ids }: CcwDriver): string[] {
  return ids.map(ccwAlias);
}

function ccwAlias({ cuType, cuModel, devType, devModel }: CcwDeviceId): string {
  const alias = `ccw:t${any(cuType, 4)}m${any(cuModel, 2)}dt${any(devType, 4)}dm${any(devModel, 2)}`;
  return alias.endsWith('*') ? alias : `${alias}*`;
}

function any(value: number | undefined, digits: number): string {
  return value === undefined ? '*' : hex(value, digits).toUpperCase();
}
