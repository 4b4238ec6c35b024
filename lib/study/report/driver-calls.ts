import { isPending } from '../../may-sleep';

/** Called when a function of a definition is called and when it has returned. */
export interface Listener {
  called(name: string): void;
  returned(name: string): void;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** A definition that does the same and reports its calls, so that they can be recorded. */
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
