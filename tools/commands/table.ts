import { stripVTControlCharacters } from 'node:util';
import { lineWidth } from '../terminal';

/** A text, or one that spans several columns. */
export type Cell = string | { readonly content: string; readonly colSpan: number };

/** How the columns are set. */
export interface TableLayout {
  /** Which are aligned to the right. Default: none. */
  readonly right?: (column: number) => boolean;
  /** Their widths, with one blank between them. Default: as wide as what is in them, with two. */
  readonly widths?: readonly number[];
  /** How many of the first columns stand in every part of a table that is too wide. Default: one. */
  readonly keep?: number;
}

/**
 * A table without lines; every row has the same number of columns, or cells that span several. One that is wider than a
 * line is cut between columns: its parts stand one below the other.
 */
export function table(rows: readonly (readonly Cell[])[], layout: TableLayout = {}): string {
  const { keep = 1, widths, right = () => false } = layout;
  const columns = { widths: widths ?? naturalWidths(rows), gap: widths === undefined ? 2 : 1, right };
  const parts = partsOf(columns, keep).map((shown) =>
    rows.flatMap((row) => drawRow(cellsOf(row, shown, columns), shown, columns)).join('\n'),
  );
  return parts.join('\n\n');
}

interface Columns {
  readonly widths: readonly number[];
  /** Blanks between two. */
  readonly gap: number;
  readonly right: (column: number) => boolean;
}

function widthOf(shown: readonly number[], { widths, gap }: Columns): number {
  return shown.reduce((sum, column) => sum + (widths[column] ?? 0) + gap, -gap);
}

function drawRow(row: readonly Cell[], shown: readonly number[], columns: Columns): string[] {
  let at = 0;
  const cells = row.map((cell) => {
    const { content, colSpan } = typeof cell === 'string' ? { content: cell, colSpan: 1 } : cell;
    const inside = shown.slice(at, at + colSpan);
    at += colSpan;
    const isRight = columns.right(inside[0] ?? 0);
    return { lines: content.split('\n'), width: widthOf(inside, columns), isRight };
  });
  const height = Math.max(...cells.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map(({ lines, width, isRight }) => padded(lines[line] ?? '', width, isRight))
      .join(' '.repeat(columns.gap))
      .trimEnd(),
  );
}

/** Colours take no room. */
function padded(text: string, width: number, isRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return isRight ? blanks + text : text + blanks;
}

function lengthOf(text: string): number {
  return text.includes('\u001b') ? stripVTControlCharacters(text).length : text.length;
}

/** Which columns each part has. */
function partsOf(columns: Columns, keep: number): number[][] {
  const kept = columns.widths.slice(0, keep).map((_, column) => column);
  const parts: number[][] = [[...kept]];
  for (let column = keep; column < columns.widths.length; column++) {
    const part = parts.at(-1) ?? [];
    if (part.length === keep || widthOf([...part, column], columns) <= lineWidth()) part.push(column);
    else parts.push([...kept, column]);
  }
  return parts;
}

/** What of a row is in some of the columns. A text that spans fewer than it has room in is broken at its hyphens. */
function cellsOf(row: readonly Cell[], shown: readonly number[], columns: Columns): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (const cell of row) {
    const span = typeof cell === 'string' ? 1 : cell.colSpan;
    const inside = shown.filter((column) => column >= at && column < at + span);
    if (typeof cell === 'string') cells.push(...(inside.length > 0 ? [cell] : []));
    else if (inside.length > 0)
      cells.push({ content: fitted(cell.content, widthOf(inside, columns)), colSpan: inside.length });
    at += span;
  }
  return cells;
}

function fitted(text: string, room: number): string {
  return linesOf(text).some((line) => line.length > room) ? text.split(/(?<=-)/).join('\n') : text;
}

/** Widths of what stands in single columns. */
function naturalWidths(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    let at = 0;
    for (const cell of row) {
      if (typeof cell === 'string')
        widths[at] = Math.max(widths[at] ?? 0, ...linesOf(cell).map(({ length }) => length));
      at += typeof cell === 'string' ? 1 : cell.colSpan;
    }
  }
  return widths;
}

function linesOf(text: string): string[] {
  return stripVTControlCharacters(text).split('\n');
}
