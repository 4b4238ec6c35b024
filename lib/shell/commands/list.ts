import { ErrnoError, strerror } from '../../errno';
import { absolute, byBytes } from '../expand/glob';
import { fnmatch } from '../../userspace/fnmatch';
import type { DirNode, Node } from '../files/node';
import type { Place } from '../files/walk';
import { CommandError, type Call, type CommandDef } from '../run/command';
import { flagsOf } from './inputs';
import { painted } from './paint';

/** What a path leads to. @throws ErrnoError */
function lookup({ shell }: Call, path: string, follow: boolean): Place {
  if (path === '') throw new ErrnoError('ENOENT', { syscall: 'stat', path });
  return shell.tree.lookup(absolute(shell.cwd, path), follow);
}

interface Listed {
  readonly name: string;
  readonly node: Node;
}

/** Names in a directory, in byte order. */
function childrenOf(dir: DirNode): Listed[] {
  const children: Listed[] = [];
  for (const name of [...dir.names()].sort(byBytes)) {
    const node = dir.get(name);
    if (node !== undefined) children.push({ name, node });
  }
  return children;
}

/** @see coreutils/ls.c */
class Listing {
  readonly #call: Call;
  readonly #letters: ReadonlySet<string>;
  #printed = 0;
  status = 0;

  constructor(call: Call, letters: ReadonlySet<string>) {
    this.#call = call;
    this.#letters = letters;
  }

  async run(paths: readonly string[]): Promise<number> {
    const found = await this.#find(paths.length === 0 ? ['.'] : paths);
    const isDir = ({ node }: Listed): boolean => node.kind === 'dir' && !this.#letters.has('d');
    const files = found.filter((each) => !isDir(each));
    const dirs = found.filter(isDir);
    await this.#print(files);
    this.#printed += files.length;
    const named = found.length > 1 || this.#letters.has('R');
    for (const { name, node } of dirs) if (node.kind === 'dir') await this.#directory(name, node, named);
    return this.status;
  }

  async #find(paths: readonly string[]): Promise<Listed[]> {
    const found: Listed[] = [];
    for (const path of paths) {
      try {
        const { node } = lookup(this.#call, path, true);
        const shown = this.#shows(path, node);
        found.push({ name: path, node: shown });
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        await this.#call.complain(`${path}: ${strerror(error.errno)}`);
        this.status = 1;
      }
    }
    return found.sort((a, b) => byBytes(a.name, b.name));
  }

  /** With details a link is shown as such. */
  #shows(path: string, node: Node): Node {
    const isBare = this.#letters.has('l') || this.#letters.has('F') || this.#letters.has('d');
    return isBare ? lookup(this.#call, path, false).node : node;
  }

  async #directory(name: string, dir: DirNode, named: boolean): Promise<void> {
    if (named) await this.#call.out(`${this.#printed++ > 0 ? '\n' : ''}${name}:\n`);
    const all = this.#letters.has('a') || this.#letters.has('A');
    const children = childrenOf(dir).filter((child) => all || !child.name.startsWith('.'));
    const dots = this.#letters.has('a') ? ['.', '..'].map((dot) => ({ name: dot, node: dir })) : [];
    await this.#print([...dots, ...children]);
    if (!this.#letters.has('R')) return;
    for (const child of children) {
      if (child.node.kind === 'dir') await this.#directory(join(name, child.name), child.node, true);
    }
  }

  async #print(listed: readonly Listed[]): Promise<void> {
    const ordered = this.#letters.has('r') ? [...listed].reverse() : listed;
    const { columns } = this.#call.shell.world;
    const isTerminal = this.#call.shell.isTerminal;
    if (isTerminal && !this.#letters.has('l') && !this.#letters.has('1')) {
      const cells = ordered.map((each) => this.#cell(each, true));
      const widths = ordered.map((each) => this.#cell(each, false).length);
      await this.#call.out(inColumns(cells, widths, columns));
    } else for (const each of ordered) await this.#call.out(`${this.#line(each, isTerminal)}\n`);
  }

  #cell({ name, node }: Listed, paint: boolean): string {
    return (paint ? painted(name, node) : name) + this.#mark(node);
  }

  #mark({ kind, mode }: Node): string {
    if (this.#letters.has('F'))
      return { dir: '/', link: '@', char: '', block: '', file: mode & 0o111 ? '*' : '' }[kind];
    return this.#letters.has('p') && kind === 'dir' ? '/' : '';
  }

  /** With `-l`: the time is the epoch, which is when everything here was made. */
  #line(listed: Listed, paint: boolean): string {
    const { node } = listed;
    const name = this.#cell(listed, paint);
    if (!this.#letters.has('l')) return name;
    const target = node.kind === 'link' ? ` -> ${node.target}` : '';
    const links = node.kind === 'dir' ? '2' : '1';
    return `${modeText(node)} ${links.padStart(4)} 0        0        ${sizeText(node)} Jan  1 00:00 ${name}${target}`;
  }
}

