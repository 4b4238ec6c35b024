import { textOfBytes, utf8Encode } from '../../utf8';
import { byBytes } from '../expand/glob';
import { CommandError, type Call, type CommandDef } from '../run/command';
import { readAll, readLines, type Input } from '../run/io';
import { eachInput, flagsOf } from './inputs';

const PIECE = 4096;

function tool(name: string, usage: string, help: string, run: CommandDef['run']): CommandDef {
  return { name, usage, help, run };
}

const CAT = {
  open: (path: string, reason: string) => `can't open '${path}': ${reason}`,
  read: (_path: string, reason: string) => `read error: ${reason}`,
};

async function cat(call: Call): Promise<number> {
  const copy = async (input: Input): Promise<void> => {
    for (let bytes = await input.read(PIECE); bytes.length > 0; bytes = await input.read(PIECE)) {
      await call.out(textOfBytes(bytes));
    }
  };
  return eachInput(call, flagsOf(call.args, 'u').rest, copy, CAT);
}

function countOf(text: string, what: string): number {
  if (!/^[-+]?\d+$/.test(text)) throw new CommandError(`invalid number '${text}'`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new CommandError(`${what} is out of range`);
  return value;
}

/** `-3` is `-n 3`. */
function lineFlags(args: readonly string[]): {
  readonly lines: number;
  readonly from: boolean;
  /** Instead of lines; null: lines. */
  readonly bytes: number | null;
  readonly rest: readonly string[];
} {
  const plain = args.map((arg) => arg.replace(/^-(\d+)$/, '-n$1'));
  const { values, rest } = flagsOf(plain, 'n:c:qv');
  const text = values.get('n') ?? '10';
  const bytes = values.get('c');
  return {
    lines: countOf(text, 'count'),
    from: text.startsWith('+'),
    bytes: bytes === undefined ? null : countOf(bytes, 'count'),
    rest,
  };
}

async function head(call: Call): Promise<number> {
  const { lines, bytes, rest } = lineFlags(call.args);
  if (bytes !== null) return eachInput(call, rest, (input) => headOfBytes(call, input, bytes));
  return eachInput(call, rest, async (input, path) => {
    if (rest.length > 1) await call.out(`==> ${path} <==\n`);
    let left = lines;
    if (left <= 0) return;
    for await (const line of readLines(input)) {
      await call.out(line);
      if (--left <= 0) return;
    }
  });
}

async function headOfBytes(call: Call, input: Input, most: number): Promise<void> {
  for (let left = most; left > 0;) {
    const bytes = await input.read(Math.min(PIECE, left));
    if (bytes.length === 0) return;
    left -= bytes.length;
    await call.out(textOfBytes(bytes));
  }
}

async function tail(call: Call): Promise<number> {
  const { lines, from, bytes, rest } = lineFlags(call.args);
  return eachInput(call, rest, async (input) => {
    if (bytes !== null) return call.out(lastOf(await readAll(input), bytes));
    const all: string[] = [];
    for await (const line of readLines(input)) {
      all.push(line);
      if (!from && all.length > Math.abs(lines)) all.shift();
    }
    for (const line of from ? all.slice(lines - 1) : all) await call.out(line);
  });
}

/** The last `count` bytes of a text that stands for bytes. */
function lastOf(text: string, count: number): string {
  const bytes = utf8Encode(text);
  return textOfBytes(bytes.subarray(Math.max(0, bytes.length - Math.abs(count))));
}

type Counts = readonly [lines: number, words: number, bytes: number];

/** @see coreutils/wc.c */
async function wc(call: Call): Promise<number> {
  const { letters, rest } = flagsOf(call.args, 'lwc');
  const shown = ['l', 'w', 'c'].map((letter) => letters.size === 0 || letters.has(letter));
  const isBare = shown.filter(Boolean).length === 1 && rest.length <= 1;
  const line = (counts: Counts, name: string): string => {
    const numbers = counts.filter((_, index) => shown[index]).map((n) => (isBare ? String(n) : String(n).padStart(9)));
    return `${numbers.join(' ')}${name === '' ? '' : ` ${name}`}\n`;
  };
  let total: Counts = [0, 0, 0];
  const status = await eachInput(call, rest, async (input, path) => {
    const text = await readAll(input);
    const counts: Counts = [
      text.split('\n').length - 1,
      text.split(/\s+/).filter((word) => word !== '').length,
      utf8Encode(text).length,
    ];
    total = [total[0] + counts[0], total[1] + counts[1], total[2] + counts[2]];
    await call.out(line(counts, rest.length === 0 ? '' : path));
  });
  if (rest.length > 1) await call.out(line(total, 'total'));
  return status;
}

/** @see util-linux/hexdump.c */
async function hexdump(call: Call): Promise<number> {
  const { letters, values, rest } = flagsOf(call.args, 'Cn:s:v');
  const [skip, most] = [Number(values.get('s') ?? 0), Number(values.get('n') ?? Infinity)];
  const all: number[] = [];
  const status = await eachInput(call, rest, async (input) => {
    for (let bytes = await input.read(PIECE); bytes.length > 0; bytes = await input.read(PIECE)) {
      for (const byte of bytes) all.push(byte);
      if (all.length >= skip + most) return;
    }
  });
  const bytes = all.slice(skip, skip + most);
  let before = '';
  let isRepeated = false;
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.slice(at, at + 16);
    const line = letters.has('C') ? canonicalRow(row) : wordRow(row);
    const isSame = line === before && row.length === 16 && !letters.has('v');
    if (!isSame) await call.out(`${offset(skip + at, letters)}${line}\n`);
    else if (!isRepeated) await call.out('*\n');
    isRepeated = isSame;
    before = line;
  }
  if (bytes.length > 0) await call.out(`${offset(skip + bytes.length, letters)}\n`);
  return status;
}

