import { andThen, World, type MaySleep } from '../../lib';
import { Lab, resultOf, type Refusal } from './lab';
import { LabError } from './lab-error';
import type { Result } from './numbers';
import { reset } from './ops/reset';
import { opText, parseOp } from './parser';

/** Bytes of a line that the recorder reads; the rest is lost. */
const MAX_LINE = 900;

/** A program could not be run to its end. */
export class ReplayError extends Error {
  constructor(
    readonly line: number,
    readonly op: string,
    override readonly cause: unknown,
  ) {
    super(`line ${String(line)}: '${op}': ${cause instanceof Error ? cause.message : String(cause)}`);
    this.name = 'ReplayError';
  }
}

/** Callbacks while a program runs. */
export interface Watch {
  /** Called before each op, with its text. */
  readonly before?: (lab: Lab, op: string) => void;
  readonly refused?: (refusal: Refusal) => void;
}

/**
 * Runs a program in a world of its own, followed by `reset`, and returns its trace.
 *
 * @throws ReplayError naming line and op: an op that the core cannot do, or one that never ends
 */
export async function replay(program: string, watch: Watch = {}): Promise<string> {
  const lines = linesOf(program);
  const lab = new Lab(new World(), runHookLine);
  lab.refused = watch.refused ?? lab.refused;
  await executeAll(lab, [...lines, 'reset'], watch);
  return lab.trace.text;
}

/**
 * Runs a program in a world of its own and leaves everything as it is then, with debug messages in the kernel's log.
 *
 * @throws ReplayError as {@link replay}
 */
export async function runProgram(program: string): Promise<Lab> {
  const lab = new Lab(new World(), runHookLine, true);
  await executeAll(lab, linesOf(program));
  return lab;
}

function linesOf(program: string): string[] {
  return program.split('\n').map(clip);
}

async function executeAll(lab: Lab, lines: readonly string[], watch: Watch = {}): Promise<void> {
  for (const [index, line] of lines.entries()) {
    const text = opText(line);
    if (text === null) continue;
    watch.before?.(lab, text);
    lab.line = index + 1;
    await execute(lab, text);
  }
}

function clip(line: string): string {
  const bytes = Buffer.from(line);
  return bytes.length <= MAX_LINE ? line : bytes.subarray(0, MAX_LINE).toString();
}

async function execute(lab: Lab, text: string): Promise<void> {
  lab.trace.line(`> ${text}`);
  lab.probes = 0;
  try {
    await perform(lab, text);
    await lab.world.settle();
  } catch (error) {
    throw new ReplayError(lab.line, text, error);
  }
}

async function perform(lab: Lab, text: string): Promise<void> {
  const op = parseOp(text);
  // The result is traced before the task ends: the work that was queued meanwhile runs then.
  const traceReturn = (result: Result): void => lab.traceResult('<', text, result);
  if (op.kind === 'run')
    return lab.operate(text, () =>
      andThen(
        resultOf(() => op.action(lab)),
        traceReturn,
      ),
    );
  if (op.kind === 'refused') return traceReturn(op.error);
  await reset(lab);
  traceReturn(0);
}

/** A line that a hook runs, in the task of the probe or remove. */
function runHookLine(lab: Lab, line: string): MaySleep<void> {
  const text = opText(line);
  if (text === null) return undefined;
  lab.trace.line(`>> ${text}`);
  return performNested(lab, text).then((result) => lab.traceResult('<<', text, result));
}

async function performNested(lab: Lab, text: string): Promise<Result> {
  const op = parseOp(text, true);
  if (op.kind === 'run') return resultOf(() => op.action(lab));
  return op.kind === 'refused' ? op.error : new LabError('busy', 'a hook does not reset');
}
