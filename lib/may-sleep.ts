import { errnoOf } from './errno';

/**
 * The return type tells the execution context: what may sleep returns `T | Promise<T>`, and callers wait where it is
 * a Promise. What may not sleep (match, uevent, release, interrupt handlers, ...) returns a plain value.
 */
export type MaySleep<T> = T | Promise<T>;

/**
 * What a callback gives that may not sleep and whose result nobody looks at: anything but a promise. It is not plain
 * `void`, for which TypeScript takes any function, `async` ones too.
 */
export type MayNotSleep =
  void | undefined | null | boolean | number | string | bigint | symbol | (object & { readonly then?: never });

/** Did it sleep? Tells a Promise from a plain result. */
export function slept<T>(value: MaySleep<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Goes on with `next` at once, or when the sleeper is back. */
export function after<T, R>(value: MaySleep<T>, next: (value: T) => MaySleep<R>): MaySleep<R> {
  return slept(value) ? value.then(next) : next(value);
}

/** Runs `body` on each item in turn, waiting only where it sleeps; stops at the first non-zero result. */
export function eachUntil<T>(items: Iterable<T>, body: (item: T) => MaySleep<number>): MaySleep<number> {
  const iterator = items[Symbol.iterator]();
  const go = (): MaySleep<number> => {
    for (let item = iterator.next(); item.done !== true; item = iterator.next()) {
      const result = body(item.value);
      if (slept(result)) return result.then((r) => (r === 0 ? go() : finish(r)));
      if (result !== 0) return finish(result);
    }
    return 0;
  };
  const finish = (result: number): number => {
    iterator.return?.();
    return result;
  };
  return go();
}

/** Runs `body` on each item in turn and waits where it sleeps; results do not matter. */
export function each<T>(items: Iterable<T>, body: (item: T) => MaySleep<unknown>): MaySleep<void> {
  const done = eachUntil(items, (item) => after(body(item), () => 0));
  return after(done, () => undefined);
}

/** Runs `body`. When that throws a refusal, `undo` is done before it goes on; an oops ends where it stands. */
export function orUndo<T>(body: () => MaySleep<T>, undo: () => MaySleep<unknown>): MaySleep<T> {
  const failed = (error: unknown): MaySleep<never> =>
    after(errnoOf(error) === undefined ? undefined : undo(), () => {
      throw error;
    });
  try {
    const result = body();
    return slept(result) ? result.then(undefined, failed) : result;
  } catch (error) {
    return failed(error);
  }
}

/** Calls it: for what takes a function and its argument. */
export function invoke<T>(operation: () => MaySleep<T>): MaySleep<T> {
  return operation();
}
