import { beginTest } from './test-scope';

/** With less, mocha would time out before a foreign wait is detected, ms. */
const LEAST_TIMEOUT = 10_000;

/** A test of mocha, as far as it is looked at. */
interface MochaTest {
  fn?: (this: unknown, done?: (error?: unknown) => void) => unknown;
  async?: number | boolean;
  timeout?(ms?: number): unknown;
}

interface MochaContext {
  readonly currentTest?: MochaTest;
}

/** A test is given time enough for the kit to say what is wrong. */
export function giveTime(test: unknown): void {
  const known = (test ?? {}) as MochaTest;
  const ms = known.timeout?.();
  if (typeof ms === 'number' && ms > 0 && ms < LEAST_TIMEOUT) known.timeout?.(LEAST_TIMEOUT);
}

/** Has the worlds looked after that are made in hooks for one test and in its body. */
function beforeEachTest(this: MochaContext | undefined): void {
  const test = this?.currentTest;
  const body = test?.fn;
  if (test === undefined || body === undefined || wrapped.has(body)) return;
  const scope = beginTest();
  const takesDone = body.length > 0;
  const fn = function (this: unknown): Promise<void> {
    return scope.run(() => (takesDone ? untilDone((done) => body.call(this, done)) : body.call(this)));
  };
  wrapped.add(fn);
  giveTime(test);
  test.fn = fn;
  test.async = 0;
}

const wrapped = new WeakSet<(this: unknown) => unknown>();

function untilDone(body: (done: (error?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise<void>((resolve, reject) => {
    body((error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}

/**
 * Hooks for mocha. A test file that imports the kit has them already; with `--parallel`, where that is too late for all
 * files but the first, `--require linux-driver-model/testing` puts them in.
 */
export const mochaHooks = { beforeEach: beforeEachTest };

type Hook = (body: (this: MochaContext | undefined) => void) => unknown;

(globalThis as { readonly beforeEach?: Hook }).beforeEach?.(beforeEachTest);
