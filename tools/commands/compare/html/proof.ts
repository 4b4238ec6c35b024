import { fixtureName } from '../../../../lib/machine';
import type { Cell, Row } from '../../../../lib/study';
import { html, type Html } from './html';

/** Where the proof of a cell stands in the page. */
export function proofId({ id }: Row, column: number): string {
  return `proof-${id}-${String(column + 1)}`;
}

export function verdictOf({ holds }: Pick<Cell, 'holds'>): string {
  return holds === null ? 'does not arise' : holds ? 'holds' : 'broken';
}

/** What proves a cell; it opens above the page, without any script. */
export function proof(row: Row, cell: Cell, column: number): Html {
  const id = proofId(row, column);
  return html`<div popover class="proof" id="${id}" role="dialog" aria-labelledby="${id}-title">
<button class="close" type="button" popovertarget="${id}" popovertargetaction="hide">Close</button>
<h3 id="${id}-title">${fixtureName(cell)}: ${row.title}</h3>
<p>${row.id} ${verdictOf(cell)}: <b>${cell.text}</b></p>
<p class="note">Measured: ${row.measure}.</p>
<pre>${cell.evidence.map((line) => html`<span class="${lookOf(line)}">${line}</span>`)}</pre>
</div>
`;
}

/** Operations and claims are highlighted. */
function lookOf(line: string): string {
  if (/^\w+: \$ /.test(line)) return 'did';
  return /^host: .*(claims|releases|refused)/.test(line) ? 'claimed' : 'seen';
}
