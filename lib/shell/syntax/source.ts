import { ShellSyntaxError } from './error';

/** A text that is read character by character; a backslash before a newline joins two lines. */
export class Source {
  #at = 0;
  #line: number;

  constructor(
    readonly text: string,
    firstLine = 1,
  ) {
    this.#line = firstLine;
  }

  get at(): number {
    return this.#at;
  }

  get line(): number {
    return this.#line;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  /** The next character; empty at the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.#at + ahead);
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.#at);
  }

  take(count = 1): string {
    const taken = this.text.slice(this.#at, this.#at + count);
    this.#at += taken.length;
    for (const char of taken) if (char === '\n') this.#line += 1;
    return taken;
  }

  /** Takes the text if it comes next. */
  accept(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.take(text.length);
    return true;
  }

  /** Takes characters as long as a test holds. */
  takeWhile(test: (char: string) => boolean): string {
    let end = this.#at;
    while (end < this.text.length && test(this.text.charAt(end))) end += 1;
    return this.take(end - this.#at);
  }

  /** The rest of the line, without its newline, which is taken too. */
  takeLine(): string {
    const line = this.takeWhile((char) => char !== '\n');
    this.take();
    return line;
  }

  /** Skips blanks, joined lines and a comment. */
  skipBlanks(): void {
    for (;;) {
      if (this.startsWith('\\\n')) this.take(2);
      else if (this.peek() === ' ' || this.peek() === '\t') this.take();
      else break;
    }
    if (this.peek() === '#') this.takeWhile((char) => char !== '\n');
  }

  fail(reason: string): never {
    throw new ShellSyntaxError(reason, this.#line);
  }

  /** The text ends where it may not. */
  failAtEnd(reason: string): never {
    throw new ShellSyntaxError(reason, this.#line, true);
  }
}
