import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrnoError } from '../../lib/errno';
import type { SysfsFs } from '../../lib/sysfs';
import { codeOf } from './errors';

/**
 * A file, the text of one write, its error or nothing, what a read gives afterwards: text without its newline, or an
 * error.
 */
export type WriteRow = readonly [file: string, text: string, error: string, after: string];

/** What a recorded machine took and refused, one write after another. */
export function recordedWrites(machine: 'x86-pci' | 's390x-ccw', kind: string): readonly WriteRow[] {
  const path = join(__dirname, '../data', machine, 'attribute-writes.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as Record<string, readonly WriteRow[]>)[kind] ?? [];
}

/** Does the same here and returns the differences. */
export async function otherwise(
  fs: SysfsFs,
  rows: readonly WriteRow[],
  pathOf: (file: string) => string,
): Promise<string[]> {
  const told: string[] = [];
  for (const [file, text, error, after] of rows) {
    const path = pathOf(file);
    const got = await codeOf(() => fs.writeFile(path, text));
    const read = await fs.readFile(path).then(
      (shown) => shown.trimEnd(),
      (error: unknown) => (error as ErrnoError).code,
    );
    if (got !== error || read !== after)
      told.push(`${file} ${JSON.stringify(text)}: '${got}' and '${read}', not '${error}' and '${after}'`);
  }
  return told;
}

/** What each write comes to on a device of its own: the same rows, with the error and the text that are found. */
export async function outcomes(
  rows: readonly WriteRow[],
  fresh: () => Promise<{
    readonly write: (file: string, text: string) => Promise<string>;
    readonly read: (file: string) => Promise<string>;
  }>,
): Promise<WriteRow[]> {
  const found: WriteRow[] = [];
  for (const [file, text] of rows) {
    const { write, read } = await fresh();
    found.push([file, text, await write(file, text), await read(file)]);
  }
  return found;
}
