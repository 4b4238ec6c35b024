import { slept, type MaySleep } from '../may-sleep';
import type { Device } from './device';

/** One rung: a kernel function that is done, and what takes it back when a later one fails. */
export interface Step<C> {
  /** Kernel function or statement, for traces and for faults. */
  readonly name: string;
  /** 0 to go on; anything else ends the climb with that result. */
  do(context: C): MaySleep<number | void>;
  undo?(context: C): MaySleep<void>;
  /** Cannot fail in Linux: nobody may have it fail here. */
  readonly sure?: true;
  /** What an injected error comes out as. Default: as it is. */
  fail?(context: C, error: number): number;
}

/** An order of the kernel as a table; see {@link ladder}. */
export interface Ladder<C> {
  readonly fn: string;
  readonly steps: readonly Step<C>[];
}

/** All steps get one shape, for a device goes through some sixty of them in its life. */
const NO_MORE = { undo: undefined, sure: undefined, fail: undefined } as const;

/** @param fn the kernel function whose order it is */
export function ladder<C>(fn: string, steps: readonly Step<C>[]): Ladder<C> {
  return { fn, steps: steps.map(({ name, ...step }) => ({ name, ...NO_MORE, ...step })) };
}

/** Has a step fail instead of being done: with the negative errno that it gives; 0: the step is done. */
export type StepFault = (fn: string, step: string, dev: Device) => number;

/**
 * Does the steps in order, waiting only where one sleeps. When one fails, the steps before it are undone in reverse,
 * and the result is what it failed with.
 */
export function climb<C extends { readonly dev: Device }>(ladder: Ladder<C>, context: C, from = 0): MaySleep<number> {
  const { steps } = ladder;
  const { faults, trace } = context.dev.kernel;
  for (let at = from; at < steps.length; at++) {
    const step = steps[at] as Step<C>;
    const result = faults === null ? step.do(context) : doOrFail(ladder.fn, step, context, faults);
    if (slept(result)) return goOnAfter(result, ladder, context, at);
    if (trace.on) tell(ladder, context, at, 'step', result ?? 0);
    if (result !== undefined && result !== 0) return unwind(ladder, context, at, result);
  }
  return 0;
}

function doOrFail<C extends { readonly dev: Device }>(
  fn: string,
  s: Step<C>,
  c: C,
  f: StepFault,
): MaySleep<number | void> {
  const error = f(fn, s.name, c.dev);
  if (error === 0 || s.sure === true) return s.do(c);
  return s.fail === undefined ? error : s.fail(c, error);
}

function goOnAfter<C extends { readonly dev: Device }>(
  result: Promise<number | void>, l: Ladder<C>, c: C, at: number,
): Promise<number> {
  return result.then((r) => goOn(l, c, at, r ?? 0));
}

function goOn<C extends { readonly dev: Device }>(l: Ladder<C>, c: C, at: number, result: number): MaySleep<number> {
  if (c.dev.kernel.trace.on) tell(l, c, at, 'step', result);
  return result === 0 ? climb(l, c, at + 1) : unwind(l, c, at, result);
}

function unwind<C extends { readonly dev: Device }>(
  l: Ladder<C>,
  c: C,
  failed: number,
  result: number,
): MaySleep<number> {
  for (let at = failed - 1; at >= 0; at--) {
    const undone = l.steps[at]?.undo?.(c);
    if (c.dev.kernel.trace.on && l.steps[at]?.undo !== undefined) tell(l, c, at, 'undo', 0);
    if (slept(undone)) return undone.then(() => unwind(l, c, at, result));
  }
  return result;
}

function tell<C extends { readonly dev: Device }>(
  l: Ladder<C>,
  c: C,
  at: number,
  kind: 'step' | 'undo',
  ret: number,
): void {
  const { dev } = c;
  dev.kernel.trace.emit({ kind, fn: l.fn, step: l.steps[at]?.name ?? '', dev: dev.name ?? '', ret });
}
