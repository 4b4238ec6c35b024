import type {
  AndOr,
  Assignment,
  CaseCommand,
  Command,
  ForCommand,
  IfCommand,
  List,
  Pipeline,
  Redirect,
  RedirectOp,
  SimpleCommand,
  Word,
} from './ast';
import { Source } from './source';
import { WordReader } from './words';

const REDIRECTS: readonly (RedirectOp | '<<-')[] = ['<<-', '<<', '<&', '<>', '>>', '>&', '>|', '<', '>'];
/** Words with a meaning where a command begins. @see POSIX.1-2017 §2.4 */
const RESERVED = [
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
];
/** Where a list ends. */
const CLOSERS = ['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}'];
/** Substitutions and blocks within each other; deeper ones are an error, not an overflow. */
const MAX_DEPTH = 200;

/** A here-document whose text comes after the line. */
interface PendingDocument {
  readonly redirect: Redirect;
  readonly delimiter: string;
  readonly isLiteral: boolean;
  readonly stripTabs: boolean;
}

/**
 * Parses a script.
 *
 * @param firstLine what the first line is called in errors
 * @throws ShellSyntaxError
 */
export function parse(text: string, firstLine = 1): List {
  return new Parser(new Source(text, firstLine)).script();
}

/** @see POSIX.1-2017 §2.10.2 */
class Parser {
  readonly #words: WordReader;
  readonly #documents: PendingDocument[] = [];

