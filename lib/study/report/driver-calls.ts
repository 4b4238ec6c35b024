import { isPending } from '../../may-sleep';

/** Told when a function of a definition is called and when it has ended. */
export interface Listener {
  called(name: string): void;
  returned(name: string): void;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** A definition that does the same and tells of it, so that who was asked is on record and not guessed. */
export function recordDriverCalls<T extends object>(def: T, listener: Listener): T {
  const heard = Object.entries(def).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'function' ? recordCalls(name, value as AnyFunction, listener) : value,
  ]);
  return Object.fromEntries(heard) as T;
}

function recordCalls(name: string, call: AnyFunction, listener: Listener): AnyFunction {
  return function (...args) {
    listener.called(name);
    let result: unknown;
    try {
      result = call.apply(this, args);
    } finally {
      if (!isPending(result)) listener.returned(name);
    }
    return isPending(result) ? result.finally(() => listener.returned(name)) : result;
  };
}
