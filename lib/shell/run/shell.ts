import { ErrnoError, strerror } from '../../errno';
import { fnmatch } from '../../userspace/fnmatch';
import { Expander, ExpansionError, type ExpansionContext } from '../expand/expand';
import { absolute } from '../expand/glob';
import type { FileTree } from '../files/walk';
import type {
  AndOr,
  Assignment,
  CaseCommand,
  Command,
  ForCommand,
  IfCommand,
  List,
  LoopCommand,
  Pipeline,
  SimpleCommand,
} from '../syntax/ast';
import { CommandError, type Call, type CommandDef, type Shell, type ShellWorld } from './command';
import { badDescriptor, Kept, NO_INPUT, type Stream } from './io';
import { Redirections } from './redirect';
import { Interrupted, Leave, LeaveFunction, LeaveLoop, LeaveShell } from './signals';

/** Functions that call themselves, and subshells, within each other. */
const MAX_DEPTH = 500;
/** Commands between two looks at what the user does. */
const BREATH = 64;
const NOT_FOUND = 127;
const KILLED = 137;

/** A shell, as busybox 1.35 has it: variables, functions, a directory, descriptors. @see shell/ash.c */
export class ShellProcess implements Shell, ExpansionContext {
  readonly world: ShellWorld;
  readonly variables: Map<string, string>;
  readonly functions: Map<string, Command>;
  args: readonly string[] = [];
  cwd = '/';
  status = 0;
  /** What the descriptors stand for. */
  fds: ReadonlyMap<number, Stream>;
  readonly #expander = new Expander(this);
  readonly #depth: number;

  constructor(world: ShellWorld, fds: ReadonlyMap<number, Stream>, from?: ShellProcess) {
    this.world = world;
    this.fds = fds;
    this.variables = new Map(
      from?.variables ?? [
        ['HOME', '/'],
        ['PATH', '/bin'],
        ['IFS', ' \t\n'],
        ['PWD', '/'],
      ],
    );
    this.functions = new Map(from?.functions);
    this.#depth = from === undefined ? 0 : from.#depth + 1;
    if (from === undefined) return;
    this.args = from.args;
    this.cwd = from.cwd;
    this.status = from.status;
  }

  /** Is its standard output a terminal? */
  get isTerminal(): boolean {
    const output = this.fds.get(1)?.output;
    return output !== undefined && output === this.world.terminal;
  }

  /** Writes a text to a file, as `>` does. @throws CommandError */
  async writeFile(path: string, text: string): Promise<void> {
    const redirections = new Redirections(this, (word) => this.#expander.text(word));
    const target = [{ kind: 'text' as const, text: path, quoted: true }];
    try {
      const fds = await redirections.open([{ fd: 1, op: '>', target }]);
      await fds.get(1)?.output?.write(text);
    } finally {
      await redirections.close();
    }
  }

  get tree(): FileTree {
    return this.world.tree;
  }

  parameter(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(this.status);
      case '$':
        return '1';
      case '0':
        return 'sh';
      case '-':
      case '!':
        return '';
      default:
        return this.variables.get(name);
    }
  }

  assign(name: string, value: string): void {
    this.variables.set(name, value);
  }

  async substitute(body: List): Promise<string> {
    const kept = new Kept();
    const inner = this.subshell(new Map([...this.fds, [1, { output: kept }]]));
    this.status = await inner.runAll(body);
    return kept.text;
  }

  /** A shell of its own with a copy of everything. */
  subshell(fds: ReadonlyMap<number, Stream>): ShellProcess {
    if (this.#depth >= MAX_DEPTH) throw new CommandError('too many shells within each other', 2);
    return new ShellProcess(this.world, fds, this);
  }

  /** Runs a list to its end, or to `exit`. @returns the status @throws Interrupted */
  async runAll(list: List): Promise<number> {
    try {
      await this.run(list);
    } catch (error) {
      if (!(error instanceof Leave) || error instanceof Interrupted) throw error;
      this.status = error instanceof LeaveLoop ? this.status : error.status;
    }
    return this.status;
  }

  /** Runs a list. @throws Leave when something leaves it */
  async run(list: List): Promise<void> {
    for (const each of list) await this.#andOr(each);
  }

  async #andOr({ first, rest }: AndOr): Promise<void> {
    await this.#pipeline(first);
    for (const { op, pipeline } of rest) if ((this.status === 0) === (op === '&&')) await this.#pipeline(pipeline);
  }

