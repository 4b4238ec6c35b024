import { createInterface, type Interface } from 'node:readline';
import {
  complete,
  Interrupted,
  Leave,
  LeaveShell,
  NO_INPUT,
  parse,
  ShellSession,
  ShellSyntaxError,
  type CommandDef,
  type Output,
  type ShellProcess,
  type Stream,
} from '../../lib/shell';
import type { VirtualMachine } from '../../machines';
import { lineWidth } from '../terminal';

/** Where an interactive session reads from and writes to. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Somebody sits there: there are prompts and colours. */
  readonly isTerminal: boolean;
}

/** Commands that may run in a session: enough for a lifetime, so that a loop is ended by Ctrl-C only. */
const BUDGET = Number.MAX_SAFE_INTEGER;
const BOLD_GREEN = '\x1b[1;32m';
const BOLD_BLUE = '\x1b[1;34m';
const PLAIN = '\x1b[0m';

/** A shell with a prompt, history and completion. */
export class InteractiveShell {
  readonly session: ShellSession;
  readonly shell: ShellProcess;
  readonly #machine: VirtualMachine;
  readonly #terminal: Terminal;
  readonly #readline: Interface;
  /** Lines of a command that is not complete. */
  #begun = '';
  #busy = false;

  constructor(machine: VirtualMachine, terminal: Terminal, commands: readonly CommandDef[] = []) {
    this.#machine = machine;
    this.#terminal = terminal;
    const breathe = (): Promise<void> => new Promise((done) => setImmediate(done));
    this.session = new ShellSession(machine, { budget: BUDGET, breathe, commands: [...commands, this.#history()] });
    const output: Output = { write: (text) => void terminal.output.write(text) };
    const stream: Stream = { output };
    this.shell = this.session.newShell(
      new Map<number, Stream>([
        [0, { input: NO_INPUT }],
        [1, stream],
        [2, stream],
      ]),
    );
    this.session.notice = (text) => void terminal.output.write(text);
    this.session.world.columns = lineWidth();
    if (terminal.isTerminal) this.session.world.terminal = output;
    this.#readline = createInterface({
      input: terminal.input,
      output: terminal.output,
      terminal: terminal.isTerminal,
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string): [string[], string] => {
        const { matches, word } = complete(this.shell, line);
        return [[...matches], word];
      },
    });
    this.#readline.on('SIGINT', () => this.#interrupt());
  }

  /** Reads and runs commands until the input ends, or `exit`. @returns the status of the last command */
  async run(): Promise<number> {
    this.#prompt();
    try {
      for await (const line of this.#readline) {
        await this.runLine(line);
        this.#prompt();
      }
    } catch (error) {
      if (!(error instanceof LeaveShell)) throw error;
      this.#readline.close();
      return error.status;
    }
    if (this.#begun !== '') await this.shell.complain('syntax error: unexpected end of file');
    else if (this.#terminal.isTerminal) this.#terminal.output.write('\n');
    return this.#begun === '' ? this.shell.status : 2;
  }

  /** Runs one line, or keeps it until the command is complete. @throws LeaveShell for `exit` */
  async runLine(line: string): Promise<void> {
    this.#begun += `${line}\n`;
    this.#busy = true;
    try {
      const list = parse(this.#begun);
      this.#begun = '';
      await this.shell.run(list);
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#busy = false;
      this.session.world.interrupted = false;
    }
  }

  /** Shows a command for the user to edit or to run. @throws LeaveShell for `exit`, and at the end of input */
  async runSuggested(command: string): Promise<void> {
    this.#prompt();
    this.#readline.write(command);
    const line = await new Promise<string>((resolve, reject) => {
      this.#readline.once('line', resolve);
      this.#readline.once('close', () => reject(new LeaveShell(0)));
    });
    await this.runLine(line);
  }

  close(): void {
    this.#readline.close();
    this.session.close();
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof ShellSyntaxError) {
      if (error.incomplete) return;
      this.#begun = '';
      this.shell.status = 2;
      await this.shell.complain(error.message);
    } else if (error instanceof Interrupted) {
      this.#terminal.output.write('\n');
      this.shell.status = error.status;
    } else if (error instanceof LeaveShell || !(error instanceof Leave)) throw error;
  }

  #interrupt(): void {
    if (this.#busy) {
      this.session.world.interrupted = true;
      return;
    }
    this.#begun = '';
    this.#terminal.output.write('^C\n');
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #prompt(): void {
    if (!this.#terminal.isTerminal) return;
    const { base } = this.#machine.def;
    const prompt = `${BOLD_GREEN}${base}${PLAIN}:${BOLD_BLUE}${this.shell.cwd}${PLAIN}# `;
    this.#readline.setPrompt(this.#begun === '' ? prompt : '> ');
    this.#readline.prompt();
  }

  #history(): CommandDef {
    return {
      name: 'history',
      usage: '',
      help: 'prints the lines that were typed',
      builtin: true,
      run: async ({ out }) => {
        const { history = [] } = this.#readline as Interface & { readonly history?: readonly string[] };
        for (const [index, line] of [...history].reverse().entries())
          await out(`${String(index).padStart(5)} ${line}\n`);
        return 0;
      },
    };
  }
}