function offset(at: number, letters: ReadonlySet<string>): string {
  return at.toString(16).padStart(letters.has('C') ? 8 : 7, '0');
}

function hex(byte: number | undefined): string {
  return byte === undefined ? '  ' : byte.toString(16).padStart(2, '0');
}

function canonicalRow(row: readonly number[]): string {
  const cells = Array.from({ length: 16 }, (_, i) => `${i % 8 === 0 ? '  ' : ' '}${hex(row[i])}`);
  const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${cells.join('')}  |${text}|`;
}

function wordRow(row: readonly number[]): string {
  const cells = Array.from({ length: 8 }, (_, i) => {
    const [low, high] = [row[2 * i], row[2 * i + 1]];
    return low === undefined ? '     ' : ` ${hex(high ?? 0)}${hex(low)}`;
  });
  return cells.join('');
}

/** @see findutils/grep.c */
async function grep(call: Call): Promise<number> {
  const { letters, values, rest } = flagsOf(call.args, 'ivcnqlohHEFwxsre:m:');
  const [first, ...others] = values.has('e') ? [values.get('e') ?? '', ...rest] : rest;
  if (first === undefined) throw new CommandError('usage: grep [-ivcnqloEFwx] PATTERN [FILE...]', 2);
  const pattern = patternOf(first, letters);
  const isNamed = (others.length > 1 || letters.has('H')) && !letters.has('h');
  let matches = 0;
  const status = await eachInput(call, others, async (input, path) => {
    let count = 0;
    let number = 0;
    const prefix = isNamed ? `${path}:` : '';
    for await (const whole of readLines(input)) {
      number += 1;
      const line = whole.replace(/\n$/, '');
      if (pattern.test(line) === letters.has('v')) continue;
      count += 1;
      matches += 1;
      if (letters.has('q') || letters.has('l')) break;
      if (letters.has('c')) continue;
      const shown = letters.has('o')
        ? [...line.matchAll(new RegExp(pattern, `g${pattern.flags}`))].map(String)
        : [line];
      for (const text of shown) await call.out(`${prefix}${letters.has('n') ? `${String(number)}:` : ''}${text}\n`);
      if (count >= Number(values.get('m') ?? Infinity)) break;
    }
    if (letters.has('l') && count > 0) await call.out(`${path}\n`);
    if (letters.has('c')) await call.out(`${prefix}${String(count)}\n`);
  });
  return status === 0 || letters.has('s') ? (matches > 0 ? 0 : 1) : 2;
}

/** A pattern of grep as one of JavaScript. @throws CommandError */
function patternOf(text: string, letters: ReadonlySet<string>): RegExp {
  let source = letters.has('F')
    ? text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    : letters.has('E')
      ? text
      : basicPattern(text);
  if (letters.has('w')) source = `\\b(?:${source})\\b`;
  if (letters.has('x')) source = `^(?:${source})$`;
  try {
    return new RegExp(source, letters.has('i') ? 'i' : '');
  } catch {
    throw new CommandError(`bad regex '${text}'`, 2);
  }
}

/** In basic expressions parentheses, braces, `+`, `?` and `|` mean something only behind a backslash. */
export function basicPattern(text: string): string {
  return text.replace(/\[\^?\]?[^\]]*\]|\\?[(){}+?|]/g, (token) => {
    if (token.startsWith('[')) return token.replace(/^\[(\^?)\]/, '[$1\\]');
    return token.startsWith('\\') ? token.slice(1) : `\\${token}`;
  });
}

async function linesOf(call: Call, paths: readonly string[]): Promise<{ lines: string[]; status: number }> {
  const lines: string[] = [];
  const status = await eachInput(call, paths, async (input) => {
    for await (const line of readLines(input)) lines.push(line.replace(/\n$/, ''));
  });
  return { lines, status };
}

async function sort(call: Call): Promise<number> {
  const { letters, rest } = flagsOf(call.args, 'nruf');
  const { lines, status } = await linesOf(call, rest);
  const number = (line: string): number => Number.parseFloat(line) || 0;
  lines.sort((a, b) => (letters.has('n') ? number(a) - number(b) : 0) || byBytes(a, b));
  if (letters.has('r')) lines.reverse();
  const shown = letters.has('u') ? lines.filter((line, index) => line !== lines[index - 1]) : lines;
  for (const line of shown) await call.out(`${line}\n`);
  return status;
}

async function uniq(call: Call): Promise<number> {
  const { letters, rest } = flagsOf(call.args, 'cdu');
  const { lines, status } = await linesOf(call, rest);
  for (let at = 0; at < lines.length;) {
    let end = at + 1;
    while (end < lines.length && lines[end] === lines[at]) end += 1;
    const count = end - at;
    const isShown = (count > 1 || !letters.has('d')) && (count === 1 || !letters.has('u'));
    const prefix = letters.has('c') ? `${String(count).padStart(7)} ` : '';
    if (isShown) await call.out(`${prefix}${lines[at] ?? ''}\n`);
    at = end;
  }
  return status;
}

/** Positions from 1 of a list like `1,3-5,7-`. */
function isInList(list: string): (position: number) => boolean {
  const ranges = list.split(',').map((range) => {
    const [, from = '', dash = '', to = ''] = /^(\d*)(-?)(\d*)$/.exec(range) ?? [];
    if (from + to === '') throw new CommandError(`invalid range ${range}`);
    return [Number(from || 1), dash === '' ? Number(from) : Number(to || Infinity)] as const;
  });
  return (position) => ranges.some(([from, to]) => from <= position && position <= to);
}

async function cut(call: Call): Promise<number> {
  const { letters, values, rest } = flagsOf(call.args, 'd:f:c:b:s');
  const list = values.get('f') ?? values.get('c') ?? values.get('b');
  if (list === undefined) throw new CommandError('expected a list of bytes, characters, or fields');
  const wanted = isInList(list);
  const delimiter = values.get('d') ?? '\t';
  return eachInput(call, rest, async (input) => {
    for await (const whole of readLines(input)) {
      const line = whole.replace(/\n$/, '');
      const parts = values.has('f') ? line.split(delimiter) : Array.from(line);
      if (values.has('f') && parts.length === 1) {
        if (!letters.has('s')) await call.out(`${line}\n`);
        continue;
      }
      const kept = parts.filter((_, index) => wanted(index + 1));
      await call.out(`${kept.join(values.has('f') ? delimiter : '')}\n`);
    }
  });
}

/** Characters of a set like `a-z\n`. */
function setOf(text: string): string[] {
  const plain = text
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:space:]', ' \\t\\n\\r\\v\\f');
  const chars = [...plain.matchAll(/\\0{0,2}00|\\(\d{1,3})|\\(.)|([^])-([^])|([^])/g)];
  return chars.flatMap(([, octal, escape, from, to, char]) => {
    if (octal !== undefined) return [String.fromCharCode(Number.parseInt(octal, 8))];
    if (escape !== undefined) return [{ n: '\n', t: '\t', r: '\r' }[escape] ?? escape];
    if (char !== undefined) return [char];
    if (from === undefined || to === undefined) return ['\0'];
    const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => String.fromCharCode(first + i));
  });
}

async function tr(call: Call): Promise<number> {
  const { letters, rest } = flagsOf(call.args, 'dsc');
  const from = setOf(rest[0] ?? '');
  const to = setOf(rest[1] ?? '');
  const isIn = (char: string): boolean => from.includes(char) !== letters.has('c');
  const text = await readAll(call.input);
  let last = '';
  let result = '';
  for (const char of text) {
    const mapped = letters.has('d')
      ? isIn(char)
        ? ''
        : char
      : to.length === 0 || !isIn(char)
        ? char
        : (to[Math.min(from.indexOf(char), to.length - 1)] ?? to.at(-1) ?? char);
    const squeezed = letters.has('s') && mapped === last && (to.length > 0 ? to.includes(mapped) : isIn(mapped));
    if (!squeezed) result += mapped;
    last = mapped;
  }
  await call.out(result);
  return 0;
}

async function seq(call: Call): Promise<number> {
  const numbers = call.args.map((arg) => countOf(arg, 'number'));
  const [first, step, last] =
    numbers.length > 2 ? numbers : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : [1, 1, numbers[0]];
  if (first === undefined || last === undefined) throw new CommandError('usage: seq [FIRST [STEP]] LAST');
  if (step === 0) throw new CommandError('the step is 0');
  for (let n = first; step > 0 ? n <= last : n >= last; n += step) await call.out(`${String(n)}\n`);
  return 0;
}

async function tee(call: Call): Promise<number> {
  const text = await readAll(call.input);
  await call.out(text);
  for (const path of call.args.filter((arg) => !arg.startsWith('-'))) await call.shell.writeFile(path, text);
  return 0;
}

export const textCommands: readonly CommandDef[] = [
  tool('cat', '[FILE...]', 'prints files', cat),
  tool('head', '[-n N] [-c BYTES] [FILE...]', 'prints the first lines', head),
  tool('tail', '[-n N] [-c BYTES] [FILE...]', 'prints the last lines', tail),
  tool('wc', '[-lwc] [FILE...]', 'counts lines, words and bytes', wc),
  tool('hexdump', '[-C] [-n BYTES] [-s SKIP] [FILE...]', 'shows bytes', hexdump),
  tool('grep', '[-ivcnqloEFwx] PATTERN [FILE...]', 'prints lines that match', grep),
  tool('sort', '[-nru] [FILE...]', 'sorts lines', sort),
  tool('uniq', '[-cdu] [FILE]', 'drops lines that are repeated', uniq),
  tool('cut', '-d CHAR -f LIST [FILE...]', 'prints fields of lines', cut),
  tool('tr', '[-ds] SET [SET]', 'replaces characters', tr),
  tool('seq', '[FIRST [STEP]] LAST', 'prints numbers', seq),
  tool('tee', '[FILE...]', 'writes its input to files and prints it', tee),
];
