import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { OutputFile } from '../output-file';
import { firstDifference } from '../replay/diff';
import { readTextFile } from '../text-file';
import type { Refusal } from '../replay/lab';
import { replay, ReplayError } from '../replay/run';
import { show } from '../replay/show';
import { UsageError } from '../usage-error';

interface Options {
  readonly output?: string;
  readonly diff?: boolean;
}

interface Program {
  readonly file: string;
  readonly text: string;
  /** The recorded trace, where it is to be compared. */
  readonly recorded: string;
}

interface Run {
  readonly program: Program;
  readonly trace: string;
  /** Ops that the lab refused, in the order of the trace. */
  readonly refusals: readonly Refusal[];
}

/** Adds `ldm replay`. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .description("run the oracle's programs and write their traces")
    .argument('<file...>', 'programs (NAME.dm)')
    .option('-o, --output <dir>', 'write each trace to DIR/NAME.trace')
    .option('--diff', 'compare each trace with the NAME.trace beside the program')
    .action((files: string[], options: Options) => replayFiles(files, options));
}

async function replayFiles(files: readonly string[], options: Options): Promise<void> {
  const { output, diff = false } = options;
  if (files.length > 1 && output === undefined && !diff) throw new UsageError('several programs need -o DIR or --diff');
  if (output !== undefined) checkNames(files);
  const programs = files.map((file) => ({ file, text: readTextFile(file), recorded: diff ? readTrace(file) : '' }));
  const runs = await runAll(programs);
  if (output !== undefined) writeAll(output, runs);
  if (diff) compare(runs, programs.length - runs.length);
  else process.stderr.write(runs.map(({ program, refusals }) => reasons(program.file, refusals)).join(''));
  if (!diff && output === undefined) process.stdout.write(runs.map(({ trace }) => trace).join(''));
}

/** Programs that cannot be run to their end are reported and left out. */
async function runAll(programs: readonly Program[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const program of programs) {
    try {
      runs.push(await run(program));
    } catch (error) {
      if (!(error instanceof ReplayError)) throw error;
      process.stderr.write(`ldm: ${program.file}: ${error.message}\n`);
      process.exitCode = 2;
    }
  }
  return runs;
}

async function run(program: Program): Promise<Run> {
  const refusals: Refusal[] = [];
  const trace = await replay(program.text, { refused: (refusal) => void refusals.push(refusal) });
  return { program, trace, refusals };
}

/** Why lines of a program have a lab error. */
function reasons(file: string, refusals: readonly Refusal[]): string {
  const reason = ({ line, op, error }: Refusal): string => `${file}:${String(line)}: ${show(op)}: ${error.message}\n`;
  return refusals.map(reason).join('');
}

function checkNames(files: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    const other = seen.get(traceName(file));
    if (other !== undefined) throw new UsageError(`${file}: has the same name as ${other}`);
    seen.set(traceName(file), file);
  }
}

function traceName(file: string): string {
  return `${basename(file, '.dm')}.trace`;
}

/** The recorded trace beside a program. */
function readTrace(file: string): string {
  return readTextFile(file.replace(/(\.dm)?$/, '.trace'));
}

/** A trace is seen under its name when it is complete. */
function writeAll(dir: string, runs: readonly Run[]): void {
  makeDir(dir);
  for (const { program, trace } of runs) {
    new OutputFile(join(dir, traceName(program.file))).write(trace);
  }
}

/** Node's recursive mkdir never ends where a file system cannot make directories. */
function makeDir(dir: string): void {
  if (existsSync(dir)) {
    if (!statSync(dir).isDirectory()) throw new UsageError(`${dir}: is not a directory`);
    return;
  }
  makeDir(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function compare(runs: readonly Run[], failed: number): void {
  let different = 0;
  for (const { program, trace, refusals } of runs) {
    const difference = firstDifference(program.recorded, trace);
    if (difference === null) continue;
    different++;
    const shown = refusals.filter(({ traceLine }) => difference.shows(traceLine));
    process.stdout.write(`${program.file}: ${difference.text}\n${reasons(program.file, shown)}`);
  }
  const notRun = failed === 0 ? '' : `, ${String(failed)} not run`;
  process.stdout.write(`${String(runs.length - different)} equal, ${String(different)} different${notRun}\n`);
  if (different > 0) process.exitCode ??= 1;
}
