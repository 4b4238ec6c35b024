#!/usr/bin/env node
import { Command } from 'commander';
import { addCompare } from './commands/compare';
import { addDevicetree } from './commands/devicetree';
import { addExplore } from './commands/explore';
import { addReplay } from './commands/replay';
import { addScenario } from './commands/scenario';
import { addWhy } from './commands/why';
import { runProgram } from './run-program';

function makeProgram(): Command {
  const program = new Command('ldm').description('the Linux driver model in TypeScript');
  addCompare(program);
  addDevicetree(program);
  addExplore(program);
  addReplay(program);
  addScenario(program);
  addWhy(program);
  return program;
}

/** Runs one command; the exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  await runProgram(makeProgram(), args);
}

if (require.main === module) {
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  void main(process.argv.slice(2));
}
