#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addCompare } from './commands/compare';
import { addReplay } from './commands/replay';
import { UsageError } from './usage-error';

/** Exit code for misuse; 1 is for a comparison that failed. */
const MISUSE = 2;

function makeProgram(): Command {
  const program = new Command('ldm').description('the Linux driver model in TypeScript').exitOverride();
  program.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'ldm: ')) });
  addCompare(program);
  addReplay(program);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

async function main(): Promise<void> {
  try {
    await makeProgram().parseAsync();
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

// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

void main();
