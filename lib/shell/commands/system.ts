import { ErrnoError, strerror } from '../../errno';
import { absolute } from '../expand/glob';
import { CommandError, type Call, type CommandDef } from '../run/command';
import { readAll } from '../run/io';
import { flagsOf, openInput } from './inputs';

const COLOURS = { crit: '1;31', err: '1;31', warn: '33', info: '', debug: '2' } as const;
const LEVELS = { crit: 2, err: 3, warn: 4, info: 6, debug: 7 } as const;

async function dmesg(call: Call): Promise<number> {
  const { letters, values } = flagsOf(call.args, 'cn:rst');
  if (values.has('n')) return 0; // For the console, which shows nothing.
  const { log } = call.shell.world.machine.kernel;
  const lines = log.lines();
  for (const [index, { level, text }] of log.entries.entries()) {
    const line = letters.has('t') ? text : (lines[index] ?? text);
    const colour = call.shell.isTerminal ? COLOURS[level] : '';
    const prefix = letters.has('r') ? `<${String(LEVELS[level])}>` : '';
    await call.out(`${prefix}${colour === '' ? line : `\x1b[${colour}m${line}\x1b[0m`}\n`);
  }
  return 0;
}

/** Time passes in the machine; nobody waits for it. */
async function sleep(call: Call, unit: number): Promise<number> {
  let ns = 0;
  for (const arg of call.args) {
    const [, number = '', suffix = 's'] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(arg) ?? [];
    if (number === '') throw new CommandError(`invalid number '${arg}'`);
    ns += Number(number) * unit * { '': 1, s: 1, m: 60, h: 3600, d: 86400 }[suffix as 's'];
  }
  await call.shell.world.machine.pass(Math.min(ns, MOST_NS));
  return 0;
}

const MOST_NS = 86_400e9;

async function uname(call: Call): Promise<number> {
  const { letters } = flagsOf(call.args, 'asnrvmop');
  const { release, arch } = call.shell.world.machine;
  const all = letters.has('a');
  const words = [
    all || letters.has('s') || letters.size === 0 ? 'Linux' : '',
    all || letters.has('n') ? '(none)' : '',
    all || letters.has('r') ? release : '',
    all || letters.has('m') ? arch : '',
    all || letters.has('o') ? 'GNU/Linux' : '',
  ];
  await call.out(`${words.filter((word) => word !== '').join(' ')}\n`);
  return 0;
}

async function make(call: Call, kind: 'dir' | 'file'): Promise<number> {
  const { rest, letters } = flagsOf(call.args, 'pc');
  let status = 0;
  for (const path of rest) {
    try {
      const { dir, name, node } = call.shell.tree.entry(absolute(call.shell.cwd, path));
      if (node !== undefined && (kind === 'file' || letters.has('p'))) continue;
      if (node !== undefined) throw new ErrnoError('EEXIST', { syscall: 'mkdir', path });
      if (dir.create === undefined) throw new ErrnoError('EPERM', { syscall: 'mkdir', path });
      dir.create(name, kind);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      await call.complain(`${kind === 'dir' ? `can't create directory '${path}'` : path}: ${strerror(error.errno)}`);
      status = 1;
    }
  }
  return status;
}

async function rm(call: Call): Promise<number> {
  const { rest, letters } = flagsOf(call.args, 'rRf');
  let status = 0;
  for (const path of rest) {
    try {
      const { dir, name, node } = call.shell.tree.entry(absolute(call.shell.cwd, path));
      if (node === undefined) throw new ErrnoError('ENOENT', { syscall: 'unlink', path });
      if (node.kind === 'dir' && !letters.has('r') && !letters.has('R')) {
        throw new ErrnoError('EISDIR', { syscall: 'unlink', path });
      }
      if (dir.remove === undefined) throw new ErrnoError('EPERM', { syscall: 'unlink', path });
      dir.remove(name);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      if (letters.has('f') && error.code === 'ENOENT') continue;
      await call.complain(`can't remove '${path}': ${strerror(error.errno)}`);
      status = 1;
    }
  }
  return status;
}

async function cp(call: Call): Promise<number> {
  const [from, to] = flagsOf(call.args, 'rfa').rest;
  if (from === undefined || to === undefined) throw new CommandError('usage: cp FILE FILE');
  try {
    await call.shell.writeFile(to, await readAll(await openInput(call, from)));
    return 0;
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    throw new CommandError(`can't stat '${from}': ${strerror(error.errno)}`);
  }
}

async function ln(call: Call): Promise<number> {
  const { letters, rest } = flagsOf(call.args, 'sf');
  const [target, path] = rest;
  if (target === undefined || path === undefined || !letters.has('s'))
    throw new CommandError('usage: ln -s TARGET LINK');
  try {
    const { dir, name, node } = call.shell.tree.entry(absolute(call.shell.cwd, path));
    if (dir.link === undefined) throw new ErrnoError('EPERM', { syscall: 'symlink', path });
    if (node !== undefined && letters.has('f')) dir.remove?.(name);
    dir.link(name, target);
    return 0;
  } catch (error) {
    if (error instanceof ErrnoError) throw new CommandError(`${path}: ${strerror(error.errno)}`);
    throw error;
  }
}

async function env(call: Call): Promise<number> {
  for (const [name, value] of call.shell.variables) await call.out(`${name}=${value}\n`);
  return 0;
}

export const systemCommands: readonly CommandDef[] = [
  { name: 'dmesg', usage: '[-t]', help: "prints the kernel's log", run: dmesg },
  { name: 'sleep', usage: 'SECONDS', help: 'lets time pass in the machine', run: (call) => sleep(call, 1e9) },
  { name: 'usleep', usage: 'MICROSECONDS', help: 'lets time pass in the machine', run: (call) => sleep(call, 1e3) },
  { name: 'uname', usage: '[-asnrm]', help: 'names kernel and machine', run: uname },
  { name: 'mkdir', usage: '[-p] DIR...', help: 'makes directories, below /tmp', run: (call) => make(call, 'dir') },
  { name: 'touch', usage: 'FILE...', help: 'makes files, below /tmp', run: (call) => make(call, 'file') },
  { name: 'rm', usage: '[-rf] FILE...', help: 'removes files, below /tmp', run: rm },
  { name: 'cp', usage: 'FILE FILE', help: 'copies a file', run: cp },
  { name: 'ln', usage: '-s TARGET LINK', help: 'makes a link, below /tmp', run: ln },
  { name: 'env', usage: '', help: 'prints the variables', run: env },
];
