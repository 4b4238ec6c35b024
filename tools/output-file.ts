import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { holdSignals } from './hold-signals';
import { strerrorOf } from './system-error';
import { UsageError } from './usage-error';

/** A file that can be replaced as a whole. */
interface Target {
  readonly path: string;
  /** Of the file that is there; null where there is none. */
  readonly mode: number | null;
}

/**
 * A file that is written as a whole or not at all. Make it before the work whose result it will hold, so that a wrong
 * name is reported at once.
 */
export class OutputFile {
  readonly #path: string;

  /** @throws UsageError it cannot be written */
  constructor(path: string) {
    this.#path = path;
    this.#try((target) => {
      if (target !== null) withDraft(target, () => undefined);
    });
  }

  /** Puts the text in place. @throws UsageError it cannot be written: everything is as it was */
  write(text: string): void {
    this.#try((target) => {
      if (target === null) writeFileSync(this.#path, text);
      else withDraft(target, (draft, fd) => replace(target, draft, fd, text));
    });
  }

  #try(step: (target: Target | null) => void): void {
    try {
      holdSignals(() => step(targetOf(this.#path)));
    } catch (error) {
      throw new UsageError(`cannot write ${this.#path}: ${strerrorOf(error)}`);
    }
  }
}

/** The file behind a name; null for another kind, such as a pipe, which is written to directly. */
function targetOf(path: string): Target | null {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return { path, mode: null };
  if (there.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  if (!there.isFile() || /^\/(dev|proc)\//.test(path)) return null;
  accessSync(path, constants.W_OK);
  return { path: realpathSync(path), mode: there.mode & 0o777 };
}

/** Has a step do with a new file beside the target, which is gone afterwards unless the step has renamed it. */
function withDraft({ path }: Target, step: (draft: string, fd: number) => void): void {
  const draft = join(dirname(path), `.ldm-${randomBytes(8).toString('hex')}.part`);
  const fd = openSync(draft, 'wx');
  try {
    step(draft, fd);
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
}

function replace({ path, mode }: Target, draft: string, fd: number, text: string): void {
  writeFileSync(fd, text);
  if (mode !== null) fchmodSync(fd, mode);
  renameSync(draft, path);
}
