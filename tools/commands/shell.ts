import type { Command } from 'commander';
import { chunksOf, modulesOf, ShellSession, ShellSyntaxError, writeTranscript } from '../../lib/shell';
import { BASES } from '../../machines';
import { InteractiveShell } from '../shell/interactive';
import { bootMachine, machineNamed } from '../shell/load-machine';
import { readTextFile } from '../text-file';
import { UsageError } from '../usage-error';

interface Options {
  readonly machine: string;
}

const MACHINE = `${BASES.join(', ')}, or a machine file (NAME.json)`;
const WELCOME = 'Type `help` for what there is, `exit` to leave; `ldm tour` leads through it.\n';

/** Adds `ldm shell`. */
export function addShell(program: Command): void {
  program
    .command('shell')
    .description("work in a machine's /sys; with a script, print its transcript")
    .argument('[script]', 'commands, and comments; `# modules: LIST` says what is loaded before')
    .option('-m, --machine <machine>', MACHINE, 'x86-pci')
    .action((script: string | undefined, { machine }: Options) =>
      script === undefined ? interactive(machine) : transcript(machine, script),
    );
}

async function transcript(name: string, file: string): Promise<void> {
  const def = machineNamed(name);
  const script = readTextFile(file);
  checkSyntax(file, script);
  const machine = await bootMachine(name, def, { modules: modulesOf(script) });
  await writeTranscript(new ShellSession(machine), script, (text) => void process.stdout.write(text));
}

function checkSyntax(file: string, script: string): void {
  try {
    chunksOf(script);
  } catch (error) {
    if (error instanceof ShellSyntaxError) throw new UsageError(`${file}:${String(error.line)}: ${error.message}`);
    throw error;
  }
}

async function interactive(name: string): Promise<void> {
  const machine = await bootMachine(name, machineNamed(name));
  const { stdin, stdout } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  if (isTerminal) stdout.write(WELCOME);
  process.exitCode = await new InteractiveShell(machine, { input: stdin, output: stdout, isTerminal }).run();
}
