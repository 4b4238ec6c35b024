import { fixtureName, type FixtureId } from '../../../../lib/machine';
import { columns, GROUPS, groupSentences, rowsOf, verdict, type Comparison } from '../../../../lib/study';
import { conditionsText } from '../report';
import { charts } from './chart';
import { html, type Html } from './html';
import { matrix } from './matrix';
import { proof } from './proof';
import { sequences } from './sequence';
import { STYLE } from './style';
import { ledger, numbers, runs, stateTable } from './tables';

/** The comparison as one page that needs nothing but itself. */
export function page(result: Comparison): string {
  const { invariants } = result;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Why does allocating handles fit the driver model poorly?</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#conclusion">To the conclusion</a>
${head(result)}
<main>
${sections(result).map(
  ({ id, title, body }) => html`<section id="${id}"><h2>${title}</h2>${body}</section>
`,
)}</main>
<footer><p class="note">${reproduce(result)}</p></footer>
${invariants.map((row) => row.cells.map((cell, i) => proof(row, cell, i)))}
</body>
</html>
`.text;
}

function head(result: Comparison): Html {
  return html`<header>
<p class="kicker">The Linux driver model, measured: ${conditionsText(result.conditions)}</p>
<h1>Why does allocating handles fit the driver model poorly?</h1>
<nav aria-label="Contents"><ul>
${sections(result).map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
</ul></nav>
</header>`;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

function sections(result: Comparison): Section[] {
  const { invariants, timelines } = result;
  return [
    { id: 'conclusion', title: 'What the numbers say', body: plainWords(result) },
    { id: 'matrix', title: 'Which invariants hold', body: html`${matrix(invariants)}${groupWords(result)}` },
    {
      id: 'timeline',
      title: 'Devices held and devices bound',
      body: html`${TIMELINE}${charts(timelines)}${numbers(timelines)}`,
    },
    {
      id: 'sequence',
      title: 'A bind and an unbind, message by message',
      body: html`${SEQUENCE}${sequences(result.sequences)}`,
    },
    { id: 'states', title: 'The same operations in another order', body: html`${STATES}${stateTable(result.states)}` },
    { id: 'runs', title: 'What each driver did', body: runs(result.runs) },
    { id: 'measures', title: 'What was measured', body: measures(result) },
  ];
}

const TIMELINE = html`<p>Two guests go through the same script on every bus. World time jumps from one
operation to the next, so that the operations are the clock. A device that is held is kept from every other guest,
whether it is used or not.</p>`;

const SEQUENCE = html`<p>A user binds the first device by hand and unbinds it again. Nothing is drawn by
hand: the messages are the trace of the driver core, the calls of the drivers' functions and the hypervisor's log. The
messages that claim a device or give it back stand out.</p>`;

const STATES = html`<p>Operations that should not depend on each other are done in every
order, on every bus, and the states that they end in are counted. One state means that the order does not matter.
<code>ldm explore</code> goes further.</p>`;

/** The result first; then which columns hold, and at what price. */
function plainWords(result: Comparison): Html {
  const { whole, groups, orders, prices, thesis } = verdict(result);
  const [facts, claim] = thesis;
  const say = (sentence: string): Html => spelled(sentence, columns(result.invariants));
  return html`${claim === undefined ? '' : html`<p class="claim">${claim}</p>`}
<p class="lead">${say(whole)} ${facts === undefined ? '' : say(facts)}</p>
${ledger(result.invariants)}
<ul>${[...groups, ...orders, ...prices].map((sentence) => html`<li>${say(sentence)}</li>`)}</ul>`;
}

function groupWords({ invariants }: Comparison): Html {
  const groups = GROUPS.filter(({ group }) => rowsOf(invariants, group).length > 0);
  const all = columns(invariants);
  return html`<div class="words">${groups.map(
    ({ group, title }) => html`<div><h3>${title}</h3>
<ul>
${groupSentences(rowsOf(invariants, group)).map((sentence) => html`<li>${spelled(sentence, all)}</li>`)}
</ul></div>`,
  )}</div>`;
}

/** A sentence in which no name of a column is broken over two lines. */
function spelled(sentence: string, all: readonly FixtureId[]): Html {
  const names = all.map(fixtureName);
  const words = sentence.split(/(?<=[ (])|(?=[ ,.;:)])/);
  return html`${words.map((word) => (names.includes(word) ? html`<span class="name">${word}</span>` : word))}`;
}

function measures({ invariants }: Comparison): Html {
  return html`<ul>${invariants.map(
    ({ id, title, measure }) => html`<li><b>${id}</b> ${title}: ${measure}.</li>
`,
  )}</ul>`;
}

function reproduce({ conditions: { devices, policy, seed } }: Comparison): Html {
  return html`Made by <code>ldm compare --devices ${devices} --policy ${policy} --seed ${seed} --html
FILE</code>; the same options give the same page, byte for byte. What proves a cell is in the page when it is
read on a screen, and in <code>ldm compare --explain ID</code>.`;
}
