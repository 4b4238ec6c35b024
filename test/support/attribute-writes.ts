import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrnoError } from '../../lib/errno';
import type { SysfsFs } from '../../lib/sysfs';

/** A file, the text of one write, its error or nothing, what a read gives afterwards: text without its newline, or an error. */
export type WriteRow = readonly [file: string, text: string, error: string, after: string];

/** What a recorded machine took and refused, one write after another. */
export function recordedWrites(machine: 'x86-pci' | 's390x-ccw', kind: string): readonly WriteRow[] {
  const path = join(__dirname, '../data', machine, 'attribute-writes.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as Record<string, readonly WriteRow[]>)[kind] ?? [];
}

/** Does the same here; tells what came out otherwise. */
export async function otherwise(fs: SysfsFs, rows: readonly WriteRow[], pathOf: (file: string) => string): Promise<string[]> {
  const told: string[] = [];
  for (const [file, text, error, after] of rows) {
    const path = pathOf(file);
    const got = await fs.writeFile(path, text).then(() => '', codeOf);
    const read = await fs.readFile(path).then((shown) => shown.trimEnd(), codeOf);
    if (got !== error || read !== after) told.push(`${file} ${JSON.stringify(text)}: '${got}' and '${read}', not '${error}' and '${after}'`);
  }
  return told;
}

function codeOf(error: unknown): string {
  return (error as ErrnoError).code;
}
