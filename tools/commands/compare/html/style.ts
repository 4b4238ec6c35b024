import { Html } from './html';

/** Colours of light paper; printing always uses these. */
const LIGHT = `
  --paper: #fcfbf8; --panel: #f4f1ea; --ink: #1c1d1f; --muted: #595c62; --line: #d9d4c9;
  --held: #a8430f; --held-soft: #f3cdb2; --bound: #1f55b0; --bound-soft: #d3e1f8;
  --bad: #9f1f0d; --bad-soft: #fbe3dc; --good: #2b6a3d; --shade: rgb(28 29 31 / 45%);`;

const DARK = `
  --paper: #15171a; --panel: #1e2125; --ink: #e9e7e2; --muted: #a7aab0; --line: #373b42;
  --held: #f4a672; --held-soft: #5a3620; --bound: #8db7ff; --bound-soft: #20365a;
  --bad: #ff9c88; --bad-soft: #4a231c; --good: #8fd0a0; --shade: rgb(0 0 0 / 60%);`;

const TEXT = `
* { box-sizing: border-box; }
html { font-size: 17px; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Liberation Serif", Georgia, serif; }
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3.5rem; }
section { margin-top: 3.5rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.6rem); line-height: 1.15; font-weight: 600; letter-spacing: -0.01em;
  margin: 0 0 1rem;
  max-width: 24em; text-wrap: balance; }
h2 { font-size: 1.45rem; line-height: 1.25; font-weight: 600; margin: 0 0 0.5rem; text-wrap: balance; }
h3 { font-size: 1.05rem; line-height: 1.3; font-weight: 600; margin: 0 0 0.35rem; }
p, ul, ol, dl { margin: 0 0 1rem; max-width: 42rem; }
li { margin-bottom: 0.45rem; }
.lead { font-size: 1.2rem; line-height: 1.45; }
.claim { font-size: clamp(1.25rem, 3.4vw, 1.6rem); line-height: 1.35; font-style: italic;
  border-left: 3px solid var(--held);
  padding-left: 1.1rem; margin: 0 0 1.5rem; text-wrap: balance; }
.words { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem 3rem;
  margin-top: 2rem; }
.words ul { padding-left: 1.1rem; font-size: 0.95rem; }
.kicker, .note, nav, table, button, summary, figure, .lanes, .sequence, .proof { font-family: system-ui, "Segoe UI",
  Roboto,
  "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
.kicker, .note { color: var(--muted); font-size: 0.85rem; line-height: 1.5; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; font-size: 0.85rem; }
nav li { margin: 0; }
a { color: var(--bound); text-underline-offset: 0.15em; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
  font-size: 0.88em; }
:focus-visible { outline: 3px solid var(--bound); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { margin-top: 4rem; padding-bottom: 4rem; }`;

const TABLES = `
.scroll { overflow-x: auto; margin: 1.25rem 0; position: relative; background:
  linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% local no-repeat,
  linear-gradient(to left, var(--line), transparent) right / 1rem 100% scroll no-repeat; }
table { border-collapse: collapse; font-size: 0.82rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); padding-bottom: 0.6rem; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(42rem, calc(100vw - 2.5rem)); }
caption i { font-style: normal; }
abbr { text-decoration: none; }
th, td { padding: 0.3rem 0.6rem; text-align: left; vertical-align: baseline; font-weight: 400; }
thead { border-bottom: 1px solid var(--ink); }
thead th { color: var(--muted); vertical-align: bottom; }
th[scope=colgroup] { border-bottom: 1px solid var(--line); }
td { white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); }
.number { text-align: right; }
.name { white-space: nowrap; }
.runs tbody { border-bottom: 1px solid var(--muted); }
.group th { padding-top: 1.5rem; }
.group b { font-weight: 600; font-size: 1rem; display: block; }
.group span { color: var(--muted); }
.order ol { margin: 0; padding-left: 1.2rem; white-space: normal; }
.order li { margin: 0; }
.matrix { width: 100%; }
.matrix tbody th[scope=row] { min-width: 15rem; }
.matrix td { padding: 0; }
.matrix tbody th[scope=row] { padding-left: 3.2em; text-indent: -2.6em; }
.id { color: var(--muted); display: inline-block; min-width: 2.35em; text-indent: 0; }
.cell { all: unset; box-sizing: border-box; display: block; width: 100%; min-height: 2rem; padding: 0.3rem 0.6rem;
  cursor: pointer;
  white-space: nowrap; }
.cell:hover { background: var(--panel); }
.cell:focus-visible { outline: 3px solid var(--bound); outline-offset: -3px; }
.kept .sign { color: var(--good); }
.broken { background: var(--bad-soft); color: var(--bad); }
.broken .cell { font-weight: 600; }
.broken .cell:hover { text-decoration: underline; background: none; }
.open .cell { color: var(--muted); }`;

