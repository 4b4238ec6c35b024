import { EBADF, EFBIG, ErrnoError } from '../../errno';
import { andThen, type MaySleep } from '../../may-sleep';
import { textOfBytes, utf8Decode, utf8Encode } from '../../utf8';
import type { Handle } from '../files/node';

/** Where bytes come from. */
export interface Input {
  /** At most `count` bytes; none: the end. @throws ErrnoError what the file refuses with */
  read(count: number): MaySleep<Uint8Array>;
}

/** Where texts go; they stand for bytes, see lib/utf8.ts. */
export interface Output {
  /** @throws ErrnoError what the file refuses with */
  write(text: string): MaySleep<void>;
}

/** What a descriptor stands for. */
export interface Stream {
  readonly input?: Input;
  readonly output?: Output;
}

/** Bytes that the output of one command may have, where it is kept. */
const MAX_KEPT = 64 * 2 ** 20;

/** An output that is kept, and can be read. */
export class Kept implements Output {
  readonly #parts: string[] = [];
  #length = 0;

  /** @throws ErrnoError EFBIG for more than can be kept */
  write(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_KEPT) throw new ErrnoError(EFBIG, { syscall: 'write' });
    this.#parts.push(text);
  }

  get text(): string {
    return utf8Decode(utf8Encode(this.#parts.join('')));
  }

  toInput(): Input {
    return bytesInput(utf8Encode(this.#parts.join('')));
  }
}

export function bytesInput(bytes: Uint8Array): Input {
  let at = 0;
  return {
    read: (count) => {
      const piece = bytes.subarray(at, at + count);
      at += piece.length;
      return piece;
    },
  };
}

/** An input with nothing in it. */
export const NO_INPUT: Input = { read: () => new Uint8Array(0) };

/** An open file with its own position. */
export class FileStream implements Input, Output {
  readonly #handle: Handle;
  #at = 0;

  constructor(handle: Handle, at = 0) {
    this.#handle = handle;
    this.#at = at;
  }

  read(count: number): MaySleep<Uint8Array> {
    return andThen(this.#handle.read(this.#at, count), (bytes) => {
      this.#at += bytes.length;
      return bytes;
    });
  }

  /** Calls write until everything is taken; for no bytes it is not called. @see libbb/full_write.c */
  async write(text: string): Promise<void> {
    let rest = utf8Encode(text);
    while (rest.length > 0) {
      const taken = await this.#handle.write(this.#at, rest);
      if (taken === 0) return;
      this.#at += taken;
      rest = rest.subarray(taken);
    }
  }

  close(): MaySleep<void> {
    return this.#handle.close?.();
  }
}

const PIECE = 4096;

/** All that is left, as text. */
export async function readAll(input: Input): Promise<string> {
  const pieces: number[] = [];
  for (let bytes = await input.read(PIECE); bytes.length > 0; bytes = await input.read(PIECE)) {
    for (const byte of bytes) pieces.push(byte);
    if (pieces.length > MAX_KEPT) throw new ErrnoError(EFBIG, { syscall: 'read' });
  }
  return textOfBytes(Uint8Array.from(pieces));
}

/** Lines with their newlines, no more than are asked for; the last may have none. */
export async function* readLines(input: Input): AsyncGenerator<string> {
  let begun = '';
  for (let bytes = await input.read(PIECE); bytes.length > 0; bytes = await input.read(PIECE)) {
    const pieces = (begun + textOfBytes(bytes)).split('\n');
    begun = pieces.pop() ?? '';
    for (const line of pieces) yield `${line}\n`;
  }
  if (begun !== '') yield begun;
}

/** @throws ErrnoError EBADF */
export function badDescriptor(): never {
  throw new ErrnoError(EBADF, { syscall: 'write' });
}
