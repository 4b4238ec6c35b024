import { Session, type Runtime } from 'node:inspector';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Bytes of heap in use after a collection. */
export function heapUsed(): number {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  return process.memoryUsage().heapUsed;
}

/** {@link heapUsed} without what the compiler has made, which it drops and makes again as it sees fit. */
export function dataHeapUsed(): number {
  const used = heapUsed();
  return used - getHeapCodeStatistics().code_and_metadata_size;
}

/** Where the inspector finds the queried objects. */
const KEY = '__objectCount';

/**
 * How many objects of a class there are after a collection; by default all. What the compiler makes for itself is none.
 */
export function objectCount({ prototype }: { readonly prototype: object } = Object): number {
  const session = new Session();
  session.connect();
  Object.defineProperty(globalThis, KEY, { value: prototype, configurable: true });
  try {
    const { result } = ask<Runtime.EvaluateReturnType>(session, 'Runtime.evaluate', { expression: KEY });
    const prototypeObjectId = result.objectId ?? '';
    const { objects } = ask<Runtime.QueryObjectsReturnType>(session, 'Runtime.queryObjects', { prototypeObjectId });
    const { objectId } = objects;
    const lengthOf = { objectId, functionDeclaration: 'function () { return this.length }', returnByValue: true };
    return Number(ask<Runtime.CallFunctionOnReturnType>(session, 'Runtime.callFunctionOn', lengthOf).result.value);
  } finally {
    Reflect.deleteProperty(globalThis, KEY);
    session.disconnect();
  }
}

/** The inspector's result for its own process is available at once. */
function ask<T>(session: Session, method: string, params: object): T {
  let answer: T | undefined;
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(error.message);
    answer = result as T;
  });
  if (answer === undefined) throw new Error(`${method} has no answer`);
  return answer;
}