const PROOFS = `
.proof { border: 1px solid var(--line); background: var(--paper); color: var(--ink); padding: 1.25rem 1.5rem 1.5rem;
  margin: auto;
  width: min(64rem, calc(100vw - 1.5rem)); max-height: 88vh; overflow: auto; border-radius: 6px; font-size: 0.9rem; }
.proof::backdrop { background: var(--shade); }
.proof p { margin-bottom: 0.5rem; max-width: none; }
.proof pre { margin: 1rem 0 0; padding: 0.75rem 1rem; background: var(--panel); border-radius: 4px; font-size: 0.8rem;
  line-height: 1.5; }
.proof pre span { display: block; padding-left: 4ch; text-indent: -4ch; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.proof .did { font-weight: 600; }
.proof .claimed { color: var(--held); font-weight: 600; }
.close { float: right; margin: 0 0 0.5rem 1rem; font: inherit; color: inherit; background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 4px; padding: 0.35rem 0.9rem; cursor: pointer; }`;

const CHARTS = `
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 1.75rem 2rem;
  margin: 1.5rem 0; }
.chart { margin: 0; display: grid; grid-template-columns: 1.6em 1fr; font-size: 0.75rem; break-inside: avoid; }
.chart figcaption { grid-column: 1 / -1; margin-bottom: 0.4rem; }
.chart figcaption b { font-size: 0.9rem; font-weight: 600; display: block; }
.chart figcaption span, .chart .axis { color: var(--muted); }
.chart .scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right;
  padding-right: 0.45em;
  line-height: 1; }
.chart svg { width: 100%; height: 7rem; display: block; border-bottom: 1px solid var(--ink); overflow: visible; }
.chart .axis { grid-column: 2; display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; font-size: 0.62rem;
  text-align: center;
  padding-top: 0.2rem; font-variant-numeric: tabular-nums; }
.held-area { fill: url(#held-fill); }
.held-line { fill: none; stroke: var(--held); stroke-width: 2; stroke-dasharray: 5 3;
  vector-effect: non-scaling-stroke; }
.bound-area { fill: var(--bound-soft); }
.bound-line { fill: none; stroke: var(--bound); stroke-width: 2.25; vector-effect: non-scaling-stroke; }
.tick { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.stripes { stroke: var(--held); stroke-width: 0.07; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 2rem; font-size: 0.85rem;
  max-width: none; }
.legend svg { width: 2.2rem; height: 1rem; vertical-align: -0.2rem; margin-right: 0.5rem; }
.script { columns: 13rem; column-gap: 2rem; max-width: none; font-size: 0.85rem; padding-left: 1.8rem; }
.script li { margin: 0; }`;

