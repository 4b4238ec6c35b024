import { ErrnoError } from '../../errno';
import { CommandError, type Call, type CommandDef } from '../run/command';
import { readLines, readAll } from '../run/io';
import { LeaveFunction, LeaveLoop, LeaveShell } from '../run/signals';
import { parse } from '../syntax/parser';
import { ShellSyntaxError } from '../syntax/error';
import { absolute } from '../expand/glob';
import { normalize } from '../files/walk';
import { openInput } from './inputs';

function builtin(name: string, usage: string, help: string, run: CommandDef['run']): CommandDef {
  return { name, usage, help, builtin: true, run };
}

/** The directory by its name, links in it as they are written. @see shell/ash.c cdcmd */
async function cd({ shell, args, out }: Call): Promise<number> {
  const wanted = args[0] ?? shell.parameter('HOME') ?? '/';
  const isBack = wanted === '-';
  const target = isBack ? (shell.parameter('OLDPWD') ?? '/') : wanted;
  const path = normalize(absolute(shell.cwd, target));
  const problem = whyNoDir(shell, path);
  if (problem !== null) throw new CommandError(`cd: can't cd to ${wanted}: ${problem}`, 2);
  shell.assign('OLDPWD', shell.cwd);
  shell.assign('PWD', path);
  shell.cwd = path;
  if (isBack) await out(`${path}\n`);
  return 0;
}

function whyNoDir(shell: Call['shell'], path: string): string | null {
  try {
    return shell.tree.lookup(path, true).node.kind === 'dir' ? null : 'Not a directory';
  } catch (error) {
    if (error instanceof ErrnoError) return error.message.replace(/^\w+: ([^,]*).*$/s, '$1');
    throw error;
  }
}

function count(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new CommandError(`Illegal number: ${text}`, 2);
  return Number(text);
}

/** Text that is run as commands of this shell. */
async function source(shell: Call['shell'], text: string, where: string): Promise<number> {
  try {
    await shell.run(parse(text));
    return shell.status;
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    throw new CommandError(`${where}line ${String(error.line)}: ${error.message}`, 2);
  }
}

/** @see shell/ash.c readcmd */
async function read({ shell, args, input }: Call): Promise<number> {
  const isRaw = args.includes('-r');
  const names = args.filter((arg) => !arg.startsWith('-'));
  const given = await oneLine(input);
  const line = (isRaw ? given : given.replace(/\\(.)/g, '$1')).replace(/\n$/, '');
  const words = line.trim().split(/[ \t]+/);
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    shell.assign(name, (isLast ? words.slice(index).join(' ') : words[index]) ?? '');
  }
  return given.endsWith('\n') ? 0 : 1;
}

/** Byte by byte, so that the rest is there for the next one. */
async function oneLine(input: Call['input']): Promise<string> {
  for await (const line of readLines({ read: () => input.read(1) })) return line;
  return '';
}

function exported({ shell, args }: Call): number {
  for (const arg of args) {
    const [, name = '', value] = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(arg) ?? [];
    if (name === '' && !arg.startsWith('-')) throw new CommandError(`${arg}: bad variable name`, 2);
    if (value !== undefined) shell.assign(name, value);
  }
  return 0;
}

async function set({ shell, args, out }: Call): Promise<number> {
  if (args.length === 0) {
    const quote = (value: string): string => `'${value.replaceAll("'", `'"'"'`)}'`;
    const lines = [...shell.variables].sort().map(([name, value]) => `${name}=${quote(value)}\n`);
    await out(lines.join(''));
  } else if (args[0] === '--') shell.args = args.slice(1);
  else if (!/^[-+]/.test(args[0] ?? '')) shell.args = args;
  return 0;
}

function shift({ shell, args }: Call): number {
  const by = count(args[0], 1);
  if (by > shell.args.length) throw new CommandError("shift: can't shift that many", 2);
  shell.args = shell.args.slice(by);
  return 0;
}

async function type({ shell, args, out, complain }: Call): Promise<number> {
  let status = 0;
  for (const name of args) {
    const known = shell.world.commands.get(name);
    if (shell.functions.has(name)) await out(`${name} is a shell function\n`);
    else if (known?.builtin === true) await out(`${name} is a shell builtin\n`);
    else if (known !== undefined) await out(`${name} is /bin/${name}\n`);
    else {
      await complain(`type: ${name}: not found`);
      status = 127;
    }
  }
  return status;
}

async function command(call: Call): Promise<number> {
  const { shell, args, out } = call;
  const [first, ...rest] = args;
  if (first === '-v' || first === '-V') {
    const known = shell.world.commands.get(rest[0] ?? '');
    if (known !== undefined) await out(`${known.builtin === true ? known.name : `/bin/${known.name}`}\n`);
    return known === undefined ? 127 : 0;
  }
  const def = shell.world.commands.get(first ?? '');
  if (def === undefined) throw new CommandError(`${first ?? ''}: not found`, 127);
  return shell.runCommand(def, rest);
}

export const stateCommands: readonly CommandDef[] = [
  builtin('cd', '[DIR]', 'changes the current directory', cd),
  builtin('pwd', '', 'prints the current directory', async ({ shell, out }) => {
    await out(`${shell.cwd}\n`);
    return 0;
  }),
  builtin('set', '[-- ARG...]', 'prints the variables, or sets $1, $2, ...', set),
  builtin('export', 'NAME[=VALUE]...', 'sets variables', exported),
  builtin('unset', 'NAME...', 'removes variables and functions', ({ shell, args }) => {
    for (const name of args.filter((arg) => !arg.startsWith('-'))) {
      shell.variables.delete(name);
      shell.functions.delete(name);
    }
    return 0;
  }),
  builtin('local', 'NAME[=VALUE]...', 'sets variables', exported),
  builtin('shift', '[N]', 'drops the first arguments', shift),
  builtin('read', '[-r] NAME...', 'reads a line into variables', read),
  builtin('eval', 'WORD...', 'runs its words as a command', ({ shell, args }) =>
    source(shell, args.join(' '), 'eval: '),
  ),
  builtin('.', 'FILE', 'runs the commands of a file', async (call) => {
    const [path = ''] = call.args;
    return source(call.shell, await readAll(await openInput(call, path)), `${path}: `);
  }),
  builtin('exit', '[N]', 'leaves the shell', ({ shell, args }) => {
    throw new LeaveShell(count(args[0], shell.status) & 0xff);
  }),
  builtin('return', '[N]', 'leaves a function', ({ shell, args }) => {
    throw new LeaveFunction(count(args[0], shell.status) & 0xff);
  }),
  builtin('break', '[N]', 'leaves a loop', ({ args }) => {
    throw new LeaveLoop(false, count(args[0], 1));
  }),
  builtin('continue', '[N]', 'begins the next round of a loop', ({ args }) => {
    throw new LeaveLoop(true, count(args[0], 1));
  }),
  builtin('type', 'NAME...', 'says what a command is', type),
  builtin('command', '[-v] NAME', 'runs a command that is no function', command),
];