  async #pipeline({ negated, commands }: Pipeline): Promise<void> {
    if (commands.length === 1 && commands[0] !== undefined) await this.#command(commands[0]);
    else await this.#pipe(commands);
    if (negated) this.status = this.status === 0 ? 1 : 0;
  }

  /** Each command has ended before the next one reads what it wrote. */
  async #pipe(commands: readonly Command[]): Promise<void> {
    let input: Stream | undefined = this.fds.get(0);
    for (const [index, command] of commands.entries()) {
      const isLast = index === commands.length - 1;
      const kept = new Kept();
      const fds = new Map(this.fds);
      if (input !== undefined) fds.set(0, input);
      if (!isLast) fds.set(1, { output: kept });
      const inner = this.subshell(fds);
      const status = await inner.runAll([{ first: { negated: false, commands: [command] }, rest: [] }]);
      if (isLast) this.status = status;
      input = { input: kept.toInput() };
    }
  }

  async #command(command: Command): Promise<void> {
    if (command.kind === 'function') {
      this.functions.set(command.name, command.body);
      this.status = 0;
      return;
    }
    await this.#count();
    try {
      await this.#redirected(command);
    } catch (error) {
      if (error instanceof Leave) throw error;
      await this.#failed(error);
    }
  }

  /** Work has a bound, and Ctrl-C is seen. */
  async #count(): Promise<void> {
    this.world.budget -= 1;
    if (this.world.budget % BREATH === 0) await this.world.breathe?.();
    if (this.world.interrupted || this.world.budget < 0) throw new Interrupted();
  }

  async #redirected(command: Exclude<Command, { kind: 'function' }>): Promise<void> {
    if (command.kind === 'simple') return this.#simple(command);
    if (command.redirects.length === 0) return this.#compound(command);
    const redirections = new Redirections(this, (word) => this.#expander.text(word));
    const before = this.fds;
    try {
      this.fds = await redirections.open(command.redirects);
      await this.#compound(command);
    } finally {
      this.fds = before;
      await redirections.close();
    }
  }

  async #compound(command: Exclude<Command, { kind: 'function' | 'simple' }>): Promise<void> {
    switch (command.kind) {
      case 'if':
        return this.#if(command);
      case 'for':
        return this.#for(command);
      case 'while':
      case 'until':
        return this.#loop(command);
      case 'case':
        return this.#case(command);
      case 'group':
        return this.run(command.body);
      case 'subshell':
        this.status = await this.subshell(this.fds).runAll(command.body);
    }
  }

  async #if({ branches, otherwise }: IfCommand): Promise<void> {
    for (const { test, body } of branches) {
      await this.run(test);
      if (this.status === 0) return this.run(body);
    }
    this.status = 0;
    if (otherwise !== null) await this.run(otherwise);
  }

  async #for({ name, words, body }: ForCommand): Promise<void> {
    const values = words === null ? this.args : await this.#expander.words(words);
    this.status = 0;
    for (const value of values) {
      this.assign(name, value);
      if (await this.#once(body)) return;
    }
  }

  async #loop({ kind, test, body }: LoopCommand): Promise<void> {
    let status = 0;
    for (;;) {
      await this.#count();
      await this.run(test);
      if ((this.status === 0) !== (kind === 'while')) break;
      if (await this.#once(body)) return;
      status = this.status;
    }
    this.status = status;
  }

  /** @returns true when the loop is left */
  async #once(body: List): Promise<boolean> {
    try {
      await this.run(body);
      return false;
    } catch (error) {
      if (!(error instanceof LeaveLoop)) throw error;
      this.status = 0;
      if (error.loops > 1) throw new LeaveLoop(error.again, error.loops - 1);
      return !error.again;
    }
  }

  async #case({ word, arms }: CaseCommand): Promise<void> {
    const text = await this.#expander.text(word);
    this.status = 0;
    for (const { patterns, body } of arms) {
      for (const pattern of patterns) {
        if (fnmatch(await this.#expander.pattern(pattern), text)) return this.run(body);
      }
    }
  }

  async #simple({ assignments, words, redirects }: SimpleCommand): Promise<void> {
    const before = this.status;
    this.status = 0;
    const [name, ...args] = await this.#expander.words(words);
    if (words.length > 0) this.status = before;
    const redirections = new Redirections(this, (word) => this.#expander.text(word));
    try {
      const fds = await redirections.open(redirects);
      const values = await this.#values(assignments);
      if (name === undefined) for (const [variable, value] of values) this.assign(variable, value);
      else await this.#with(values, () => this.#call(name, args, fds));
    } finally {
      await redirections.close();
    }
  }

  async #values(assignments: readonly Assignment[]): Promise<(readonly [string, string])[]> {
    const values: (readonly [string, string])[] = [];
    for (const { name, value } of assignments) values.push([name, await this.#expander.text(value)]);
    return values;
  }

  /** Variables that only one command sees. */
  async #with(values: readonly (readonly [string, string])[], body: () => Promise<void>): Promise<void> {
    const before = values.map(([name]) => [name, this.variables.get(name)] as const);
    for (const [name, value] of values) this.assign(name, value);
    try {
      await body();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) this.variables.delete(name);
        else this.assign(name, value);
      }
    }
  }

  async #call(name: string, args: readonly string[], fds: ReadonlyMap<number, Stream>): Promise<void> {
    const body = this.functions.get(name);
    if (body !== undefined) return this.#function(body, args, fds);
    const command = this.world.commands.get(name.startsWith('/bin/') ? name.slice(5) : name);
    if (command === undefined) {
      await this.complain(name.includes('/') ? `${name}: ${this.#whyNot(name)}` : this.#unknown(name));
      this.status = NOT_FOUND;
      return;
    }
    const before = this.fds;
    this.fds = fds;
    try {
      this.status = await this.runCommand(command, args);
    } finally {
      this.fds = before;
    }
    await this.world.machine.commandDone();
  }

  #unknown(name: string): string {
    return this.world.notFound?.(name) ?? `${name}: not found`;
  }

  #whyNot(path: string): string {
    try {
      this.tree.lookup(absolute(this.cwd, path), true);
      return 'Permission denied';
    } catch {
      return 'not found';
    }
  }

  async #function(body: Command, args: readonly string[], fds: ReadonlyMap<number, Stream>): Promise<void> {
    const [before, outer] = [this.fds, this.args];
    this.fds = fds;
    this.args = args;
    try {
      if (++this.#calls > MAX_DEPTH) throw new CommandError('function calls are nested too deeply', 2);
      await this.#command(body);
    } catch (error) {
      if (!(error instanceof LeaveFunction)) throw error;
      this.status = error.status;
    } finally {
      this.#calls -= 1;
      this.fds = before;
      this.args = outer;
    }
  }

  #calls = 0;

  /** Runs a command with the descriptors of this shell. @returns its status */
  async runCommand(command: CommandDef, args: readonly string[]): Promise<number> {
    const who = command.builtin === true ? 'sh' : command.name;
    const call: Call = {
      shell: this,
      name: command.name,
      args,
      input: this.fds.get(0)?.input ?? NO_INPUT,
      out: (text) => (this.fds.get(1)?.output ?? { write: badDescriptor }).write(text),
      complain: (message) => this.#error(`${who}: ${message}\n`),
    };
    try {
      return await command.run(call);
    } catch (error) {
      if (error instanceof ErrnoError) await call.complain(`write error: ${strerror(error.errno)}`);
      else if (error instanceof CommandError) await call.complain(error.message);
      else throw error;
      return error instanceof CommandError ? error.status : 1;
    }
  }

  /** A message of the shell itself. */
  async complain(message: string): Promise<void> {
    await this.#error(`sh: ${message}\n`);
  }

  async #error(text: string): Promise<void> {
    await this.fds.get(2)?.output?.write(text);
  }

  /** A command could not be run, or the kernel has killed it. */
  async #failed(error: unknown): Promise<void> {
    if (error instanceof CommandError || error instanceof ExpansionError) {
      await this.complain(error.message);
      this.status = error instanceof CommandError ? error.status : 2;
      if (error instanceof ExpansionError) throw new LeaveShell(2);
      return;
    }
    await this.#error('Killed\n');
    this.status = KILLED;
    this.world.machine.commandDied(error);
  }
}
