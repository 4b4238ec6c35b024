import { columns, GROUPS, groupSentences, rowsOf, type Cell, type Row } from '../../../lib/study';
import type { FixtureId } from '../../../lib/machine';
import { lineWidth } from '../../terminal';
import { prose, wrap } from '../prose';
import { table, type Cell as TableCell } from '../table';
import { markOf, numberOf } from './marks';
import type { Paint } from './paint';

/** A part for each group: what it is, a table, what the numbers are, and what they say. */
export function invariantsText(rows: readonly Row[], paint: Paint): string[] {
  const widths = columnWidths(rows);
  return GROUPS.flatMap(({ group, title, meaning }) => {
    const some = rowsOf(rows, group);
    if (some.length === 0) return [];
    return [
      `${paint('bold', title)}\n${prose(meaning)}`,
      groupTable(some, widths, paint),
      some.map(({ id, measure }) => prose(`${id.padEnd(ID_WIDTH)} ${measure}`, 0, ID_WIDTH + 1)).join('\n'),
      groupSentences(some)
        .map((sentence) => prose(sentence, 0, 2))
        .join('\n'),
    ];
  });
}

/** "I29". */
const ID_WIDTH = 3;
/** Of the titles, at least. */
const TITLE_WIDTH = 24;

/** The same in all groups, so that a column can be followed down the page; the titles have what the others leave. */
function columnWidths(rows: readonly Row[]): number[] {
  const lines = [...nameLines(columns(rows)), ...rows.map((row) => row.cells.map(cellText))];
  const cells = columns(rows).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const left = lineWidth() - ID_WIDTH - 1 - cells.reduce((sum, width) => sum + width + 1, 0);
  return [ID_WIDTH, Math.max(TITLE_WIDTH, left), ...cells];
}

/** A line an invariant, a column a bus. */
function groupTable(rows: readonly Row[], widths: readonly number[], paint: Paint): string {
  const lines = rows.map((row) => [
    row.id,
    wrap(row.title, (widths[1] ?? TITLE_WIDTH) - 1),
    ...row.cells.map((cell) => painted(cell, paint)),
  ]);
  const all = columns(rows);
  return table([...busLine(all), ...nameLines(all).map((line) => ['', '', ...line]), ...lines], { widths, keep: 2 });
}

/** A bus with several strategies stands once above them. */
function busLine(all: readonly FixtureId[]): TableCell[][] {
  if (all.every(({ strategy }) => strategy === null)) return [];
  const line: TableCell[] = ['', ''];
  for (let i = 0; i < all.length;) {
    const { bus, strategy } = all[i] as FixtureId;
    const colSpan = strategy === null ? 1 : all.slice(i).filter((other) => other.bus === bus).length;
    line.push({ content: strategy === null ? '' : bus, colSpan });
    i += colSpan;
  }
  return [line];
}

/** Names of buses and strategies, broken at hyphens, the last parts in one line. */
function nameLines(all: readonly FixtureId[]): string[][] {
  const names = all.map(({ bus, strategy }) => (strategy ?? bus).split(/(?<=-)/));
  const depth = Math.max(...names.map(({ length }) => length));
  return Array.from({ length: depth }, (_, line) => names.map((parts) => parts[line - depth + parts.length] ?? ''));
}

function cellText(cell: Cell): string {
  return `${markOf(cell)} ${numberOf(cell)}`.trimEnd();
}

function painted(cell: Cell, paint: Paint): string {
  const text = cellText(cell);
  return cell.holds === null ? text : paint(cell.holds ? 'green' : 'red', text);
}