const SEQUENCES = `
details { border-top: 1px solid var(--line); padding: 0.7rem 0; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-size: 0.95rem; }
summary b { font-weight: 600; }
summary span { color: var(--muted); font-size: 0.85rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 2.5rem; margin-top: 1rem; }
.pair h3 { font-size: 0.9rem; }
.lanes, .sequence { display: grid; grid-template-columns: repeat(10, 1fr); padding: 0; margin: 0; max-width: none;
  list-style: none; }
.lanes { color: var(--muted); font-size: 0.75rem; text-align: center; }
.lanes li { grid-column: span 2; margin: 0; }
.sequence { font-size: 0.72rem; line-height: 1.25; padding-bottom: 0.5rem;
  background: repeating-linear-gradient(to right, transparent 0 calc(10% - 0.5px),
    var(--line) calc(10% - 0.5px) calc(10% + 0.5px),
    transparent calc(10% + 0.5px) 20%); }
.sequence li { grid-column: var(--from) / var(--to); grid-row: var(--row); margin: 0; padding-top: 0.3rem;
  display: flex; white-space: nowrap;
  border-bottom: 1.5px solid var(--muted); position: relative; min-height: 1.5rem; align-items: end; }
.sequence .what { background: var(--paper); padding: 0 0.3em; position: relative; }
.sequence .late { justify-content: flex-end; }
.sequence .answer { border-bottom-style: dashed; color: var(--muted); }
.sequence .claim-made { border-bottom: 2.5px solid var(--held); color: var(--held); font-weight: 600; }
.sequence li::after { content: ""; position: absolute; bottom: -0.28rem; border: 0.25rem solid transparent; }
.sequence .down::after { right: -0.05rem; border-right: 0; border-left: 0.45rem solid currentcolor; }
.sequence .up::after { left: -0.05rem; border-left: 0; border-right: 0.45rem solid currentcolor; }
.sequence .who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }`;

const PHONE = `
@media (max-width: 60rem) {
  .pair { grid-template-columns: 1fr; }
  .matrix tbody th[scope=row], .matrix thead tr:first-child > :first-child { position: sticky; left: 0;
    background: var(--paper);
    min-width: 10.5rem; max-width: 10.5rem; z-index: 1; box-shadow: 1px 0 var(--line); }
  .group th > * { position: sticky; left: 0.6rem; display: block; max-width: calc(100vw - 4rem); }
}
@media (max-width: 40rem) {
  html { font-size: 16px; }
  main, header, footer { padding: 0 1rem; }
  header { padding-top: 2rem; }
  ul, ol { padding-left: 1.2rem; }
  th, td { padding: 0.3rem 0.45rem; }
  .runs th[scope=row], .numbers th[scope=row] { position: sticky; left: 0; background: var(--paper); }
  .lanes { display: none; }
  .sequence { display: block; background: none; font-size: 0.8rem; }
  .sequence li { display: block; white-space: normal; border: 0; border-left: 2px solid var(--line);
    padding: 0.25rem 0 0.25rem 0.6rem;
    overflow-wrap: anywhere; }
  .sequence li::after { content: none; }
  .sequence .claim-made { border: 0; border-left: 4px solid var(--held); }
  .sequence .who { position: static; width: auto; height: auto; clip-path: none; display: block; color: var(--muted);
    font-size: 0.72rem;
    font-weight: 400; }
  .sequence .what { padding: 0; }
  .proof { padding: 1rem; }
}
@media (min-width: 60.01rem) {
  .matrix-box { overflow: visible; }
  .matrix thead { position: sticky; top: 0; background: var(--paper); z-index: 1;
    border: 0; box-shadow: 0 1px var(--ink); }
  .matrix thead th { border: 0; }
}`;

const PRINT = `
@media print {
  @page { margin: 14mm; }
  html { font-size: 10.5pt; }
  nav, .skip, .proof, .screen { display: none; }
  main, header, footer { max-width: none; padding: 0; }
  section { margin-top: 1.6rem; }
  .scroll { overflow: visible; }
  .matrix { font-size: 7pt; }
  .matrix thead { position: static; }
  .matrix tbody th[scope=row] { min-width: 11rem; max-width: none; position: static; box-shadow: none; }
  .cell { padding: 0.15rem 0.25rem; min-height: 0; }
  th, td { padding: 0.15rem 0.3rem; }
  .runs, .numbers { font-size: 7.5pt; }
  tr, .pair > div, .chart, li { break-inside: avoid; }
  h2, h3, summary, .group { break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  summary { list-style: none; }
  .charts { grid-template-columns: repeat(3, 1fr); gap: 1rem; }
  .chart svg { height: 4.5rem; }
  .pair { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .sequence { font-size: 6.5pt; }
  .broken, .held-area, .bound-area, .sequence { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}`;

/** All of the page's look. */
export const STYLE = new Html(`
:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
${TEXT}${TABLES}${PROOFS}${CHARTS}${SEQUENCES}${PHONE}${PRINT}
`);
