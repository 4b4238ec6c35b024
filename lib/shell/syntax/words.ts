import type { List, ParamOp, ParamPart, Part, Word } from './ast';
import type { Source } from './source';

/** Parses the commands of a substitution up to its closing parenthesis, which is taken; or a text of its own. */
export interface Substitutions {
  toParenthesis(source: Source): List;
  all(text: string, line: number): List;
}

const NAME_START = /[A-Za-z_]/;
const NAME = /[A-Za-z0-9_]/;
const SPECIAL = /[?#$!@*0-9-]/;
/** What ends an unquoted word. */
const META = ' \t\n;&|<>()';
const OPS: readonly ParamOp[] = [':-', ':=', ':+', ':?', '##', '%%', '-', '=', '+', '?', '#', '%'];

/** Reads words. @see POSIX.1-2017 §2.2, §2.6 */
export class WordReader {
  constructor(
    readonly source: Source,
    readonly nested: Substitutions,
  ) {}

  /** An unquoted word; empty if none begins here. */
  word(): Word {
    const parts: Part[] = [];
    while (!this.source.isAtEnd && !META.includes(this.source.peek())) this.#piece(parts);
    return joined(parts);
  }

  /** The text of a here-document: like within double quotes, but these mean nothing. */
  document(): Word {
    const parts: Part[] = [];
    while (!this.source.isAtEnd) this.#quotedPiece(parts, '$`\\');
    return joined(parts);
  }

  #piece(parts: Part[]): void {
    const { source } = this;
    const char = source.peek();
    if (char === '\\') this.#escape(parts);
    else if (char === "'") this.#singleQuotes(parts);
    else if (char === '"') this.#doubleQuotes(parts);
    else if (char === '$') this.#dollar(parts, false);
    else if (char === '`') this.#backquotes(parts, false);
    else parts.push({ kind: 'text', text: source.take(), quoted: false });
  }

  #escape(parts: Part[]): void {
    const { source } = this;
    source.take();
    if (source.accept('\n')) return;
    if (source.isAtEnd) parts.push({ kind: 'text', text: '\\', quoted: true });
    else parts.push({ kind: 'text', text: source.take(), quoted: true });
  }

  #singleQuotes(parts: Part[]): void {
    const { source } = this;
    source.take();
    const text = source.takeWhile((char) => char !== "'");
    if (!source.accept("'")) source.failAtEnd('unterminated quoted string');
    parts.push({ kind: 'text', text, quoted: true });
  }

  #doubleQuotes(parts: Part[]): void {
    const { source } = this;
    source.take();
    parts.push({ kind: 'text', text: '', quoted: true });
    while (!source.accept('"')) {
      if (source.isAtEnd) source.failAtEnd('unterminated quoted string');
      this.#quotedPiece(parts, '$`"\\');
    }
  }

  /** @param escapable what a backslash takes its meaning from */
  #quotedPiece(parts: Part[], escapable: string): void {
    const { source } = this;
    const char = source.peek();
    if (char === '$') return this.#dollar(parts, true);
    if (char === '`') return this.#backquotes(parts, true);
    if (char === '\\' && source.peek(1) === '\n') source.take(2);
    else if (char === '\\' && source.peek(1) !== '' && escapable.includes(source.peek(1))) {
      source.take();
      parts.push({ kind: 'text', text: source.take(), quoted: true });
    } else parts.push({ kind: 'text', text: source.take(), quoted: true });
  }

  #dollar(parts: Part[], quoted: boolean): void {
    const { source } = this;
    source.take();
    const char = source.peek();
    if (char === '(') parts.push(this.#parenthesis(quoted));
    else if (char === '{') parts.push(this.#braces(quoted));
    else if (NAME_START.test(char))
      parts.push(
        param(
          source.takeWhile((each) => NAME.test(each)),
          quoted,
        ),
      );
    else if (char !== '' && SPECIAL.test(char)) parts.push(param(source.take(), quoted));
    else parts.push({ kind: 'text', text: '$', quoted: true });
  }

  #parenthesis(quoted: boolean): Part {
    const { source } = this;
    if (source.startsWith('((')) return this.#arithmetic(quoted);
    source.take();
    return { kind: 'command', body: this.nested.toParenthesis(source), quoted };
  }

  #arithmetic(quoted: boolean): Part {
    const { source } = this;
    source.take(2);
    const parts: Part[] = [];
    for (let depth = 0; depth > 0 || !source.startsWith('))');) {
      if (source.isAtEnd) source.failAtEnd('unterminated arithmetic expression');
      if (source.peek() === '(') depth += 1;
      if (source.peek() === ')') depth -= 1;
      this.#quotedPiece(parts, '$`\\');
    }
    source.take(2);
    return { kind: 'arith', expression: joined(parts), quoted };
  }

  #braces(quoted: boolean): Part {
    const { source } = this;
    source.take();
    const isLength = source.peek() === '#' && source.peek(1) !== '}';
    if (isLength) source.take();
    const first = source.peek();
    const name = NAME_START.test(first)
      ? source.takeWhile((char) => NAME.test(char))
      : /\d/.test(first)
        ? source.takeWhile((char) => /\d/.test(char))
        : first !== '' && SPECIAL.test(first)
          ? source.take()
          : source.isAtEnd
            ? source.failAtEnd('unterminated substitution')
            : source.fail('bad substitution');
    const op = isLength ? 'length' : (OPS.find((each) => source.accept(each)) ?? '');
    const word = op === '' || op === 'length' ? [] : this.#operand(quoted);
    if (!source.accept('}')) return source.isAtEnd ? source.failAtEnd('missing }') : source.fail('bad substitution');
    return { kind: 'param', name, op, word, quoted };
  }

  #operand(quoted: boolean): Word {
    const { source } = this;
    const parts: Part[] = [];
    while (source.peek() !== '}') {
      if (source.isAtEnd) source.failAtEnd('missing }');
      if (!quoted) this.#piece(parts);
      else if (source.peek() === '"') this.#doubleQuotes(parts);
      else this.#quotedPiece(parts, '$`"\\}');
    }
    return joined(parts);
  }

  #backquotes(parts: Part[], quoted: boolean): void {
    const { source } = this;
    const { line } = source;
    source.take();
    let text = '';
    while (!source.accept('`')) {
      if (source.isAtEnd) source.failAtEnd('unterminated `');
      const isEscape = source.peek() === '\\' && '$`\\'.includes(source.peek(1) || ' ');
      if (isEscape) source.take();
      text += source.take();
    }
    parts.push({ kind: 'command', body: this.nested.all(text, line), quoted });
  }
}

function param(name: string, quoted: boolean): ParamPart {
  return { kind: 'param', name, op: '', word: [], quoted };
}

/** Neighbouring texts as one. */
function joined(parts: readonly Part[]): Word {
  const word: Part[] = [];
  for (const part of parts) {
    const last = word.at(-1);
    if (part.kind === 'text' && last?.kind === 'text' && last.quoted === part.quoted) {
      word[word.length - 1] = { ...last, text: last.text + part.text };
    } else word.push(part);
  }
  return word;
}
