import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { UsageError } from './usage-error';

/** A file that is seen under its name when it is complete. */
export interface OutputFile {
  write(text: string): void;
  /** Leaves nothing that is not complete. */
  close(): void;
}

/** @throws UsageError when nothing can be written there: better now than after the work */
export function outputFile(file: string): OutputFile {
  const draft = `${file}.tmp`;
  const fd = attempt(() => {
    const isDirectory = statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isDirectory) throw new UsageError(`${file}: is a directory`);
    return openSync(draft, 'w');
  });
  return {
    write: (text) => attempt(() => {
      writeFileSync(fd, text);
      renameSync(draft, file);
    }),
    close() {
      closeSync(fd);
      rmSync(draft, { force: true });
    },
  };
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}
