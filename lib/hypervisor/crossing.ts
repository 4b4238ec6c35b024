import type { World } from '../world/index';
import type { Crossing } from './port';

declare function structuredClone<T>(value: T): T;

/**
 * Passes values through a port. In an isolated world each is copied and must be a number, a bigint or bytes; otherwise
 * they are passed as they are, which is faster and equivalent if no object is shared.
 */
export type Passage = <T extends Crossing>(values: readonly T[]) => readonly T[];

/** The passage of a world. A value that may not cross throws a TypeError: a defect of the program, no refusal. */
export function passageOf(world: World): Passage {
  return world.options.isolate === true ? (values) => values.map(clone) : (values) => values;
}

function clone<T extends Crossing>(value: T): T {
  const kind = value instanceof Uint8Array ? 'bytes' : typeof value;
  if (kind !== 'bytes' && kind !== 'number' && kind !== 'bigint') {
    throw new TypeError(`a value of type ${kind} cannot cross a port: only numbers, bigints and bytes do`);
  }
  // A copy of the bytes first: structuredClone would take the whole buffer behind a view along.
  return structuredClone(value instanceof Uint8Array ? (value.slice() as T) : value);
}
