import { EISDIR, ENOENT, ENOTDIR, ErrnoError, strerror } from '../../errno';
import { utf8Encode } from '../../utf8';
import { absolute } from '../expand/glob';
import type { Access, FileNode } from '../files/node';
import type { Redirect, Word } from '../syntax/ast';
import { CommandError, type Shell } from './command';
import { bytesInput, FileStream, type Stream } from './io';

/** The redirections of one command: files that are opened for it and closed behind it. @see shell/ash.c openredirect */
export class Redirections {
  readonly #shell: Shell;
  readonly #textOf: (word: Word) => Promise<string>;
  readonly #opened: FileStream[] = [];

  constructor(shell: Shell, textOf: (word: Word) => Promise<string>) {
    this.#shell = shell;
    this.#textOf = textOf;
  }

  /** What the descriptors stand for with them. @throws CommandError in the shell's words */
  async open(redirects: readonly Redirect[]): Promise<ReadonlyMap<number, Stream>> {
    const { fds } = this.#shell;
    if (redirects.length === 0) return fds;
    const opened = new Map(fds);
    for (const { fd, op, target } of redirects) {
      const stream = await this.#stream(op, await this.#textOf(target), opened);
      if (stream === null) opened.delete(fd);
      else opened.set(fd, stream);
    }
    return opened;
  }

  async close(): Promise<void> {
    for (const stream of this.#opened.splice(0)) await stream.close();
  }

  async #stream(op: Redirect['op'], target: string, fds: ReadonlyMap<number, Stream>): Promise<Stream | null> {
    if (op === '<<') return { input: bytesInput(utf8Encode(target)) };
    if (op === '>&' || op === '<&') return duplicate(target, fds);
    const access: Access = op === '<' ? 'r' : op === '<>' ? 'rw' : 'w';
    const stream = await this.#file(op, target, access);
    this.#opened.push(stream);
    return { ...(access === 'w' ? {} : { input: stream }), ...(access === 'r' ? {} : { output: stream }) };
  }

  async #file(op: Redirect['op'], path: string, access: Access): Promise<FileStream> {
    try {
      const node = this.#find(absolute(this.#shell.cwd, path), access !== 'r');
      const handle = await node.open(access);
      if (op === '>' || op === '>|') handle.truncate?.();
      return new FileStream(handle, op === '>>' ? node.size : 0);
    } catch (error) {
      if (error instanceof ErrnoError) throw new CommandError(refusal(path, error, access));
      throw error;
    }
  }

  #find(path: string, create: boolean): FileNode {
    const { tree } = this.#shell;
    const node = create ? this.#findOrCreate(path) : tree.lookup(path, true).node;
    if (node.kind !== 'file' && node.kind !== 'char' && node.kind !== 'block') {
      throw new ErrnoError(EISDIR, { syscall: 'open', path });
    }
    return node;
  }

  #findOrCreate(path: string): FileNode | { readonly kind: 'dir' | 'link' } {
    const { tree } = this.#shell;
    try {
      return tree.lookup(path, true).node;
    } catch (error) {
      if (!(error instanceof ErrnoError) || error.errno !== -ENOENT) throw error;
    }
    const { dir, name, node } = tree.entry(path);
    if (path.endsWith('/')) throw new ErrnoError(EISDIR, { syscall: 'open', path });
    if (node?.kind === 'link') throw new ErrnoError(ENOENT, { syscall: 'open', path });
    if (dir.create === undefined) throw new ErrnoError('EACCES', { syscall: 'open', path });
    return dir.create(name, 'file');
  }
}

function duplicate(target: string, fds: ReadonlyMap<number, Stream>): Stream | null {
  if (target === '-') return null;
  const stream = /^\d+$/.test(target) ? fds.get(Number(target)) : undefined;
  if (stream !== undefined) return stream;
  throw new CommandError(/^\d+$/.test(target) ? `${target}: Bad file descriptor` : 'bad fd number', 2);
}

/** @see shell/ash.c ash_open errmsg */
function refusal(path: string, { errno }: ErrnoError, access: Access): string {
  const isMissing = errno === -ENOENT || errno === -ENOTDIR;
  if (access === 'r') return `can't open ${path}: ${isMissing ? 'no such file' : strerror(errno)}`;
  return `can't create ${path}: ${isMissing ? 'nonexistent directory' : strerror(errno)}`;
}
