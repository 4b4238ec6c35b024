import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { BlockImage } from '../lib';

/** The content of a disk in a file of the host. */
export class FileImage implements BlockImage {
  /** Bytes; what a file gains later is not seen. */
  readonly size: number;
  readonly #fd: number;

  /**
   * @param path an existing file
   * @throws Node's system errors: ENOENT, EACCES, EISDIR
   */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.#fd = openSync(path, options.readOnly === true ? 'r' : 'r+');
    this.size = fstatSync(this.#fd).size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    readSync(this.#fd, bytes, 0, length, offset);
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    writeSync(this.#fd, bytes, 0, bytes.length, offset);
  }

  flush(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
