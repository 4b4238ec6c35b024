import { ACTORS, type Actor, type Message, type Sequence } from '../../../../lib/study';
import { fixtureName } from '../../../../lib/machine';
import { html, type Html } from './html';

const NAMES: Readonly<Record<Actor, string>> = {
  user: 'user',
  core: 'driver core',
  bus: 'bus',
  driver: 'driver',
  host: 'hypervisor',
};

/** The messages on every bus; open at the beginning and where a device is first claimed. */
export function sequences(all: readonly Sequence[]): Html {
  const open = [0, all.findIndex((sequence) => claims(sequence) > 0)];
  return html`${all.map((sequence, i) => diagramPair(sequence, open.includes(i)))}`;
}

function claims({ bind, unbind }: Sequence): number {
  return [...bind, ...unbind].filter(({ kind }) => kind === 'claim').length;
}

function diagramPair(sequence: Sequence, isOpen: boolean): Html {
  const { bind, unbind } = sequence;
  const asked = claims(sequence);
  const claimed = asked === 0 ? 'no claim' : `claims and returns: ${String(asked)}`;
  const about = `${String(bind.length)} and ${String(unbind.length)} messages, ${claimed}`;
  const inside = html`<summary><b>${fixtureName(sequence)}</b> <span>${about}</span></summary>
<div class="pair"><div><h3>bind</h3>${diagram(bind)}</div><div><h3>unbind</h3>${diagram(unbind)}</div></div>`;
  return isOpen ? html`<details open>${inside}</details>` : html`<details>${inside}</details>`;
}

function diagram(messages: readonly Message[]): Html {
  if (messages.length === 0) return html`<p class="note">There is no device to bind.</p>`;
  return html`<ul class="lanes" aria-hidden="true">${ACTORS.map((actor) => html`<li>${NAMES[actor]}</li>`)}</ul>
<ol class="sequence">${messages.map(message)}</ol>`;
}

const LOOKS: Readonly<Record<Message['kind'], string>> = {
  question: 'question',
  answer: 'answer',
  claim: 'claim-made',
};

/** Lanes are two columns wide, and a lane's line is in its middle; a message to itself is one lane wide. */
function message({ from, to, text, kind }: Message, row: number): Html {
  const [left, right] = [ACTORS.indexOf(from), ACTORS.indexOf(to)].toSorted((a, b) => a - b) as [number, number];
  const [start, end] = [2 * left + 2, 2 * Math.max(right, left + 1) + 2];
  const way = ACTORS.indexOf(to) < ACTORS.indexOf(from) ? 'up' : 'down';
  const late = right === ACTORS.length - 1 ? ' late' : '';
  return html`<li class="${LOOKS[kind]} ${way}${late}"
 style="--from:${start};--to:${end};--row:${row + 1}"><span class="who">${NAMES[from]} → ${NAMES[to]}</span><span
 class="what">${text}</span></li>`;
}
