/** A text that is no JSON, or not the JSON that is wanted: what is wrong, and in which line. */
export class MachineFileError extends Error {
  constructor(
    readonly reason: string,
    /** From 1. */
    readonly line: number,
  ) {
    super(`line ${String(line)}: ${reason}`);
    this.name = 'MachineFileError';
  }
}

/** A JSON value that knows where it stands. */
export interface Located {
  readonly line: number;
  readonly value: string | number | boolean | null | readonly Located[] | ReadonlyMap<string, Located>;
}

/** Lists and objects within each other. */
const DEEPEST = 100;

/** @throws MachineFileError for what is no JSON, and for a key that an object has twice */
export function parseJson(text: string): Located {
  return new Reader(text).document();
}

/** @see RFC 8259 */
class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Located {
    const value = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) this.#unexpected();
    return value;
  }

  #value(depth: number): Located {
    this.#blanks();
    if (depth > DEEPEST) this.#fail('nested too deeply');
    const line = this.#line;
    const char = this.#text.charAt(this.#at);
    if (char === '{') return { line, value: this.#object(depth) };
    if (char === '[') return { line, value: this.#list(depth) };
    if (char === '"') return { line, value: this.#string() };
    const word = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)\b/.exec(
      this.#text.slice(this.#at, this.#at + 40),
    )?.[0];
    if (word === undefined) return this.#unexpected();
    this.#at += word.length;
    return { line, value: JSON.parse(word) as number | boolean | null };
  }

  #object(depth: number): ReadonlyMap<string, Located> {
    const members = new Map<string, Located>();
    this.#at += 1;
    for (this.#blanks(); !this.#accept('}'); this.#blanks()) {
      if (members.size > 0) this.#expect(',');
      this.#blanks();
      if (this.#text.charAt(this.#at) !== '"') this.#unexpected();
      const key = this.#string();
      if (members.has(key)) this.#fail(`"${key}" is there twice`);
      this.#blanks();
      this.#expect(':');
      members.set(key, this.#value(depth + 1));
    }
    return members;
  }

  #list(depth: number): readonly Located[] {
    const items: Located[] = [];
    this.#at += 1;
    for (this.#blanks(); !this.#accept(']'); this.#blanks()) {
      if (items.length > 0) this.#expect(',');
      items.push(this.#value(depth + 1));
    }
    return items;
  }

  #string(): string {
    const match = /"(?:[^"\\\n]|\\.)*"/y;
    match.lastIndex = this.#at;
    const literal = match.exec(this.#text)?.[0];
    if (literal === undefined) this.#fail('a text without its end');
    try {
      const value = JSON.parse(literal) as string;
      this.#at += literal.length;
      return value;
    } catch {
      return this.#fail(`${literal} is no text`);
    }
  }

  #blanks(): void {
    for (; /\s/.test(this.#text.charAt(this.#at)); this.#at++) if (this.#text[this.#at] === '\n') this.#line += 1;
  }

  #accept(char: string): boolean {
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#accept(char)) this.#unexpected(` (expecting "${char}")`);
  }

  #unexpected(expected = ''): never {
    const found = this.#at < this.#text.length ? `"${this.#text.charAt(this.#at)}"` : 'end of file';
    return this.#fail(`unexpected ${found}${expected}`);
  }

  #fail(reason: string): never {
    throw new MachineFileError(reason, this.#line);
  }
}
