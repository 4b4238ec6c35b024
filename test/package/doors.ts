import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Door {
  readonly types: string;
  readonly default: string;
}

/** The public doors by name, e.g. `./buses/vpci`, with the source file behind each. */
export function publicDoors(root: string): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Door>;
  };
  const doors = new Map<string, string>();
  for (const [name, door] of Object.entries(manifest.exports)) {
    if (typeof door !== 'string') doors.set(name, door.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts'));
  }
  return doors;
}