const LETTER: Readonly<Record<Node['kind'], string>> = { dir: 'd', link: 'l', file: '-', char: 'c', block: 'b' };

function modeText({ kind, mode }: Node): string {
  const bits = Array.from('rwxrwxrwx').map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  return LETTER[kind] + bits.join('');
}

function sizeText(node: Node): string {
  if (node.kind === 'dir' || node.kind === 'link') return '0'.padStart(9);
  if (node.rdev === undefined) return String(node.size).padStart(9);
  return `${String(node.rdev[0]).padStart(4)},${String(node.rdev[1]).padStart(4)}`;
}

function join(dir: string, name: string): string {
  return dir.endsWith('/') ? dir + name : `${dir}/${name}`;
}

/** Down, then across, as wide as the terminal. */
function inColumns(cells: readonly string[], widths: readonly number[], columns: number): string {
  if (cells.length === 0) return '';
  const wide = Math.max(...widths) + 2;
  const across = Math.max(1, Math.floor(columns / wide));
  const rows = Math.ceil(cells.length / across);
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = cells
      .map((cell, index) => ({ cell, width: widths[index] ?? 0, index }))
      .filter(({ index }) => index % rows === row);
    return line.map(({ cell, width }, at) => (at < line.length - 1 ? cell + ' '.repeat(wide - width) : cell)).join('');
  });
  return lines.map((line) => `${line}\n`).join('');
}

const ls: CommandDef = {
  name: 'ls',
  usage: '[-1aAdFlpRr] [FILE...]',
  help: 'lists directories; links in them are not followed',
  run: (call) => {
    const { letters, rest } = flagsOf(call.args, '1aAdFlpRrhCnxsi');
    return new Listing(call, letters).run(rest);
  },
};

/** A path without links; its last name need not be there. @see libbb/xreadlink.c xmalloc_realpath_coreutils */
function realpath(call: Call, path: string): string {
  try {
    return lookup(call, path, true).path;
  } catch (error) {
    if (!(error instanceof ErrnoError) || path === '') throw error;
    const { dirPath, name, node } = call.shell.tree.entry(absolute(call.shell.cwd, path));
    if (node?.kind === 'link') return realpath(call, absolute(dirPath, node.target));
    if (node !== undefined) throw error;
    return join(dirPath, name);
  }
}

const readlink: CommandDef = {
  name: 'readlink',
  usage: '[-fn] FILE',
  help: 'prints where a link leads; -f: the path without any link',
  run: async (call) => {
    const { letters, rest } = flagsOf(call.args, 'fnv');
    if (rest[0] === undefined) throw new CommandError('usage: readlink [-fn] FILE');
    try {
      const target = letters.has('f') ? realpath(call, rest[0]) : linkTarget(lookup(call, rest[0], false).node);
      if (target === null) return 1;
      await call.out(`${target}${letters.has('n') ? '' : '\n'}`);
      return 0;
    } catch (error) {
      if (error instanceof ErrnoError && error.syscall !== 'write') return 1;
      throw error;
    }
  },
};

function linkTarget(node: Node): string | null {
  return node.kind === 'link' ? node.target : null;
}

const realpathCommand: CommandDef = {
  name: 'realpath',
  usage: 'FILE...',
  help: 'prints paths without links',
  run: async (call) => {
    let status = 0;
    for (const path of call.args) {
      try {
        await call.out(`${realpath(call, path)}\n`);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        await call.complain(`${path}: ${strerror(error.errno)}`);
        status = 1;
      }
    }
    return status;
  },
};

