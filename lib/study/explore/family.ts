import { World } from '../../world';
import { finalState } from './final-state';
import { steps, type Family } from './orders';
import type { Order } from './operation';
import type { Subject } from './subject';
import { Trial, type Names } from './trial';

/** How an order was done. */
export interface Schedule {
  readonly order: Order;
  /**
   * Seed of a world in which operations that commute start concurrently and the seed chooses the task to run;
   * undefined: each operation has ended before the next.
   */
  readonly seed?: number;
}

/** What came of one order. */
export interface Outcome {
  readonly schedule: Schedule;
  /** See {@link finalState}. */
  readonly state: readonly string[];
}

/** A family of orders, and one outcome for each final state that was seen, in the order of seeing it. */
export interface Tried {
  readonly family: Family;
  readonly orders: number;
  readonly outcomes: readonly Outcome[];
}

/** Runs orders of one family, each in a machine of its own. */
export async function tryFamily(
  subject: Subject,
  names: Names,
  family: Family,
  schedules: Iterable<Schedule>,
): Promise<Tried> {
  const outcomes = new Map<string, Outcome>();
  let orders = 0;
  for (const schedule of schedules) {
    const state = await runOrder(subject, names, schedule);
    const key = state.join('\n');
    if (!outcomes.has(key)) outcomes.set(key, { schedule, state });
    orders++;
  }
  return { family, orders, outcomes: [...outcomes.values()] };
}

/** @returns the final state */
async function runOrder(subject: Subject, names: Names, { order, seed }: Schedule): Promise<string[]> {
  const trial = new Trial(subject, names, seed === undefined ? undefined : chanceWorld(subject, seed));
  if (seed === undefined) for (const operation of order) await trial.do(operation);
  else await runConcurrently(trial, order);
  return finalState(trial, subject.workloads);
}

function chanceWorld({ conditions }: Subject, scheduleSeed: number): World {
  return new World({ seed: conditions.seed, schedule: 'seeded', scheduleSeed });
}

async function runConcurrently(trial: Trial, order: Order): Promise<void> {
  const { machine } = trial;
  for (const step of steps(order)) {
    const tasks = step.map((operation) => machine.world.spawn(() => trial.do(operation), operation.kind));
    for (const task of tasks) await task;
    await machine.settle();
  }
}
