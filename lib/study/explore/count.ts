import type { Outcome, Tried } from './family';
import type { Order } from './operation';

/** One order and what came of it, in words. */
export interface Told {
  readonly order: readonly string[];
  /** Seed of the schedule, where operations were done at once. */
  readonly seed?: number;
  readonly state: readonly string[];
}

/** Two orders of the same operations that end differently. */
export interface Difference {
  /** Which family: places in the alphabet. */
  readonly key: readonly number[];
  /** The order of the family that comes first. */
  readonly reference: Told;
  readonly other: Told;
}

/** What came of many families; counts of different families can be joined. */
export interface Count {
  /** Families that were tried, and the orders that were run for that. */
  readonly families: number;
  readonly orders: number;
  /** Families whose orders did not all end in the same state. */
  readonly differing: number;
  /** The most final states that the orders of one family had. */
  readonly distinct: number;
  /** Two orders that end differently, with the fewest operations; null where there are none. */
  readonly difference: Difference | null;
}

/** What a joined count begins with. */
export const NOTHING_TRIED: Count = { families: 0, orders: 0, differing: 0, distinct: 1, difference: null };

/** One family as a count. */
export function countOf({ family, orders, outcomes }: Tried, inWords: (order: Order) => string[]): Count {
  const [reference, other] = outcomes.map((outcome) => told(outcome, inWords));
  const differs = reference !== undefined && other !== undefined;
  return {
    families: 1,
    orders,
    differing: differs ? 1 : 0,
    distinct: outcomes.length,
    difference: differs ? { key: family.key, reference, other } : null,
  };
}

function told({ schedule: { order, seed }, state }: Outcome, inWords: (order: Order) => string[]): Told {
  return { order: inWords(order), ...(seed === undefined ? {} : { seed }), state };
}

/** Two counts of different families as one. In whatever order counts are joined, the same comes out. */
export function join(a: Count, b: Count): Count {
  return {
    families: a.families + b.families,
    orders: a.orders + b.orders,
    differing: a.differing + b.differing,
    distinct: Math.max(a.distinct, b.distinct),
    difference: shorter(a.difference, b.difference),
  };
}

/** The one with fewer operations; of two that have as many, the one that comes first in the alphabet. */
function shorter(a: Difference | null, b: Difference | null): Difference | null {
  if (a === null || b === null) return a ?? b;
  if (a.key.length !== b.key.length) return a.key.length < b.key.length ? a : b;
  const at = a.key.findIndex((place, i) => place !== b.key[i]);
  return (a.key[at] ?? 0) <= (b.key[at] ?? 0) ? a : b;
}
