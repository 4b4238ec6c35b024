import { CommanderError, type Command } from 'commander';
import { UsageError } from './usage-error';

/** Exit code for misuse; 1 is for a comparison that failed. */
const MISUSE = 2;

/**
 * Runs a command with what stands behind its name; the exit code is left in `process.exitCode`. Misuse is told in a line
 * that starts with the program's name.
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<void> {
  const name = program.name();
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, `${name}: `)) });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(name, error);
  }
}

/** commander has printed its own complaints already. */
function exitCodeOf(name: string, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSE;
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${name}: ${error.message}\n`);
  return MISUSE;
}
