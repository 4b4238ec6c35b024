import { Random } from '../../world';
import type { Schedule } from './family';
import type { Operation } from './operation';
import { families, familyOf, ordersOf, randomOrder, shuffled, type Family } from './orders';

/** A part of the work: the n-th of so many, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** How far orders are explored. */
export interface Extent {
  /** Operations of which every order is tried. */
  readonly bound: number;
  /** How many longer ones are drawn. */
  readonly random: number;
  /** Of the drawing. */
  readonly seed: number;
}

/** What is to be tried of one family. */
export interface Task {
  readonly family: Family;
  readonly schedules: () => Iterable<Schedule>;
}

/** Operations that a random order has more than those of which every order is tried, at most. */
const MORE = 6;
/** Orders of its family that each random order is compared with. */
const SHUFFLES = 2;

/**
 * The families to try, each in one shard only: its result does not depend on the others. A family of one order, which
 * can show no difference, is left out.
 */
export function* tasks(alphabet: readonly Operation[], extent: Extent, shard: Shard): Generator<Task> {
  for (const family of families(alphabet, extent.bound)) {
    if (isIn(shard, family) && hasTwo(family)) yield { family, schedules: () => inEveryOrder(family) };
  }
  for (const task of drawn(alphabet, extent)) if (isIn(shard, task.family)) yield task;
}

function* inEveryOrder(family: Family): Generator<Schedule> {
  for (const order of ordersOf(family)) yield { order };
}

function hasTwo(family: Family): boolean {
  const orders = ordersOf(family);
  orders.next();
  return orders.next().done !== true;
}

/** By what the family is, so that one that is drawn twice is tried in one place. */
function isIn({ index, of }: Shard, { key }: Family): boolean {
  const hash = key.reduce((sum, place) => (Math.imul(sum, 31) + place + 1) >>> 0, 7);
  return new Random(hash).below(of) === index - 1;
}

/** All draws are made whatever the shard is, so that every shard sees the same. */
function drawn(alphabet: readonly Operation[], { bound, random, seed }: Extent): Task[] {
  const chance = new Random(seed);
  const known = new Map<string, { family: Family; list: Schedule[] }>();
  for (let i = 0; i < random; i++) {
    const order = randomOrder(alphabet, bound + 1 + chance.below(MORE), chance);
    const family = familyOf(order, alphabet);
    const shuffles = Array.from({ length: SHUFFLES }, () => ({ order: shuffled(order, chance) }));
    const entry = known.get(family.key.join()) ?? { family, list: [{ order: family.first }] };
    known.set(family.key.join(), entry);
    entry.list.push(...shuffles, { order: family.first, seed: chance.uint32() });
  }
  const longer = [...known.values()].filter(({ family }) => family.first.length > bound);
  return longer.map(({ family, list }) => ({ family, schedules: () => list }));
}
