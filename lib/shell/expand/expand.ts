import type { MaySleep } from '../../may-sleep';
import { fnmatch } from '../../userspace/fnmatch';
import type { List, ParamPart, Part, Word } from '../syntax/ast';
import type { FileTree } from '../files/walk';
import { evaluate } from './arithmetic';
import { Fields, patternOf, textOf, type Segment } from './fields';
import { expandPaths } from './glob';

/** An expansion that cannot be: the command is not run. */
export class ExpansionError extends Error {}

/** What expansions know of the shell that they are made in. */
export interface ExpansionContext {
  readonly tree: FileTree;
  readonly cwd: string;
  /** The arguments `$1` and up. */
  readonly args: readonly string[];
  /** Variables and special parameters but `$@` and `$*`; undefined where it is not set. */
  parameter(name: string): string | undefined;
  assign(name: string, value: string): void;
  /** Runs commands and gives what they print. */
  substitute(body: List): MaySleep<string>;
}

/** Words to arguments. @see POSIX.1-2017 §2.6 */
export class Expander {
  readonly #context: ExpansionContext;

  constructor(context: ExpansionContext) {
    this.#context = context;
  }

  /** The arguments that words give: split, and patterns replaced by the names of files. @throws ExpansionError */
  async words(words: readonly Word[]): Promise<string[]> {
    const args: string[] = [];
    const { tree, cwd } = this.#context;
    for (const word of words) {
      for (const field of await this.#fields(word)) args.push(...expandPaths(tree, cwd, field));
    }
    return args;
  }

  /** One text: an assigned value, the target of a redirection. @throws ExpansionError */
  async text(word: Word): Promise<string> {
    return textOf(await this.#whole(word));
  }

  /** A pattern of `case`. @throws ExpansionError */
  async pattern(word: Word): Promise<string> {
    return patternOf(await this.#whole(word));
  }

  async #fields(word: Word): Promise<readonly (readonly Segment[])[]> {
    const fields = new Fields(this.#context.parameter('IFS') ?? ' \t\n');
    for (const [index, part] of word.entries()) await this.#part(part, fields, index === 0);
    return fields.done();
  }

  /** Without splitting: fields that `"$@"` makes are joined. */
  async #whole(word: Word): Promise<Segment[]> {
    const fields = new Fields('');
    for (const [index, part] of word.entries()) await this.#part(part, fields, index === 0);
    const [first = [], ...more] = fields.done();
    return [...first, ...more.flatMap((field) => [{ text: ' ', quoted: true }, ...field])];
  }

  async #part(part: Part, fields: Fields, isFirst: boolean): Promise<void> {
    switch (part.kind) {
      case 'text':
        fields.add(isFirst && !part.quoted ? this.#tilde(part.text) : part.text, part.quoted);
        return;
      case 'param':
        return this.#param(part, fields);
      case 'command': {
        const output = (await this.#context.substitute(part.body)).replace(/\n+$/, '');
        return put(fields, output, part.quoted);
      }
      case 'arith':
        return put(fields, this.#arithmetic(await this.text(part.expression)), part.quoted);
    }
  }

  /** Arithmetic is wanted where commands are also possible: errors are the command's. */
  #arithmetic(text: string): string {
    const context = this.#context;
    const variables = {
      get: (name: string) => context.parameter(name),
      set: (name: string, value: string) => context.assign(name, value),
    };
    try {
      return String(evaluate(text, variables));
    } catch (error) {
      throw new ExpansionError(error instanceof Error ? error.message : String(error));
    }
  }

  #tilde(text: string): string {
    return /^~(?:\/|$)/.test(text) ? (this.#context.parameter('HOME') ?? '~') + text.slice(1) : text;
  }

  async #param(part: ParamPart, fields: Fields): Promise<void> {
    const { name, op, quoted } = part;
    if ((name === '@' || name === '*') && op === '') return this.#arguments(name, quoted, fields);
    const value = this.#value(name);
    const isMissing = value === undefined || (op.startsWith(':') && value === '');
    switch (op) {
      case '':
        return put(fields, value ?? '', quoted);
      case 'length':
        return put(fields, String(Array.from(value ?? '').length), quoted);
      case '-':
      case ':-':
        return isMissing ? this.#operand(part, fields) : put(fields, value, quoted);
      case '+':
      case ':+':
        return isMissing ? undefined : this.#operand(part, fields);
      case '=':
      case ':=':
        if (isMissing) this.#context.assign(name, await this.text(part.word));
        return put(fields, this.#value(name) ?? '', quoted);
      case '?':
      case ':?':
        if (!isMissing) return put(fields, value, quoted);
        throw new ExpansionError(`${name}: ${(await this.text(part.word)) || 'parameter not set'}`);
      default:
        return put(fields, trimmed(value ?? '', op, await this.pattern(part.word)), quoted);
    }
  }

  async #operand({ word, quoted }: ParamPart, fields: Fields): Promise<void> {
    if (quoted) fields.add(await this.text(word), true);
    else for (const part of word) await this.#part(part, fields, false);
  }

  #value(name: string): string | undefined {
    if (name === '@' || name === '*') return this.#context.args.join(' ');
    if (name === '#') return String(this.#context.args.length);
    return /^[1-9]\d*$/.test(name) ? this.#context.args[Number(name) - 1] : this.#context.parameter(name);
  }

  #arguments(name: '@' | '*', quoted: boolean, fields: Fields): void {
    const { args } = this.#context;
    if (quoted && name === '*') return fields.add(args.join((this.#context.parameter('IFS') ?? ' ').charAt(0)), true);
    for (const [index, arg] of args.entries()) {
      if (index > 0) fields.next();
      put(fields, arg, quoted);
    }
  }
}

function put(fields: Fields, text: string, quoted: boolean): void {
  if (quoted) fields.add(text, true);
  else fields.split(text);
}

/** @see POSIX.1-2017 §2.6.2 */
function trimmed(value: string, op: string, pattern: string): string {
  const chars = Array.from(value);
  const lengths = chars.map((_, index) => index).concat(chars.length);
  const ordered = op.length === 2 ? lengths.reverse() : lengths;
  for (const length of ordered) {
    const piece = op.startsWith('#') ? chars.slice(0, length) : chars.slice(chars.length - length);
    if (!fnmatch(pattern, piece.join(''))) continue;
    return (op.startsWith('#') ? chars.slice(length) : chars.slice(0, chars.length - length)).join('');
  }
  return value;
}
