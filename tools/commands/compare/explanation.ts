import { columnName, type Cell, type Comparison } from '../../../lib/study';

/** The lines that prove the cells of the rows that were measured. */
export function explanation({ invariants }: Comparison): string {
  const lines = invariants.flatMap((row) => [
    `${row.id} ${row.title}`,
    `measured: ${row.measure}`,
    ...row.cells.flatMap((cell) => [
      '',
      `== ${columnName(cell)}: ${cellText(cell)}`,
      ...cell.evidence.map((line) => `  ${line}`),
    ]),
  ]);
  return `${lines.join('\n')}\n`;
}

function cellText(cell: Cell): string {
  return `${cell.holds === null ? '-' : cell.holds ? 'yes' : 'NO'}: ${cell.text}`;
}
