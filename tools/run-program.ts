import { CommanderError, type Command } from 'commander';
import { ForeignWait } from '../lib';
import { advice } from './names';
import { strerrorOf } from './system-error';
import { lineWidth } from './terminal';
import { UsageError } from './usage-error';

/** Exit code for misuse and for output that cannot be written; 1 is for a comparison that failed. */
const MISUSE = 2;

/**
 * Runs a command with its arguments; the exit code is left in `process.exitCode`. A usage error is reported in one line
 * that starts with the program's name.
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<void> {
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      throw error.exitCode === 0 || error.code === 'commander.help' ? error : misuse(command, error);
    });
    command.showSuggestionAfterError(false);
    command.configureHelp({ minWidthToWrap: 20 });
    command.configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: lineWidth,
      getErrHelpWidth: lineWidth,
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(program.name(), error);
  }
}

/** {@link runProgram} as a process of its own: output that cannot be written ends it with one line of error. */
export function runProcess(program: Command): void {
  process.stdout.on('error', (error) => {
    printError(program.name(), `cannot write the output: ${strerrorOf(error)}`);
    process.exit(MISUSE);
  });
  process.stderr.on('error', () => undefined);
  void runProgram(program, process.argv.slice(2));
}

/** commander's own words, with the names that there are. */
function misuse(command: Command, { code, message }: CommanderError): UsageError {
  const text = message.replace(/^error: /, '');
  const wanted = /'(.*)'/.exec(text)?.[1] ?? '';
  if (code === 'commander.unknownCommand')
    return new UsageError(`${text}; ${advice('command', wanted, commands(command))}`);
  if (code === 'commander.unknownOption') return new UsageError(`${text}; ${advice('option', wanted, flags(command))}`);
  return new UsageError(text);
}

function commands(command: Command): string[] {
  return command.commands.map((sub) => sub.name());
}

function flags(command: Command): string[] {
  const { options } = command;
  return [...options.flatMap(({ long, short }) => long ?? short ?? []), '--help'];
}

/** commander has printed help by itself. */
function exitCodeOf(name: string, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSE;
  if (!(error instanceof UsageError) && !(error instanceof ForeignWait)) throw error;
  printError(name, error.message);
  return MISUSE;
}

/** One line, whatever is in it. */
function printError(name: string, message: string): void {
  process.stderr.write(`${name}: ${message.replaceAll(/\p{Cc}+/gu, ' ')}\n`);
}
