#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addCompare } from './commands/compare';
import { addExplore } from './commands/explore';
import { addReplay } from './commands/replay';
import { addScenario } from './commands/scenario';
import { addWhy } from './commands/why';
import { UsageError } from './usage-error';

/** Exit code for misuse; 1 is for a comparison that failed. */
const MISUSE = 2;

function makeProgram(): Command {
  const program = new Command('ldm').description('the Linux driver model in TypeScript').exitOverride();
  program.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'ldm: ')) });
  addCompare(program);
  addExplore(program);
  addReplay(program);
  addScenario(program);
  addWhy(program);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

/** Runs one command; the exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** commander has printed its own complaints already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSE;
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`ldm: ${error.message}\n`);
  return MISUSE;
}

if (require.main === module) {
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  void main(process.argv.slice(2));
}
