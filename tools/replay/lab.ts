import { ErrnoError, errnoOf, Kernel, isPending, type MaySleep, type World } from '../../lib';
import { LabError } from './lab-error';
import { showResult, type Result } from './numbers';
import { Objects } from './objects';
import { Resources } from './resources';
import { SharedNames } from './shared-names';
import { TraceWriter } from './trace-writer';

/** What an op does once its words have been understood. */
export type Action = (lab: Lab) => MaySleep<number | null | void>;

/** Runs one line inside a hook. */
export type HookRunner = (lab: Lab, line: string) => MaySleep<void>;

/** An op that the lab refused. */
export interface Refusal {
  /** Line of the program, from 1. */
  readonly line: number;
  /** The op of that line, or the one that a hook ran meanwhile. */
  readonly op: string;
  readonly error: LabError;
  /** Number of its line in the trace, from 1. */
  readonly traceLine: number;
}

/** Everything that the ops of one program share. With `debug` the kernel's log keeps debug messages. */
export class Lab {
  readonly kernel: Kernel;
  readonly trace: TraceWriter;
  readonly objects = new Objects();
  readonly resources: Resources;
  readonly shared: SharedNames;
  syncPaused = false;
  probingBlocked = false;
  /** Line of the program that is executed, from 1. */
  line = 0;
  /** Called for each operation that the lab refuses. */
  refused: (refusal: Refusal) => void = () => undefined;
  /** Probes since the op began. */
  probes = 0;
  /** Depth of hooks. */
  nesting = 0;

  constructor(
    readonly world: World,
    readonly runHookLine: HookRunner,
    debug = false,
  ) {
    this.kernel = new Kernel(world, { debug });
    this.trace = new TraceWriter(world);
    this.resources = new Resources(this.trace);
    this.shared = new SharedNames(this.kernel);
    this.kernel.uevents.subscribe((event) => {
      this.trace.line(`netlink ${event.action}@${event.devpath} ${event.env.slice(0, -1).join(' ')}`);
    });
  }

  /** Writes the result of an op, or of one that a hook ran (`<<`). */
  traceResult(sign: '<' | '<<', op: string, result: Result): void {
    this.trace.line(`${sign} ${showResult(result)}`);
    if (!(result instanceof LabError)) return;
    this.refused({ line: this.line, op, error: result, traceLine: this.trace.length });
  }

  /** Runs `body` in a task of its own; lines of other tasks are marked until it ends. */
  operate<T>(name: string, body: () => MaySleep<T>): MaySleep<T> {
    return this.world.run(() => {
      this.trace.own = this.world.current;
      return body();
    }, name);
  }
}

/** The result of an action: its value, the error of the kernel, or the error of the lab. */
export function resultOf(action: () => MaySleep<number | null | void>): MaySleep<Result> {
  try {
    const value = action();
    return isPending(value) ? value.then(toResult, refusal) : toResult(value);
  } catch (error) {
    return refusal(error);
  }
}

function toResult(value: number | null | void): Result {
  return value === undefined ? 0 : value;
}

function refusal(error: unknown): Result {
  if (error instanceof LabError) return error;
  const no = error instanceof ErrnoError ? errnoOf(error) : undefined;
  if (no === undefined) throw error;
  return no;
}
