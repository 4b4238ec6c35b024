import { errnoOf } from './errno';

/**
 * The return type shows the execution context: a function that may sleep returns `T | Promise<T>`, and its caller waits
 * if that is a Promise. One that may not sleep (match, uevent, release, interrupt handlers, ...) returns a plain value.
 */
export type MaySleep<T> = T | Promise<T>;

/**
 * The result of a callback that may not sleep and whose result is ignored: anything but a promise. Not plain `void`,
 * for which TypeScript accepts any function, including `async` ones.
 */
export type MayNotSleep =
  void | undefined | null | boolean | number | string | bigint | symbol | (object & { readonly then?: never });

/** True for a Promise: the callee sleeps. */
export function isPending<T>(value: MaySleep<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/**
 * Goes on with `next(value, a, b, c)`: at once, or when the sleeper is back. Arguments that are handed on cost nothing;
 * a closure over them is an allocation, which counts in what every device goes through.
 */
export function andThen<T, R>(value: MaySleep<T>, next: (value: T) => MaySleep<R>): MaySleep<R>;
export function andThen<T, A, R>(value: MaySleep<T>, next: (value: T, a: A) => MaySleep<R>, a: A): MaySleep<R>;
export function andThen<T, A, B, R>(
  value: MaySleep<T>,
  next: (value: T, a: A, b: B) => MaySleep<R>,
  a: A,
  b: B,
): MaySleep<R>;
export function andThen<T, A, B, C, R>(
  value: MaySleep<T>,
  next: (value: T, a: A, b: B, c: C) => MaySleep<R>,
  a: A,
  b: B,
  c: C,
): MaySleep<R>;
export function andThen<T, A, B, C, R>(
  value: MaySleep<T>,
  next: (value: T, a: A, b: B, c: C) => MaySleep<R>,
  a?: A,
  b?: B,
  c?: C,
): MaySleep<R> {
  return isPending(value) ? whenDone(value, next, a as A, b as B, c as C) : next(value, a as A, b as B, c as C);
}

/** Its own function: what a closure captures is allocated when a function is entered. */
function whenDone<T, R, A, B, C>(
  value: Promise<T>,
  next: (value: T, a: A, b: B, c: C) => MaySleep<R>,
  a: A,
  b: B,
  c: C,
): Promise<R> {
  return value.then((result) => next(result, a, b, c));
}

/** For {@link andThen}: waits, and drops the result. */
export function ignoreResult(): void {
  return undefined;
}

/** Runs `body` on each item in turn, waiting only where it sleeps; stops at the first non-zero result. */
export function eachUntil<T>(items: Iterable<T>, body: (item: T) => MaySleep<number>): MaySleep<number> {
  return eachLeft(0, items[Symbol.iterator](), body);
}

function eachLeft<T>(before: number, left: Iterator<T>, body: (item: T) => MaySleep<number>): MaySleep<number> {
  let ret = before;
  while (ret === 0) {
    const item = left.next();
    if (item.done === true) return 0;
    const result = body(item.value);
    if (isPending(result)) return andThen(result, eachLeft<T>, left, body);
    ret = result;
  }
  left.return?.();
  return ret;
}

/** Runs `body` on each item in turn and waits where it sleeps; results do not matter. */
export function each<T>(items: Iterable<T>, body: (item: T) => MaySleep<unknown>): MaySleep<void> {
  const done = eachUntil(items, (item) => andThen(body(item), () => 0));
  return andThen(done, () => undefined);
}

/** Runs `body` again and again, waiting only where it sleeps, as long as `goesOn` says so of its result. */
export function repeat<T>(body: () => MaySleep<T>, goesOn: (result: T) => boolean): MaySleep<void> {
  for (;;) {
    const result = body();
    if (isPending(result)) return andThen(result, (value) => (goesOn(value) ? repeat(body, goesOn) : undefined));
    if (!goesOn(result)) return undefined;
  }
}

/** Runs `body`. If it throws an ErrnoError, `undo` runs before the error is passed on; an oops is passed on at once. */
export function orUndo<T>(body: () => MaySleep<T>, undo: () => MaySleep<unknown>): MaySleep<T> {
  const failed = (error: unknown): MaySleep<never> =>
    andThen(errnoOf(error) === undefined ? undefined : undo(), () => {
      throw error;
    });
  try {
    const result = body();
    return isPending(result) ? result.then(undefined, failed) : result;
  } catch (error) {
    return failed(error);
  }
}

/** Calls it: for what takes a function and its argument. */
export function invoke<T>(operation: () => MaySleep<T>): MaySleep<T> {
  return operation();
}
