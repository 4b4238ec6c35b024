import { EISDIR, ENOENT, ErrnoError, strerror } from '../../errno';
import { absolute } from '../expand/glob';
import type { Call } from '../run/command';
import { FileStream, type Input } from '../run/io';

/** A file for reading. @throws ErrnoError */
export async function openInput({ shell }: Call, path: string): Promise<FileStream> {
  if (path === '') throw new ErrnoError(ENOENT, { syscall: 'open', path });
  const { node } = shell.tree.lookup(absolute(shell.cwd, path), true);
  if (node.kind === 'dir' || node.kind === 'link') {
    return new FileStream({
      read: () => {
        throw new ErrnoError(EISDIR, { syscall: 'read', path });
      },
      write: () => 0,
    });
  }
  return new FileStream(await node.open('r'));
}

/** How a command words that it cannot open or read a file. */
export interface Wording {
  open(path: string, reason: string): string;
  read(path: string, reason: string): string;
}

const USUAL: Wording = {
  open: (path, reason) => `${path}: ${reason}`,
  read: (path, reason) => `${path}: ${reason}`,
};

/**
 * Goes through the files of a command, or its standard input when it has none; `-` is that, too. What cannot be opened
 * or read is told.
 *
 * @returns 0, or 1 if there was such a file
 */
export async function eachInput(
  call: Call,
  paths: readonly string[],
  body: (input: Input, path: string) => Promise<void>,
  wording: Partial<Wording> = {},
): Promise<number> {
  const { open, read } = { ...USUAL, ...wording };
  let status = 0;
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const file = path === '-' ? call.input : await opened(call, path, open);
    if (file === null) {
      status = 1;
      continue;
    }
    const guarded = new GuardedInput(file);
    try {
      await body(guarded, path);
    } catch (error) {
      if (error !== guarded.refused || !(error instanceof ErrnoError)) throw error;
      await call.complain(read(path, strerror(error.errno)));
      status = 1;
    } finally {
      if (file instanceof FileStream) await file.close();
    }
  }
  return status;
}

/** Remembers what reading threw, as writing may throw the same. */
class GuardedInput implements Input {
  refused: unknown = null;
  readonly #input: Input;

  constructor(input: Input) {
    this.#input = input;
  }

  async read(count: number): Promise<Uint8Array> {
    try {
      return await this.#input.read(count);
    } catch (error) {
      this.refused = error;
      throw error;
    }
  }
}

async function opened(call: Call, path: string, open: Wording['open']): Promise<FileStream | null> {
  try {
    return await openInput(call, path);
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    await call.complain(open(path, strerror(error.errno)));
    return null;
  }
}

/** Flags of one letter, and what is left. @throws CommandError-free: unknown letters are kept as they are */
export interface Flags {
  readonly letters: ReadonlySet<string>;
  /** Of flags that have a value: `-n 3`, `-n3`. */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
  /** A letter that the command does not know. */
  readonly unknown: string | null;
}

/** @param known letters; one with a colon behind it has a value */
export function flagsOf(args: readonly string[], known: string): Flags {
  const letters = new Set<string>();
  const values = new Map<string, string>();
  let unknown: string | null = null;
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!/^-./.test(arg)) break;
    for (let i = 1; i < arg.length; i++) {
      const letter = arg.charAt(i);
      const index = known.indexOf(letter);
      if (index < 0 || letter === ':') unknown ??= letter;
      letters.add(letter);
      if (known.charAt(index + 1) !== ':') continue;
      values.set(letter, arg.slice(i + 1) || (args[++at] ?? ''));
      break;
    }
  }
  return { letters, values, rest: args.slice(at), unknown };
}
