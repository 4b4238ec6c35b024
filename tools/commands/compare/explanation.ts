import { fixtureName } from '../../../lib/machine';
import type { Cell, Comparison } from '../../../lib/study';
import { prose, quoted } from '../prose';

/** The lines that prove the cells of the rows that were measured. */
export function explanation({ invariants }: Comparison): string {
  const lines = invariants.flatMap((row) => [
    prose(`${row.id} ${row.title}`),
    prose(`measured: ${row.measure}`, 0, 2),
    ...row.cells.flatMap((cell) => [
      '',
      prose(`== ${fixtureName(cell)}: ${cellText(cell)}`, 0, 3),
      ...cell.evidence.map((line) => quoted(line, 2)),
    ]),
  ]);
  return `${lines.join('\n')}\n`;
}

function cellText(cell: Cell): string {
  return `${cell.holds === null ? '-' : cell.holds ? 'yes' : 'NO'}: ${cell.text}`;
}
