import type { Callback, InMotion, Task } from './task';

/** Real time outside of all worlds, which lib cannot read: the caller provides it. */
export interface RealTime {
  /** Calls `look` again and again, when the program has nothing else to do. */
  every(ms: number, look: () => void): { stop(): void };
}

/**
 * A task is in motion, not blocked, and nothing moves it: it waits for a promise that no world will ever settle. The
 * world cannot find that out, for it has no clock but its own; see {@link watchForeignWaits}.
 */
export class ForeignWait extends Error {
  constructor(
    readonly task: Task,
    /** The callback that waits; null for the operation itself. */
    readonly where: string | null,
  ) {
    const within = where === null ? '' : ` in ${where}`;
    super(`task '${task.name}' waits${within} for a promise that the world does not know`);
    this.name = 'ForeignWait';
  }
}

/** Real time between two looks, ms. */
const LOOK_MS = 100;
/** Number of equal checks before it is reported: two seconds. */
const LOOKS = 20;

/**
 * Looks for a wait that the world cannot know of, and reports the first that takes two seconds. What computes is never
 * taken for what waits, however slow the machine is: a look comes only when the program has nothing else to do, and it
 * counts if the world has not moved since the look before.
 */
export function watchForeignWaits(
  world: { inMotion(): InMotion },
  time: RealTime,
  report: (error: ForeignWait) => void,
): { stop(): void } {
  let last = world.inMotion();
  let looks = 0;
  const looking = time.every(LOOK_MS, () => {
    const { task, turn, where } = world.inMotion();
    looks = task !== null && task === last.task && turn === last.turn ? looks + 1 : 0;
    last = { task, turn, where };
    if (task === null || looks < LOOKS) return;
    looking.stop();
    report(new ForeignWait(task, where));
  });
  return looking;
}

/** Waits for what a body does in a world, but not for ever. @throws ForeignWait, and what the body throws */
export async function orForeignWait<T>(
  world: { inMotion(): InMotion },
  time: RealTime,
  body: () => T | Promise<T>,
): Promise<T> {
  let looking: { stop(): void } | null = null;
  const waits = new Promise<never>((_, reject) => {
    looking = watchForeignWaits(world, time, reject);
  });
  try {
    return await Promise.race([body(), waits]);
  } finally {
    (looking as { stop(): void } | null)?.stop();
  }
}

/**
 * For the core, when a callback has given a promise: its task is in the callback until the promise is settled. Gives
 * what `resolved` or `rejected` make of it.
 */
export function whileIn<T, R>(
  world: { enter(callback: Callback): { leave(): void } | undefined },
  callback: Callback,
  promise: Promise<T>,
  resolved: (value: T) => R,
  rejected: (error: unknown) => R,
): Promise<R> {
  const entered = world.enter(callback);
  return promise.then(
    (value) => {
      entered?.leave();
      return resolved(value);
    },
    (error: unknown) => {
      entered?.leave();
      return rejected(error);
    },
  );
}
