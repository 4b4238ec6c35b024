import { errnoOf } from '../errno';
import { isPending, type MaySleep } from '../may-sleep';
import { devMessage, type Device } from './device';
import type { StepFault } from './types';

/** One rung: a kernel function that is done, and what takes it back when a later one fails. */
export interface Step<C> {
  /** Kernel function or statement, for traces and for faults. */
  readonly name: string;
  /** 0 to go on; anything else, or a refusal that it throws, is a failure. */
  do(context: C): MaySleep<number | void>;
  undo?(context: C): MaySleep<void>;
  /** It cannot fail, so no fault is injected here. */
  readonly cannotFail?: true;
  /** What an injected error comes out as. Default: as it is. */
  fail?(context: C, error: number): MaySleep<number>;
}

/** An order of the kernel as a table; see {@link ladder} and {@link descent}. */
export interface Ladder<C> {
  readonly fn: string;
  readonly steps: readonly Step<C>[];
  /** Is there no way back? Then a step that fails is logged, and the next one is done all the same. */
  readonly finishes: boolean;
}

/** All steps get one shape, for a device goes through some sixty of them in its life. */
const NO_MORE = { undo: undefined, cannotFail: undefined, fail: undefined } as const;

function tableOf<C>(fn: string, steps: readonly Step<C>[], finishes: boolean): Ladder<C> {
  return { fn, steps: steps.map(({ name, ...step }) => ({ name, ...NO_MORE, ...step })), finishes };
}

/** A sequence of steps that completes or is unwound. @param fn the kernel function whose order it is */
export function ladder<C>(fn: string, steps: readonly Step<C>[]): Ladder<C> {
  return tableOf(fn, steps, false);
}

/**
 * A sequence of steps that always completes: its function is void in Linux, where no register access fails. Here a
 * transport can fail within it.
 *
 * @param fn the kernel function whose order it is
 */
export function descent<C>(fn: string, steps: readonly Step<C>[]): Ladder<C> {
  return tableOf(fn, steps, true);
}

interface Climbing {
  readonly dev: Device;
}

/**
 * Runs the steps in order, waiting only where one sleeps. When one fails, the steps before it are undone in reverse,
 * and its error is the result. A {@link descent} continues, and its result is the first error.
 */
export function climb<C extends Climbing>(ladder: Ladder<C>, context: C): MaySleep<number> {
  return climbFrom(ladder, context, 0, 0);
}

function climbFrom<C extends Climbing>(ladder: Ladder<C>, context: C, from: number, before: number): MaySleep<number> {
  const { steps } = ladder;
  const { trace } = context.dev.kernel;
  let failure = before;
  for (let at = from; at < steps.length; at++) {
    const result = doStep(ladder.fn, steps[at] as Step<C>, context);
    if (isPending(result)) return goOnAfter(result, ladder, context, at, failure);
    if (trace.on) traceStep(ladder, context, at, 'step', result ?? 0);
    if (result === undefined || result === 0) continue;
    if (!ladder.finishes) return unwind(ladder, context, at, result);
    logStepFailure(ladder, context, nameOf(ladder, at), result);
    failure ||= result;
  }
  return failure;
}

function doStep<C extends Climbing>(fn: string, step: Step<C>, context: C): MaySleep<number | void> {
  const { faults } = context.dev.kernel;
  try {
    return faults === null ? step.do(context) : doOrFail(fn, step, context, faults);
  } catch (error) {
    return refused(error);
  }
}

/** @throws what is not an errno: an oops */
function refused(error: unknown): number {
  const no = errnoOf(error);
  if (no === undefined) throw error;
  return no;
}

function doOrFail<C extends Climbing>(fn: string, s: Step<C>, c: C, f: StepFault): MaySleep<number | void> {
  const error = f(fn, s.name, c.dev);
  if (error === 0 || s.cannotFail === true) return s.do(c);
  return s.fail === undefined ? error : s.fail(c, error);
}

function goOnAfter<C extends Climbing>(
  result: Promise<number | void>,
  l: Ladder<C>,
  c: C,
  at: number,
  before: number,
): Promise<number> {
  return result.then(
    (r) => goOn(l, c, at, r ?? 0, before),
    (error: unknown) => goOn(l, c, at, refused(error), before),
  );
}

function goOn<C extends Climbing>(l: Ladder<C>, c: C, at: number, result: number, before: number): MaySleep<number> {
  if (c.dev.kernel.trace.on) traceStep(l, c, at, 'step', result);
  if (result !== 0 && !l.finishes) return unwind(l, c, at, result);
  if (result !== 0) logStepFailure(l, c, nameOf(l, at), result);
  return climbFrom(l, c, at + 1, before === 0 ? result : before);
}

function unwind<C extends Climbing>(l: Ladder<C>, c: C, failed: number, result: number): MaySleep<number> {
  for (let at = failed - 1; at >= 0; at--) {
    const undone = undoStep(l, c, at);
    if (c.dev.kernel.trace.on && l.steps[at]?.undo !== undefined) traceStep(l, c, at, 'undo', 0);
    if (isPending(undone)) return undone.then(() => unwind(l, c, at, result));
  }
  return result;
}

/** An undo function that fails does not stop the unwinding. */
function undoStep<C extends Climbing>(l: Ladder<C>, c: C, at: number): MaySleep<void> {
  const failed = (error: unknown): void => logStepFailure(l, c, `undo of ${nameOf(l, at)}`, refused(error));
  try {
    const undone = l.steps[at]?.undo?.(c);
    return isPending(undone) ? undone.then(undefined, failed) : undefined;
  } catch (error) {
    return failed(error);
  }
}

function nameOf<C>({ steps }: Ladder<C>, at: number): string {
  return steps[at]?.name ?? '';
}

function logStepFailure<C extends Climbing>({ fn }: Ladder<C>, { dev }: C, step: string, error: number): void {
  dev.kernel.log.err(devMessage(dev, `${fn}: ${step} failed with error ${String(error)}`));
}

function traceStep<C extends Climbing>(l: Ladder<C>, c: C, at: number, kind: 'step' | 'undo', ret: number): void {
  const { dev } = c;
  dev.kernel.trace.emit({ kind, fn: l.fn, step: nameOf(l, at), dev: dev.name ?? '', ret });
}
