/**
 * Writes what each import name of the package exports into etc/, a file each, so that a change of a public door shows
 * in a diff. With --check nothing is written: exit code 1 and the lines that differ.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiText } from './api-text';
import { doorProgram, publicDoors } from './doors';

const ROOT = join(__dirname, '../..');
const ETC = join(ROOT, 'etc');

function apiFiles(): Map<string, string> {
  const doors = publicDoors(ROOT);
  const program = doorProgram(ROOT, [...doors.values()]);
  return new Map(
    [...doors].map(([name, door]) => {
      const imported = `linux-driver-model${name.slice(1)}`;
      const text = `# ${imported}\n\nMade by \`npm run api\`.\n\n\`\`\`ts\n${apiText(program, ROOT, door)}\`\`\`\n`;
      return [`${imported.replaceAll('/', '.')}.api.md`, text];
    }),
  );
}

/** The lines that only one of two texts has, as in a diff. */
function changes(old: string, now: string): string[] {
  const [before, after] = [old.split('\n'), now.split('\n')];
  const [known, found] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !found.has(line)).map((line) => `- ${line}`);
  return [...gone, ...after.filter((line) => !known.has(line)).map((line) => `+ ${line}`)];
}

function check(files: ReadonlyMap<string, string>, there: readonly string[]): void {
  for (const file of new Set([...files.keys(), ...there])) {
    const path = join(ETC, file);
    const [old, now] = [existsSync(path) ? readFileSync(path, 'utf8') : '', files.get(file) ?? ''];
    if (old === now) continue;
    console.error([`etc/${file} is not what npm run api writes:`, ...changes(old, now)].join('\n'));
    process.exitCode = 1;
  }
}

const files = apiFiles();
const there = existsSync(ETC) ? readdirSync(ETC).filter((file) => file.endsWith('.api.md')) : [];
if (process.argv.includes('--check')) {
  check(files, there);
} else {
  for (const file of there) rmSync(join(ETC, file));
  mkdirSync(ETC, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(ETC, file), text);
}
