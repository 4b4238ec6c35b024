import Table, { type Cell } from 'cli-table3';

/** Widest line of a report. */
export const WIDTH = 100;

const NO_LINES = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' ',
};

/** How the columns are set. */
export interface Layout {
  /** Which are aligned to the right. Default: none. */
  readonly right?: (column: number) => boolean;
  /** Their widths, with one blank between them. Default: as wide as what is in them, with two. */
  readonly widths?: readonly number[];
}

/** A table without lines; every row has the same number of columns, or cells that span several. */
export function table(rows: readonly Cell[][], { right = () => false, widths }: Layout = {}): string {
  const made = new Table({
    colAligns: (rows.at(-1) ?? []).map((_, i) => (right(i) ? 'right' : 'left')),
    colWidths: [...(widths ?? [])],
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': widths === undefined ? 1 : 0 },
    chars: NO_LINES,
  });
  made.push(...rows);
  return made.toString().split('\n').map((line) => line.trimEnd()).join('\n');
}

/** Breaks a text between words; the lines after the first are indented. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > width) lines.push(indent + word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
