/** A piece of a field: quoted pieces are not taken for patterns. */
export interface Segment {
  readonly text: string;
  readonly quoted: boolean;
}

/** What a word becomes: fields, while they are made. Unquoted results of expansions are split at `IFS`. */
export class Fields {
  readonly #fields: Segment[][] = [];
  #open: Segment[] | null = null;
  readonly #ifs: string;

  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  /** Text of the script itself, and what is quoted: not split. */
  add(text: string, quoted: boolean): void {
    if (text === '' && !quoted) return;
    (this.#open ??= []).push({ text, quoted });
  }

  /** What an unquoted expansion gave. @see POSIX.1-2017 §2.6.5 */
  split(text: string): void {
    let piece = '';
    for (const char of text) {
      if (!this.#ifs.includes(char)) {
        piece += char;
        continue;
      }
      this.add(piece, false);
      piece = '';
      if (!' \t\n'.includes(char) && this.#open === null) this.add('', true);
      this.next();
    }
    this.add(piece, false);
  }

  /** What comes now is another field. */
  next(): void {
    if (this.#open !== null) this.#fields.push(this.#open);
    this.#open = null;
  }

  done(): readonly (readonly Segment[])[] {
    this.next();
    return this.#fields;
  }
}

export function textOf(segments: readonly Segment[]): string {
  return segments.map(({ text }) => text).join('');
}

/** A pattern in which what is quoted stands for itself. */
export function patternOf(segments: readonly Segment[]): string {
  return segments.map(({ text, quoted }) => (quoted ? text.replace(/[*?[\]\\!-]/g, '\\$&') : text)).join('');
}
