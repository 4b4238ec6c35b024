#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCompare } from './commands/compare';
import { addDevicetree } from './commands/devicetree';
import { addExplore } from './commands/explore';
import { addHelp } from './commands/help';
import { addReplay } from './commands/replay';
import { addScenario } from './commands/scenario';
import { addShell } from './commands/shell';
import { addTour } from './commands/tour';
import { addWhy } from './commands/why';
import { runProcess, runProgram } from './run-program';

/** The command line with all its commands. */
export function makeProgram(): Command {
  const program = new Command('ldm').description('the Linux driver model in TypeScript').version(version());
  addCompare(program);
  addDevicetree(program);
  addExplore(program);
  addReplay(program);
  addScenario(program);
  addShell(program);
  addTour(program);
  addWhy(program);
  addHelp(program);
  return program;
}

function version(): string {
  const manifest = readFileSync(require.resolve('linux-driver-model/package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** Runs one command; the exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  await runProgram(makeProgram(), args);
}

if (require.main === module) runProcess(makeProgram());
