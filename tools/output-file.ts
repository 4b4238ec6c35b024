import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errno, strerror } from '../lib/errno';
import { UsageError } from './usage-error';

/**
 * A file that is there with its whole text or not at all. Opened before the work is done whose result it will hold, so
 * that a wrong name is told at once.
 *
 * @throws UsageError it cannot be written
 */
export class OutputFile {
  readonly #path: string;
  /** Where the text is until it is complete. Null for what is no file, such as a pipe: that is written to directly. */
  readonly #draft: string | null;

  constructor(path: string) {
    this.#path = path;
    this.#draft = this.#try(() => this.#openDraft());
  }

  /** Puts the text in place. @throws UsageError as above; the caller discards then */
  write(text: string): void {
    this.#try(() => {
      writeFileSync(this.#draft ?? this.#path, text);
      if (this.#draft !== null) renameSync(this.#draft, this.#path);
    });
  }

  /** Leaves everything as it was, unless the text is in place. */
  discard(): void {
    if (this.#draft !== null) rmSync(this.#draft, { force: true });
  }

  #openDraft(): string | null {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (there !== undefined && !there.isFile()) return null;
    const draft = join(dirname(this.#path), `.ldm-${String(process.pid)}.part`);
    closeSync(openSync(draft, 'wx'));
    return draft;
  }

  #try<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw new UsageError(`cannot write ${this.#path}: ${reasonOf(error)}`);
    }
  }
}

/** As the C library words it. */
function reasonOf(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return code in errno ? strerror(errno[code as keyof typeof errno]) : String(error);
}