  constructor(
    readonly source: Source,
    readonly depth = 0,
  ) {
    if (depth > MAX_DEPTH) source.fail('nested too deeply');
    this.#words = new WordReader(source, {
      toParenthesis: (from) => new Parser(from, depth + 1).#toParenthesis(),
      all: (text, line) => new Parser(new Source(text, line), depth + 1).script(),
    });
  }

  script(): List {
    const list = this.#list();
    if (!this.source.isAtEnd) this.#unexpected();
    this.#readDocuments();
    return list;
  }

  #toParenthesis(): List {
    const list = this.#list();
    this.#close(')');
    return list;
  }

  #list(): List {
    const list: AndOr[] = [];
    for (;;) {
      this.#newlines();
      if (this.source.isAtEnd || this.source.peek() === ')' || this.source.startsWith(';;')) return list;
      if (CLOSERS.includes(this.#reserved())) return list;
      list.push(this.#andOr());
      this.source.skipBlanks();
      if (this.source.startsWith(';;')) return list;
      const separated = this.source.accept(';') || this.#background() || this.source.peek() === '\n';
      if (!separated) return list;
    }
  }

  /** Commands in the background run in the foreground: there is one user, who waits. */
  #background(): boolean {
    return !this.source.startsWith('&&') && this.source.accept('&');
  }

  /** A list that may not be empty. */
  #commands(): List {
    const list = this.#list();
    if (list.length === 0) this.#unexpected();
    return list;
  }

  #andOr(): AndOr {
    const first = this.#pipeline();
    const rest: AndOr['rest'][number][] = [];
    for (;;) {
      this.source.skipBlanks();
      const op = (['&&', '||'] as const).find((each) => this.source.accept(each));
      if (op === undefined) return { first, rest };
      this.#newlines();
      rest.push({ op, pipeline: this.#pipeline() });
    }
  }

  #pipeline(): Pipeline {
    let negated = false;
    while (this.#reserved() === '!') {
      this.#expect('!');
      negated = !negated;
    }
    const commands = [this.#command()];
    for (;;) {
      this.source.skipBlanks();
      if (this.source.startsWith('||') || !this.source.accept('|')) return { negated, commands };
      this.#newlines();
      commands.push(this.#command());
    }
  }

  #command(): Command {
    this.source.skipBlanks();
    const { line } = this.source;
    if (this.source.peek() === '(') {
      this.source.take();
      const body = this.#commands();
      this.#close(')');
      return { kind: 'subshell', line, body, redirects: this.#redirects() };
    }
    switch (this.#reserved()) {
      case '{': {
        this.#expect('{');
        const body = this.#commands();
        this.#expect('}');
        return { kind: 'group', line, body, redirects: this.#redirects() };
      }
      case 'if':
        return this.#if(line);
      case 'for':
        return this.#for(line);
      case 'while':
        return this.#loop('while', line);
      case 'until':
        return this.#loop('until', line);
      case 'case':
        return this.#case(line);
      case '':
        return this.#simple(line);
      default:
        return this.#unexpected();
    }
  }

  #if(line: number): IfCommand {
    const branches: IfCommand['branches'][number][] = [];
    let word = 'if';
    do {
      this.#expect(word);
      const test = this.#commands();
      this.#expect('then');
      branches.push({ test, body: this.#commands() });
      word = this.#reserved();
    } while (word === 'elif');
    let otherwise: List | null = null;
    if (word === 'else') {
      this.#expect('else');
      otherwise = this.#commands();
    }
    this.#expect('fi');
    return { kind: 'if', line, branches, otherwise, redirects: this.#redirects() };
  }

  #loop(kind: 'while' | 'until', line: number): Command {
    this.#expect(kind);
    const test = this.#commands();
    const body = this.#doGroup();
    return { kind, line, test, body, redirects: this.#redirects() };
  }

  #doGroup(): List {
    this.#newlines();
    this.#expect('do');
    const body = this.#commands();
    this.#expect('done');
    return body;
  }

  #for(line: number): ForCommand {
    this.#expect('for');
    this.source.skipBlanks();
    const name = this.source.takeWhile((char) => /[A-Za-z0-9_]/.test(char));
    if (!/^[A-Za-z_]/.test(name)) {
      if (this.source.isAtEnd) this.source.failAtEnd('unexpected end of file');
      this.source.fail('bad for loop variable');
    }
    this.#newlines();
    let words: Word[] | null = null;
    if (this.#peekPlain() === 'in') {
      this.#takePlain('in');
      words = this.#wordList();
    }
    this.source.skipBlanks();
    this.source.accept(';');
    const body = this.#doGroup();
    return { kind: 'for', line, name, words, body, redirects: this.#redirects() };
  }

  #wordList(): Word[] {
    const words: Word[] = [];
    for (;;) {
      this.source.skipBlanks();
      const word = this.#words.word();
      if (word.length === 0) return words;
      words.push(word);
    }
  }

  #case(line: number): CaseCommand {
    this.#expect('case');
    this.source.skipBlanks();
    const word = this.#words.word();
    if (word.length === 0) this.#unexpected();
    this.#newlines();
    if (this.#peekPlain() !== 'in') this.#unexpected();
    this.#takePlain('in');
    const arms: CaseCommand['arms'][number][] = [];
    for (this.#newlines(); this.#peekPlain() !== 'esac'; this.#newlines()) arms.push(this.#arm());
    this.#takePlain('esac');
    return { kind: 'case', line, word, arms, redirects: this.#redirects() };
  }

  #arm(): CaseCommand['arms'][number] {
    this.source.accept('(');
    const patterns: Word[] = [];
    do {
      this.source.skipBlanks();
      const pattern = this.#words.word();
      if (pattern.length === 0) this.#unexpected();
      patterns.push(pattern);
      this.source.skipBlanks();
    } while (this.source.accept('|'));
    this.#close(')');
    const body = this.#list();
    this.source.skipBlanks();
    if (!this.source.accept(';;') && this.#peekPlain() !== 'esac') this.#unexpected();
    return { patterns, body };
  }

  #simple(line: number): Command {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      this.source.skipBlanks();
      const redirect = this.#redirect();
      if (redirect !== null) {
        redirects.push(redirect);
        continue;
      }
      const word = this.#words.word();
      if (word.length === 0) break;
      const assignment = words.length === 0 ? assignmentOf(word) : null;
      if (assignment !== null) assignments.push(assignment);
      else words.push(word);
      const name = this.#functionName(words, assignments, redirects);
      if (name !== null) return this.#function(name, line);
    }
    if (assignments.length + words.length + redirects.length === 0) this.#unexpected();
    const command: SimpleCommand = { kind: 'simple', line, assignments, words, redirects };
    return command;
  }

  #functionName(words: readonly Word[], ...others: readonly (readonly unknown[])[]): string | null {
    const [word] = words;
    if (word === undefined || words.length > 1 || others.some((list) => list.length > 0)) return null;
    return this.source.peek() === '(' ? plainText(word) : null;
  }

  #function(name: string, line: number): Command {
    this.source.take();
    this.#close(')');
    this.#newlines();
    return { kind: 'function', line, name, body: this.#command() };
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      this.source.skipBlanks();
      const redirect = this.#redirect();
      if (redirect === null) return redirects;
      redirects.push(redirect);
    }
  }

  #redirect(): Redirect | null {
    const { source } = this;
    const digits = /^\d*(?=[<>])/.exec(source.text.slice(source.at, source.at + 4))?.[0];
    if (digits === undefined) return null;
    source.take(digits.length);
    const op = REDIRECTS.find((each) => source.accept(each)) ?? '>';
    source.skipBlanks();
    const target = this.#words.word();
    if (target.length === 0) this.#unexpected();
    const fd = digits === '' ? (op.startsWith('<') ? 0 : 1) : Number(digits);
    if (op !== '<<' && op !== '<<-') return { fd, op, target };
    const redirect: Redirect = { fd, op: '<<', target: [] };
    const delimiter = target.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    const isLiteral = target.some((part) => part.kind === 'text' && part.quoted);
    this.#documents.push({ redirect, delimiter, isLiteral, stripTabs: op === '<<-' });
    return redirect;
  }

  #readDocuments(): void {
    for (const { redirect, delimiter, isLiteral, stripTabs } of this.#documents.splice(0)) {
      const { line } = this.source;
      let text = '';
      for (;;) {
        if (this.source.isAtEnd) this.source.failAtEnd(`here-document without its end, ${delimiter}`);
        const given = this.source.takeLine();
        const next = stripTabs ? given.replace(/^\t+/, '') : given;
        if (next === delimiter) break;
        text += `${next}\n`;
      }
      const nested = new Parser(new Source(text, line), this.depth + 1);
      redirect.target = isLiteral ? [{ kind: 'text', text, quoted: true }] : nested.#words.document();
    }
  }

  /** Skips blanks and newlines; behind a newline come the here-documents of the line. */
  #newlines(): void {
    for (this.source.skipBlanks(); this.source.accept('\n'); this.source.skipBlanks()) this.#readDocuments();
  }

  /** The word that comes next, if it is made of plain characters; it is not taken. */
  #peekPlain(): string {
    this.source.skipBlanks();
    const { text, at } = this.source;
    const word = /^[^\s;&|<>()"'\\$`]+/.exec(text.slice(at, at + 80))?.[0] ?? '';
    const next = text.charAt(at + word.length);
    return next === '' || ' \t\n;&|<>()'.includes(next) ? word : '';
  }

  #reserved(): string {
    const word = this.#peekPlain();
    return RESERVED.includes(word) ? word : '';
  }

  #takePlain(word: string): void {
    this.source.skipBlanks();
    this.source.take(word.length);
  }

  #expect(word: string): void {
    this.#newlines();
    if (this.#peekPlain() !== word) this.#unexpected(word);
    this.#takePlain(word);
  }

  #close(char: string): void {
    this.#newlines();
    if (!this.source.accept(char)) this.#unexpected(char);
  }

  /** As the shell words it. @see shell/ash.c raise_error_unexpected_syntax */
  #unexpected(expected?: string): never {
    this.source.skipBlanks();
    const wanted = expected === undefined ? '' : ` (expecting "${expected}")`;
    if (this.source.isAtEnd) this.source.failAtEnd(`unexpected end of file${wanted}`);
    if (this.source.peek() === '\n') this.source.fail(`unexpected newline${wanted}`);
    const { text, at } = this.source;
    const found = /^(?:;;|&&|\|\||[;&|()<>]|[^\s;&|<>()]+)/.exec(text.slice(at, at + 80))?.[0] ?? this.source.peek();
    return this.source.fail(`unexpected "${found}"${wanted}`);
  }
}

function plainText(word: Word): string | null {
  const [part] = word;
  return word.length === 1 && part?.kind === 'text' && !part.quoted ? part.text : null;
}

function assignmentOf(word: Word): Assignment | null {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return null;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(first.text);
  if (match === null) return null;
  const text = first.text.slice(match[0].length);
  const value = text === '' ? rest : [{ ...first, text }, ...rest];
  return { name: match[1] ?? '', value };
}
