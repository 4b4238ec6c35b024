import { dataHeapUsed, objectCount } from '../heap';
import type { Lengths, LogLengths, SoakMachine } from './machine';

/** What {@link soak} needs of a machine. */
export type Soakable = Pick<SoakMachine, 'name' | 'start' | 'cycle' | 'lengths' | 'seqnum' | 'logs'>;

/** What is looked at between cycles. */
interface Look {
  /** Bytes, compiled code left out. */
  readonly heap: number;
  readonly objects: number;
  readonly seqnum: number;
  readonly lengths: Lengths;
}

/** A run on one bus. */
export interface Soaked {
  readonly name: string;
  readonly cycles: number;
  readonly warmUp: number;
  readonly start: Look;
  /** After the warm-up. */
  readonly warm: Look;
  readonly end: Look;
  readonly logs: { readonly kernel: LogLengths; readonly host: LogLengths };
  /** What grew between the last two looks; none: all is flat. */
  readonly grown: readonly string[];
}

/** How long, and how much growth is none. */
export interface SoakPlan {
  readonly cycles: number;
  /** Cycles before the measurement. */
  readonly warmUp: number;
  /** KiB of heap. */
  readonly limit: number;
  /** Called after each cycle. */
  readonly onCycle?: (done: number) => void;
}

/** Has devices come and go, and looks what is left of them. @throws Error when a device could not be used */
export async function soak(machine: Soakable, { cycles, warmUp, limit, onCycle }: SoakPlan): Promise<Soaked> {
  await machine.start();
  const start = look(machine);
  let warm = start;
  for (let done = 1; done <= cycles; done++) {
    await machine.cycle(done - 1);
    if (done === warmUp) warm = look(machine);
    onCycle?.(done);
  }
  const end = look(machine);
  const grown = growth(warm, end, limit, cycles - warmUp);
  return { name: machine.name, cycles, warmUp, start, warm, end, logs: machine.logs, grown };
}

function look(machine: Soakable): Look {
  return { heap: dataHeapUsed(), objects: objectCount(), seqnum: machine.seqnum, lengths: machine.lengths };
}

function growth(warm: Look, end: Look, limit: number, cycles: number): string[] {
  const grown: string[] = [];
  const bytes = end.heap - warm.heap;
  const objects = end.objects - warm.objects;
  if (bytes > limit * 1024) grown.push(`${kib(bytes)} KiB of heap`);
  // An object that each cycle leaves behind, be it ever so small.
  if (objects >= cycles) grown.push(`${String(objects)} objects`);
  for (const [name, before] of Object.entries(warm.lengths) as [keyof Lengths, number][]) {
    const more = end.lengths[name] - before;
    if (more > 0) grown.push(`${String(more)} ${name}`);
  }
  return grown;
}

/** A run as people read it. */
export function soakText({ name, cycles, warmUp, start, warm, end, logs, grown }: Soaked): string {
  const after = `after ${String(warmUp)} cycles`;
  const lists = Object.entries(end.lengths).map(([what, length]) => `${what} ${String(length)}`);
  const log = ({ kept, dropped }: LogLengths): string => `${String(kept)} lines, ${String(dropped)} dropped`;
  return [
    `${name}: ${String(cycles)} cycles`,
    `  heap     ${kib(start.heap)} KiB at the start, ${kib(warm.heap)} ${after}, ${kib(end.heap)} at the end`,
    `  objects  ${String(start.objects)} at the start, ${String(warm.objects)} ${after}, ${String(end.objects)} at the end`,
    `  SEQNUM   ${String(warm.seqnum)} ${after}, ${String(end.seqnum)} at the end`,
    `  lists    ${lists.join(', ')}`,
    `  logs     kernel ${log(logs.kernel)}; host ${log(logs.host)}`,
    `  ${grown.length === 0 ? 'flat' : `GREW by ${grown.join(', ')}`}`,
    '',
  ].join('\n');
}

function kib(bytes: number): string {
  return String(Math.round(bytes / 1024));
}
