import { columns, GROUPS, rowsOf, type Cell, type Row } from '../../../../lib/study';
import type { FixtureId } from '../../../../lib/machine';
import { markOf, numberOf } from '../marks';
import { columnHeads } from './heads';
import { html, type Html } from './html';
import { proofId, verdictOf } from './proof';

/** A line an invariant, a column a bus; every cell opens what proves it. */
export function matrix(rows: readonly Row[]): Html {
  const all = columns(rows);
  return html`<div class="scroll matrix-box" role="region" aria-labelledby="matrix-caption" tabindex="0">
<table class="matrix">
<caption id="matrix-caption"><span>A number is what was measured; ✓ the invariant holds, ✗ it does not, - the
question does not arise. <i class="screen">Every cell opens the lines that prove it.</i></span></caption>
<thead>${columnHeads(all, 'Invariant')}</thead>
${GROUPS.map(({ group, title, meaning }) => groupBody(rowsOf(rows, group), all, title, meaning))}
</table></div>`;
}

function groupBody(rows: readonly Row[], all: readonly FixtureId[], title: string, meaning: string): Html {
  if (rows.length === 0) return html``;
  return html`<tbody>
<tr class="group"><th colspan="${all.length + 1}" scope="rowgroup"><b>${title}</b><span>${meaning}</span></th></tr>
${rows.map(
  (row) => html`<tr><th scope="row"><span class="id">${row.id}</span> ${row.title}</th>${cellsOf(row)}</tr>
`,
)}</tbody>`;
}

function cellsOf(row: Row): Html[] {
  return row.cells.map((cell, i) => cellBox(row, cell, i));
}

function cellBox(row: Row, cell: Cell, column: number): Html {
  return html`<td class="${cell.holds === null ? 'open' : cell.holds ? 'kept' : 'broken'}"><button class="cell"
 type="button" popovertarget="${proofId(row, column)}" title="${cell.text}"><span class="sign"
 aria-hidden="true">${markOf(cell)}</span> ${numberOf(cell)}<span class="unseen"> ${verdictOf(cell)}:
${cell.text}</span></button></td>`;
}