const basename: CommandDef = {
  name: 'basename',
  usage: 'FILE [SUFFIX]',
  help: 'prints the last name of a path',
  run: async ({ args, out }) => {
    const [path, suffix = ''] = args;
    if (path === undefined) throw new CommandError('usage: basename FILE [SUFFIX]');
    const bare = path.replace(/(?<=.)\/+$/, '');
    const name = bare === '/' ? '/' : bare.slice(bare.lastIndexOf('/') + 1);
    await out(`${suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
    return 0;
  },
};

const dirname: CommandDef = {
  name: 'dirname',
  usage: 'FILE',
  help: 'prints a path without its last name',
  run: async ({ args, out }) => {
    const bare = (args[0] ?? '').replace(/(?<=.)\/+$/, '');
    const slash = bare.lastIndexOf('/');
    const dir = slash < 0 ? '.' : bare.slice(0, slash).replace(/(?<=.)\/+$/, '') || '/';
    await out(`${dir}\n`);
    return 0;
  },
};

/** Below a directory, in byte order; links are shown and not followed. */
async function tree(call: Call): Promise<number> {
  const { letters, values, rest } = flagsOf(call.args, 'daL:');
  const depth = Number(values.get('L') ?? Infinity);
  const paint = call.shell.isTerminal;
  let [dirs, files] = [0, 0];
  const visit = async (dir: DirNode, indent: string, level: number): Promise<void> => {
    const shown = childrenOf(dir).filter(({ node }) => !letters.has('d') || node.kind === 'dir');
    for (const [index, { name, node }] of shown.entries()) {
      const isLast = index === shown.length - 1;
      const target = node.kind === 'link' ? ` -> ${node.target}` : '';
      await call.out(`${indent}${isLast ? '└── ' : '├── '}${paint ? painted(name, node) : name}${target}\n`);
      if (node.kind === 'dir') dirs += 1;
      else files += 1;
      if (node.kind === 'dir' && level < depth) await visit(node, indent + (isLast ? '    ' : '│   '), level + 1);
    }
  };
  let status = 0;
  for (const path of rest.length === 0 ? ['.'] : rest) {
    try {
      const { node } = lookup(call, path, true);
      await call.out(`${path}\n`);
      if (node.kind === 'dir') await visit(node, '', 1);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      await call.complain(`${path}: ${strerror(error.errno)}`);
      status = 1;
    }
  }
  const many = (count: number, one: string, more: string): string => `${String(count)} ${count === 1 ? one : more}`;
  await call.out(`\n${many(dirs, 'directory', 'directories')}, ${many(files, 'file', 'files')}\n`);
  return status;
}

const TYPES: Readonly<Record<string, Node['kind']>> = { d: 'dir', f: 'file', l: 'link', c: 'char', b: 'block' };

/** @see findutils/find.c */
async function find(call: Call): Promise<number> {
  const { args } = call;
  const firstTest = args.findIndex((arg) => arg.startsWith('-'));
  const paths = args.slice(0, firstTest < 0 ? undefined : firstTest);
  const tests = firstTest < 0 ? [] : args.slice(firstTest);
  const value = (flag: string): string | undefined => {
    const at = tests.indexOf(flag);
    return at < 0 ? undefined : tests[at + 1];
  };
  const unknown = tests.find((test) => test.startsWith('-') && !FIND_TESTS.includes(test));
  if (unknown !== undefined) throw new CommandError(`unrecognized: ${unknown}`);
  const [name, type, deepest] = [value('-name'), value('-type'), value('-maxdepth')];
  const isWanted = (listed: Listed): boolean =>
    (name === undefined || fnmatch(name, listed.name)) && (type === undefined || TYPES[type] === listed.node.kind);
  const visit = async (path: string, listed: Listed, level: number): Promise<void> => {
    if (isWanted(listed)) await call.out(`${path}\n`);
    if (listed.node.kind !== 'dir' || level >= Number(deepest ?? Infinity)) return;
    for (const child of childrenOf(listed.node)) await visit(join(path, child.name), child, level + 1);
  };
  let status = 0;
  for (const path of paths.length === 0 ? ['.'] : paths) {
    try {
      await visit(path, { name: path.replace(/.*\/(?=.)/, ''), node: lookup(call, path, false).node }, 0);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      await call.complain(`${path}: ${strerror(error.errno)}`);
      status = 1;
    }
  }
  return status;
}

const FIND_TESTS = ['-name', '-type', '-maxdepth', '-print'];

/** The fields that have a meaning here. @see coreutils/stat.c */
async function stat(call: Call): Promise<number> {
  const { values, rest } = flagsOf(call.args, 'c:L');
  const format = values.get('c') ?? '%N: %F, mode %a, %s bytes';
  for (const path of rest) {
    const { node } = lookup(call, path, false);
    const fields: Readonly<Record<string, string>> = {
      a: node.mode.toString(8),
      A: modeText(node),
      n: path,
      N: node.kind === 'link' ? `'${path}' -> '${node.target}'` : path,
      s: node.kind === 'dir' || node.kind === 'link' ? '0' : String(node.size),
      F: {
        dir: 'directory',
        link: 'symbolic link',
        file: 'regular file',
        char: 'character special file',
        block: 'block special file',
      }[node.kind],
      t: node.kind === 'char' || node.kind === 'block' ? (node.rdev?.[0] ?? 0).toString(16) : '0',
      T: node.kind === 'char' || node.kind === 'block' ? (node.rdev?.[1] ?? 0).toString(16) : '0',
    };
    await call.out(`${format.replace(/%(.)/g, (whole, field: string) => fields[field] ?? whole)}\n`);
  }
  return 0;
}

export const listCommands: readonly CommandDef[] = [
  ls,
  readlink,
  realpathCommand,
  basename,
  dirname,
  { name: 'tree', usage: '[-d] [-L DEPTH] [DIR...]', help: 'shows what is below a directory', run: tree },
  {
    name: 'find',
    usage: '[DIR...] [-name PATTERN] [-type TYPE] [-maxdepth N]',
    help: 'finds files by name',
    run: find,
  },
  { name: 'stat', usage: '[-c FORMAT] FILE...', help: 'tells kind, mode and size of files', run: stat },
];
