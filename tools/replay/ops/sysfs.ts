import type { Action, Lab } from '../lab';
import { LabError, need } from '../lab-error';
import { decorated } from '../shared-names';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', s: ' ', '0': '\0', '\\': '\\' };
const EINVAL = 22;

function checkPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  need(bytes > 0 && bytes < 200, 'syntax', 'a path has 1 to 199 bytes');
  need(!path.startsWith('/'), 'syntax', 'a path begins below /sys, without a slash');
  need(!path.includes('..'), 'syntax', 'a path has no ..');
}

/** `write PATH [DATA]`: all behind the first space is data. */
export function write(rest: string): Action {
  const space = rest.indexOf(' ');
  const path = space < 0 ? rest : rest.slice(0, space);
  checkPath(path);
  const data = space < 0 ? '' : unescape(rest.slice(space + 1));
  return (lab) => lab.kernel.sysfs.open(`/sys/${path}`, 'w').write(data);
}

function unescape(text: string): string {
  return text.replace(/\\(.?)/gsu, (_, char: string) => {
    const plain = ESCAPES[char];
    if (plain === undefined) throw new LabError('syntax', `unknown escape \\${char}; there are \\n \\t \\s \\0 \\\\`);
    return plain;
  });
}

/** `cat`, `ls`, `readlink`, `stat`. */
export function reading(verb: Reading, rest: string): Action {
  checkPath(rest);
  need(!rest.includes(' '), 'syntax', 'there is something behind the path');
  return (lab) => READINGS[verb](lab, rest);
}

export type Reading = 'cat' | 'ls' | 'readlink' | 'stat';

const READINGS: Readonly<Record<Reading, (lab: Lab, path: string) => ReturnType<Action>>> = { cat, ls, readlink, stat };

export function isReading(verb: string): verb is Reading {
  return Object.hasOwn(READINGS, verb);
}

async function cat(lab: Lab, path: string): Promise<number> {
  const { sysfs } = lab.kernel;
  if (sysfs.stat(`/sys/${path}`, true).kind === 'dir') return -EINVAL;
  const text = await sysfs.open(`/sys/${path}`, 'r').read();
  if (typeof text === 'number') return text;
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) lab.trace.line(`| ${line}`);
  return 0;
}

function ls(lab: Lab, path: string): void {
  for (const entry of decorated(lab.kernel, path)) {
    if (isShown(entry) && !lab.shared.has(path, entry)) lab.trace.line(`| ${entry}`);
  }
}

/** The files of power management are not part of the language. */
function isShown(entry: string): boolean {
  return !/^power[/@]?$/.test(entry);
}

function readlink(lab: Lab, path: string): void {
  lab.trace.line(`| ${lab.kernel.sysfs.readlink(`/sys/${path}`)}`);
}

function stat(lab: Lab, path: string): void {
  const { kind, mode } = lab.kernel.sysfs.stat(`/sys/${path}`, false);
  lab.trace.line(`| ${kind} ${mode.toString(8).padStart(4, '0')}`);
}
