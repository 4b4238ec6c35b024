import type { Random } from '../../world';
import { depend, type Operation, type Order } from './operation';
import { Plan } from './plan';

/**
 * All orders that differ only in the places of operations which may change places: they should end in the same state.
 * The first of them, by the order of the alphabet, stands for all.
 */
export interface Family {
  readonly first: Order;
  /** The first order as places in the alphabet. */
  readonly key: readonly number[];
}

/**
 * Every family of orders with at most so many operations. The prefix of a first order is one too, so that they are
 * found by making them longer.
 *
 * @see A. Mazurkiewicz, Trace theory (1987), lexicographic normal forms
 */
export function* families(alphabet: readonly Operation[], bound: number): Generator<Family> {
  for (const first of longer([], alphabet, bound)) yield familyOf(first, alphabet);
}

function* longer(order: Order, alphabet: readonly Operation[], bound: number): Generator<Order> {
  if (order.length > 0) yield order;
  if (order.length === bound) return;
  const plan = new Plan(order);
  for (const operation of alphabet) {
    if (plan.allows(operation) && staysFirst(order, operation, alphabet)) {
      yield* longer([...order, operation], alphabet, bound);
    }
  }
}

/** Could the next one not have come earlier, before one that stands behind it in the alphabet? */
function staysFirst(order: Order, next: Operation, alphabet: readonly Operation[]): boolean {
  for (const before of order.toReversed()) {
    if (depend(before, next)) return true;
    if (alphabet.indexOf(next) < alphabet.indexOf(before)) return false;
  }
  return true;
}

/** The family that an order belongs to. */
export function familyOf(order: Order, alphabet: readonly Operation[]): Family {
  const first: Operation[] = [];
  for (let left = order; left.length > 0; left = without(left, first)) {
    const open = ready(left);
    first.push(...alphabet.filter((operation) => open.includes(operation)).slice(0, 1));
  }
  return { first, key: first.map((operation) => alphabet.indexOf(operation)) };
}

/** Every order of a family, the first one first. */
export function* ordersOf({ first }: Family): Generator<Order> {
  yield* complete([], first);
}

function* complete(done: Order, left: Order): Generator<Order> {
  if (left.length === 0) yield done;
  for (const next of ready(left)) yield* complete([...done, next], without(left, [next]));
}

/** Operations that no earlier one keeps from being the next. */
function ready(left: Order): Operation[] {
  return left.filter((operation, i) => !left.slice(0, i).some((before) => depend(before, operation)));
}

function without(order: Order, done: Order): Order {
  return order.filter((operation) => !done.includes(operation));
}

/** The same operations in steps: those of one step may change places with each other, and so may be done at once. */
export function steps(order: Order): Order[] {
  const made: Order[] = [];
  for (let left = order; left.length > 0; left = without(left, made.at(-1) ?? [])) made.push(ready(left));
  return made;
}

/** An order with so many operations, or as many as there can be, each drawn from those that are possible. */
export function randomOrder(alphabet: readonly Operation[], length: number, random: Random): Order {
  const order: Operation[] = [];
  while (order.length < length) {
    const plan = new Plan(order);
    const next = draw(
      alphabet.filter((operation) => plan.allows(operation)),
      random,
    );
    if (next === undefined) break;
    order.push(next);
  }
  return order;
}

/** Any order of the family that this one is of. */
export function shuffled(order: Order, random: Random): Order {
  const made: Operation[] = [];
  for (let left = order; left.length > 0; left = without(left, made)) {
    const next = draw(ready(left), random);
    if (next !== undefined) made.push(next);
  }
  return made;
}

function draw<T>(items: readonly T[], random: Random): T | undefined {
  return items.length === 0 ? undefined : items[random.below(items.length)];
}
