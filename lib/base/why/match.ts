import { errnoOf } from '../../errno';
import type { Device } from '../device';
import type { Driver } from '../driver';
import { callAtomic } from '../guard';
import type { MatchClause, MatchExplanation } from '../types';

/** What match gives, as a number. */
export interface MatchAnswer {
  readonly result: number;
  readonly clauses: readonly MatchClause[];
}

/**
 * The result of match without a trace event and, if the bus has an explanation, without side effects. Otherwise match
 * is called, since it has no side effects.
 *
 * @throws what a match callback throws, if it is not an errno
 */
export function matchAnswer(dev: Device, drv: Driver): MatchAnswer {
  const { type } = drv.bus;
  if (type.match === undefined) {
    return {
      result: 1,
      clauses: [{ fn: 'driver_match_device', holds: true, text: `bus ${type.name} has no match: every driver may` }],
    };
  }
  const explain = (): MatchExplanation | undefined => type.explainMatch?.(dev, drv);
  const { result, clauses } = callAtomic(dev.kernel, whereOf(dev, drv), explain) ?? asked(dev, drv);
  return { result: Number(result), clauses };
}

function whereOf(dev: Device, drv: Driver): () => string {
  return () => `driver_match_device: driver ${drv.def.name}, device ${String(dev.name)}`;
}

function asked(dev: Device, drv: Driver): MatchExplanation {
  return { result: callMatch(dev, drv), clauses: [] };
}

function callMatch(dev: Device, drv: Driver): number {
  try {
    return Number(callAtomic(dev.kernel, whereOf(dev, drv), () => drv.bus.type.match?.(dev, drv)));
  } catch (error) {
    const no = errnoOf(error);
    if (no === undefined) throw error;
    return no;
  }
}

/** A field of an id table's row that the device does not have; null for one that fits. */
export function misfit<T>(field: string, wanted: T, has: T, show: (value: T) => string): string | null {
  return wanted === has ? null : `${field} ${show(wanted)} is wanted, the device has ${show(has)}`;
}

/**
 * The clauses of an id table, up to the first row that fits.
 *
 * @param fn kernel function that goes through the table
 * @param what how the table is called, e.g. "id table"
 * @param misfits what does not fit in a row; null stands for what fits
 */
export function tableClauses<T>(
  fn: string,
  what: string,
  rows: readonly T[],
  misfits: (row: T) => readonly (string | null)[],
): MatchClause[] {
  const clauses: MatchClause[] = [];
  for (const [index, row] of rows.entries()) {
    const bad = misfits(row).filter((text) => text !== null);
    clauses.push({
      fn,
      holds: bad.length === 0,
      text: `${what}, row ${String(index)}: ${bad.length === 0 ? 'fits' : bad.join('; ')}`,
    });
    if (bad.length === 0) return clauses;
  }
  return rows.length > 0 ? clauses : [{ fn, holds: false, text: `${what}: there is none` }];
}

/** Did the last clause hold? */
export function lastHolds(clauses: readonly MatchClause[]): boolean {
  return clauses.at(-1)?.holds ?? false;
}

/** The clause of a driver_override that allows one driver only. */
export function overrideClause(fn: string, override: string, driver: string): MatchClause {
  const holds = override === driver;
  return { fn, holds, text: `driver_override is ${override}: ${holds ? 'this driver' : 'no other driver may'}` };
}
