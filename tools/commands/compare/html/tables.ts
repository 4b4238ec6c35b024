import { fixtureName } from '../../../../lib/machine';
import { GROUPS, rowsOf, tallies, type Row, type Run, type StateCount, type Timeline } from '../../../../lib/study';
import { NUMBERS } from '../timelines';
import { html, type Html } from './html';

/** How much of each group every column keeps. */
export function ledger(rows: readonly Row[]): Html {
  const groups = GROUPS.filter(({ group }) => rowsOf(rows, group).length > 0);
  const lines = groups.map(({ group }) => tallies(rowsOf(rows, group)));
  return html`<div class="scroll" role="region" aria-label="Invariants kept" tabindex="0"><table class="numbers">
<caption><span>Invariants that each bus keeps, of those that could be judged: what drivers/base itself relies on,
what documents promise, what people expect, what is measured besides.</span></caption>
<thead><tr><th scope="col">Bus</th>
${groups.map(({ short, title }) => html`<th scope="col"><abbr title="${title}">${short}</abbr></th>`)}</tr></thead>
<tbody>${tallies(rows).map(
    ({ column }, i) => html`<tr><th scope="row">${fixtureName(column)}</th>
${lines.map((line) => share(line[i]))}</tr>
`,
  )}</tbody></table></div>`;
}

function share(tally: ReturnType<typeof tallies>[number] | undefined): Html {
  const [kept, broken] = [tally?.kept.length ?? 0, tally?.broken.length ?? 0];
  if (kept + broken === 0) return html`<td>-</td>`;
  const [look, sign] = broken === 0 ? ['kept', '✓'] : ['broken', '✗'];
  const all = kept + broken;
  return html`<td class="${look}"><span class="sign" aria-hidden="true">${sign}</span> ${kept} of ${all}</td>`;
}

/** What the script comes to on each bus. */
export function numbers(timelines: readonly Timeline[]): Html {
  return html`<div class="scroll" role="region" aria-label="Numbers of the script" tabindex="0"><table class="numbers">
<caption><span>${NUMBERS.map(([title, , meaning]) => `${title}: ${meaning}`).join('; ')}.</span></caption>
<thead><tr><th scope="col">Bus</th>
${NUMBERS.map(([title]) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
<tbody>${timelines.map(
    (timeline) => html`<tr><th scope="row">${fixtureName(timeline)}</th>
${NUMBERS.map(([, of]) => html`<td class="number">${of(timeline.totals)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

/** In how many states the same operations end, and what shows it. */
export function stateTable(states: readonly StateCount[]): Html {
  return html`<div class="scroll" role="region" aria-label="Final states" tabindex="0"><table class="numbers states">
<caption><span>Orders that were tried; the most final states that one set of operations had; the shortest order
that ends otherwise than the first of its kind.</span></caption>
<thead><tr><th scope="col">Bus</th><th scope="col" class="number">orders</th>
<th scope="col" class="number">states</th><th scope="col">shortest order</th></tr></thead>
<tbody>${states.map(
    (state) => html`<tr><th scope="row">${fixtureName(state)}</th><td class="number">${state.orders}</td>
<td class="number ${state.distinct > 1 ? 'broken' : 'kept'}">${state.distinct}</td>
<td class="order">${shortest(state)}</td></tr>
`,
  )}</tbody></table></div>`;
}

function shortest({ shortest: order }: StateCount): Html {
  return order === null ? html`-` : html`<ol>${order.map((operation) => html`<li>${operation}</li>`)}</ol>`;
}

const COSTS: readonly (readonly [head: string, of: (run: Run) => string])[] = [
  ['found', ({ found }) => String(found)],
  ['by accesses', ({ scanExits }) => String(scanExits)],
  ['bound', ({ devicesBound }) => String(devicesBound)],
  ['used', ({ devicesVerified, ioVerified }) => (ioVerified ? String(devicesVerified) : 'FAILED')],
  ['hypercalls', ({ cost }) => String(cost.hypercalls)],
  ['exits', ({ cost }) => String(cost.exits)],
  ['interrupts', ({ cost }) => String(cost.interrupts)],
  ['bytes copied, host', ({ cost }) => String(cost.bytesCopiedHost)],
  ['guest', ({ cost }) => String(cost.bytesCopiedGuest)],
  ['bytes mapped', ({ cost }) => String(cost.memoryMapped)],
  ['latency, us', ({ cost }) => (cost.latencyNs / 1000).toFixed(0)],
];

/** What each driver did on each bus. */
export function runs(all: readonly Run[]): Html {
  return html`<div class="scroll" role="region" aria-label="Drivers on buses" tabindex="0"><table class="runs">
<caption><span>The same drivers on every bus: devices found before any driver and by how many
accesses, bound, used and checked; then what it cost.</span></caption>
<thead><tr><th scope="col">Bus</th><th scope="col">Driver</th>
${COSTS.map(([head]) => html`<th scope="col" class="number">${head}</th>`)}</tr></thead>
${busesOf(all).map(busBody)}</table></div>`;
}

/** The runs of each bus, in the order of the buses. */
function busesOf(all: readonly Run[]): Run[][] {
  const names = [...new Set(all.map(fixtureName))];
  return names.map((name) => all.filter((run) => fixtureName(run) === name));
}

function busBody(some: readonly Run[]): Html {
  const head = (run: Run): Html => html`<th scope="rowgroup" rowspan="${some.length}">${fixtureName(run)}</th>`;
  return html`<tbody>${some.map(
    (run, i) => html`<tr>${i > 0 ? '' : head(run)}<td>${run.driver}</td>
${COSTS.map(([, of]) => html`<td class="number">${of(run)}</td>`)}</tr>
`,
  )}</tbody>`;
}
