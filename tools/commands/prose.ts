import { lineWidth, quotedWidth } from '../terminal';

/**
 * Breaks a text between words, and words that are longer than a line.
 *
 * @param width of a line; more than what it is indented by
 * @param hang what the lines after the first begin with
 * @param first what the first line begins with
 */
export function wrap(text: string, width: number, hang = '', first = ''): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const isBegun = line.trim() !== '';
    if (isBegun && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = hang + word;
    } else line += isBegun ? ` ${word}` : word;
    for (; line.length > width; line = hang + line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line].join('\n');
}

/** A text in lines as wide as the output. @param first blanks before the first line @param hang before the others */
export function prose(text: string, first = 0, hang = first): string {
  return wrap(text, lineWidth(), ' '.repeat(hang), ' '.repeat(first));
}

/** What the heads of a table mean, a line each. */
export function legend(heads: readonly (readonly [head: string, meaning: string])[]): string {
  return heads.map(([head, meaning]) => prose(`${head}: ${meaning}`, 2, 4)).join('\n');
}

/** A line of a trace or a log, indented: broken only where it is known how wide the output is. */
export function quoted(line: string, indent: number): string {
  const width = quotedWidth();
  const first = ' '.repeat(indent);
  return width === null ? first + line : wrap(line, width, ' '.repeat(indent + 4), first);
}
