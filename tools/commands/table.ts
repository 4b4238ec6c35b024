import { stripVTControlCharacters } from 'node:util';
import Table, { type Cell as TableCell } from 'cli-table3';
import { lineWidth } from '../terminal';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};

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
  const { keep = 1, widths } = layout;
  const room = widths ?? naturalWidths(rows).map((width) => width + 1);
  const parts = partsOf(room, keep).map((columns) => {
    return draw(
      rows.map((row) => cellsOf(row, columns, widths)),
      columns,
      layout,
    );
  });
  return parts.join('\n\n');
}

function draw(
  rows: readonly Cell[][],
  columns: readonly number[],
  { right = () => false, widths }: TableLayout,
): string {
  const made = new Table({
    colAligns: columns.map((column) => (right(column) ? 'right' : 'left')),
    colWidths: widths === undefined ? [] : columns.map((column) => widths[column] ?? 0),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': widths === undefined ? 1 : 0 },
    chars: NO_LINES,
  });
  made.push(...(rows as TableCell[][]));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Which columns each part has. */
function partsOf(room: readonly number[], keep: number): number[][] {
  const kept = room.slice(0, keep).map((_, column) => column);
  const used = (columns: readonly number[]): number => columns.reduce((sum, at) => sum + (room[at] ?? 0) + 1, -1);
  const parts: number[][] = [[...kept]];
  for (let column = keep; column < room.length; column++) {
    const part = parts.at(-1) ?? [];
    if (part.length === keep || used([...part, column]) <= lineWidth()) part.push(column);
    else parts.push([...kept, column]);
  }
  return parts;
}

/** What of a row is in some of the columns. A text that spans fewer than it has room in is broken at its hyphens. */
function cellsOf(row: readonly Cell[], columns: readonly number[], widths?: readonly number[]): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (const cell of row) {
    const span = typeof cell === 'string' ? 1 : cell.colSpan;
    const inside = columns.filter((column) => column >= at && column < at + span);
    const room = inside.reduce((sum, column) => sum + (widths?.[column] ?? Infinity) + 1, -1);
    if (typeof cell === 'string') cells.push(...(inside.length > 0 ? [cell] : []));
    else if (inside.length > 0) cells.push({ content: fitted(cell.content, room), colSpan: inside.length });
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
