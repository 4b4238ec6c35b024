import type { Cell } from '../../../lib/study';

/** The sign of a verdict; "-" where the question does not arise. */
export function markOf({ holds }: Pick<Cell, 'holds'>): string {
  return holds === null ? '-' : holds ? '✓' : '✗';
}

/** What was measured, short enough for a column; nothing where there was nothing to measure. */
export function numberOf({ value }: Pick<Cell, 'value'>): string {
  return value === null ? '' : String(Math.round(value * 100) / 100);
}
