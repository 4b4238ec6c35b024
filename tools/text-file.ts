import { readFileSync, statSync } from 'node:fs';
import { UsageError } from './usage-error';

/**
 * Reads a file that a user has named.
 *
 * @throws UsageError naming the file, when it cannot be read or is not text
 */
export function readTextFile(file: string): string {
  const bytes = read(file);
  try {
    if (bytes.includes(0)) throw new Error('it has NUL bytes');
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${file}: not a text file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads a file of bytes that a user has named. @throws UsageError naming the file, when it cannot be read */
export function readBytes(file: string): Uint8Array {
  return new Uint8Array(read(file));
}

function read(file: string): Buffer {
  try {
    const kind = statSync(file);
    if (kind.isDirectory()) throw new UsageError(`${file}: is a directory`);
    if (!kind.isFile() && !kind.isFIFO()) throw new UsageError(`${file}: is not a file`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`${file}: no such file`);
    throw new UsageError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
