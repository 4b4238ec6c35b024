import type { MaySleep } from '../../may-sleep';
import type { FileTree } from '../files/walk';
import type { ShellMachine } from '../machine';
import type { Command, List } from '../syntax/ast';
import type { UeventQueue } from '../uevent-queue';
import type { Input, Output, Stream } from './io';

/** What all shells of one session share. */
export interface ShellWorld {
  readonly machine: ShellMachine;
  readonly tree: FileTree;
  readonly uevents: UeventQueue;
  readonly commands: ReadonlyMap<string, CommandDef>;
  /** How many commands may still run. */
  budget: number;
  /** Set by Ctrl-C: the next command is not run. */
  interrupted: boolean;
  /** Ends what `trace on` began; null: nothing is traced. */
  endTrace: (() => void) | null;
  /** Ends what `uevents -f` began. */
  endFollow: (() => void) | null;
  /** Tells the user something that no command prints. */
  notice(text: string): void;
  /** Lets the user interrupt. Default: nothing. */
  breathe?(): Promise<void>;
  /** Of the terminal. */
  columns: number;
  /** The output that is a terminal, where names are coloured. */
  terminal: Output | null;
  /** A command that the shell does not know. Default: it is not found. */
  notFound?(name: string): string;
}

/** A shell as its commands see it. */
export interface Shell {
  readonly world: ShellWorld;
  readonly tree: FileTree;
  readonly variables: Map<string, string>;
  readonly functions: Map<string, Command>;
  /** The arguments `$1` and up. */
  args: readonly string[];
  /** The current directory. */
  cwd: string;
  /** Of the last command. */
  status: number;
  /** What the descriptors stand for. */
  readonly fds: ReadonlyMap<number, Stream>;
  /** Is its standard output a terminal? */
  readonly isTerminal: boolean;
  /** A variable or a special parameter; undefined where it is not set. */
  parameter(name: string): string | undefined;
  assign(name: string, value: string): void;
  /** Runs a list of commands. @throws Leave when something leaves it */
  run(list: List): Promise<void>;
  /** Runs a command with the descriptors of this shell. @returns its status */
  runCommand(command: CommandDef, args: readonly string[]): Promise<number>;
  /** Writes a text to a file, as `>` does. @throws CommandError */
  writeFile(path: string, text: string): Promise<void>;
}

/** How a command is called. */
export interface Call {
  readonly shell: Shell;
  readonly name: string;
  /** Behind the name. */
  readonly args: readonly string[];
  readonly input: Input;
  /** Writes to the standard output. @throws ErrnoError what it refuses with */
  readonly out: (text: string) => MaySleep<void>;
  /** Writes a line to the standard error output, with the command's name before it. */
  readonly complain: (message: string) => MaySleep<void>;
}

/** A command by its name. */
export interface CommandDef {
  readonly name: string;
  /** What stands behind the name, for `help`. */
  readonly usage: string;
  readonly help: string;
  /** The shell itself does it, and is named in its messages. */
  readonly builtin?: boolean;
  /** @returns its status */
  run(call: Call): MaySleep<number>;
}

/** The command refuses to do something: a message, and its status. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly status = 1,
  ) {
    super(message);
  }
}
