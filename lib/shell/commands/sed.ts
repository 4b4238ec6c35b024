import { CommandError, type Call, type CommandDef } from '../run/command';
import { readLines } from '../run/io';
import { eachInput, flagsOf } from './inputs';
import { basicPattern } from './text';

/** Which lines a command is for. */
type Address = { readonly line: number } | { readonly last: true } | { readonly pattern: RegExp };

interface Instruction {
  readonly from: Address | null;
  readonly to: Address | null;
  readonly negated: boolean;
  readonly letter: string;
  readonly pattern: RegExp | null;
  readonly replacement: string;
  readonly flags: string;
  /** Between its two addresses. */
  active: boolean;
}

const COMMAND = /^\s*(\d+|\$|\/(?:[^/\\]|\\.)*\/)?(?:,(\d+|\$|\/(?:[^/\\]|\\.)*\/))?\s*(!?)\s*([spdq=])/;

/** Commands s, p, d, q and = with addresses. @see editors/sed.c */
async function sed(call: Call): Promise<number> {
  const { letters, values, rest } = flagsOf(call.args, 'nrEe:');
  const extended = letters.has('r') || letters.has('E');
  const [script, ...files] = values.has('e') ? [values.get('e') ?? '', ...rest] : rest;
  if (script === undefined) throw new CommandError('usage: sed [-nE] SCRIPT [FILE...]');
  const instructions = instructionsOf(script, extended);
  let number = 0;
  let ended = false;
  return eachInput(call, files, async (input) => {
    const lines: string[] = [];
    for await (const line of readLines(input)) lines.push(line);
    for (const [index, whole] of lines.entries()) {
      if (ended) return;
      number += 1;
      const end = whole.endsWith('\n') ? '\n' : '';
      const place = { line: number, isLast: index === lines.length - 1 };
      const { text, before, quits } = edited(instructions, whole.slice(0, whole.length - end.length), place);
      for (const each of before) await call.out(`${each}\n`);
      if (text !== null && !letters.has('n')) await call.out(text + end);
      ended = quits;
    }
  });
}

interface LinePlace {
  readonly line: number;
  readonly isLast: boolean;
}

function edited(
  instructions: readonly Instruction[],
  line: string,
  place: LinePlace,
): { text: string | null; before: string[]; quits: boolean } {
  const before: string[] = [];
  let text = line;
  for (const instruction of instructions) {
    if (!isFor(instruction, text, place)) continue;
    const { letter, pattern, replacement, flags } = instruction;
    if (letter === 'd') return { text: null, before, quits: false };
    if (letter === 'q') return { text, before, quits: true };
    if (letter === 'p') before.push(text);
    if (letter === '=') before.push(String(place.line));
    if (letter !== 's' || pattern === null || !text.match(pattern)) continue;
    text = text.replace(pattern, (...found: string[]) => filledIn(replacement, found));
    if (flags.includes('p')) before.push(text);
  }
  return { text, before, quits: false };
}

function filledIn(replacement: string, found: readonly string[]): string {
  return replacement.replace(/\\(\d)|\\n|\\(.)|&/g, (token, group?: string, char?: string) => {
    if (group !== undefined) return found[Number(group)] ?? '';
    return token === '&' ? (found[0] ?? '') : token === '\\n' ? '\n' : (char ?? '');
  });
}

function isFor(instruction: Instruction, text: string, place: LinePlace): boolean {
  const { from, to, negated } = instruction;
  return inRange(instruction, from, to, text, place) !== negated;
}

function inRange(self: Instruction, from: Address | null, to: Address | null, text: string, place: LinePlace): boolean {
  if (from === null) return true;
  if (to === null) return matches(from, text, place);
  if (self.active) {
    self.active = !('line' in to ? place.line >= to.line : matches(to, text, place));
    return true;
  }
  const begins = matches(from, text, place);
  self.active = begins && !('line' in to && to.line <= place.line);
  return begins;
}

function matches(address: Address, text: string, { line, isLast }: LinePlace): boolean {
  if ('line' in address) return address.line === line;
  return 'last' in address ? isLast : address.pattern.test(text);
}

function instructionsOf(script: string, extended: boolean): Instruction[] {
  const instructions: Instruction[] = [];
  let rest = script;
  while (rest.trim() !== '') {
    const match = COMMAND.exec(rest);
    if (match === null) throw new CommandError(`unsupported command ${rest.trim().charAt(0)}`);
    const [whole, from, to, not, letter = ''] = match;
    rest = rest.slice(whole.length);
    const substitution = letter === 's' ? substitutionOf(rest) : null;
    if (substitution !== null) rest = rest.slice(substitution.length);
    instructions.push({
      from: addressOf(from, extended),
      to: addressOf(to, extended),
      negated: not === '!',
      letter,
      pattern: substitution === null ? null : regex(substitution.pattern, extended, substitution.flags),
      replacement: substitution?.replacement ?? '',
      flags: substitution?.flags ?? '',
      active: false,
    });
    rest = rest.replace(/^\s*[;\n]?/, '');
  }
  return instructions;
}

function substitutionOf(text: string): { pattern: string; replacement: string; flags: string; length: number } {
  const mark = text.charAt(0);
  const escapedMark = mark.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const part = `((?:\\\\[^]|(?!${escapedMark})[^\\\\])*)`;
  const match =
    mark === '' ? null : new RegExp(`^${escapedMark}${part}${escapedMark}${part}${escapedMark}([gpI]*)`).exec(text);
  if (match === null) throw new CommandError('bad option in substitution expression');
  const [whole, pattern = '', replacement = '', flags = ''] = match;
  const plain = (each: string): string => each.replaceAll(`\\${mark}`, mark);
  return { pattern: plain(pattern), replacement: plain(replacement), flags, length: whole.length };
}

function addressOf(text: string | undefined, extended: boolean): Address | null {
  if (text === undefined) return null;
  if (text === '$') return { last: true };
  if (/^\d+$/.test(text)) return { line: Number(text) };
  return { pattern: regex(text.slice(1, -1).replaceAll('\\/', '/'), extended, '') };
}

function regex(pattern: string, extended: boolean, flags: string): RegExp {
  try {
    const kinds = `${flags.includes('g') ? 'g' : ''}${flags.includes('I') ? 'i' : ''}`;
    return new RegExp(extended ? pattern : basicPattern(pattern), kinds);
  } catch {
    throw new CommandError(`bad regex '${pattern}'`);
  }
}

export const sedCommand: CommandDef = {
  name: 'sed',
  usage: '[-nE] SCRIPT [FILE...]',
  help: 'edits lines: s/A/B/, p, d, q with addresses',
  run: sed,
};
