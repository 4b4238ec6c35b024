import { fixtureName } from '../../../../lib/machine';
import type { Level, Timeline } from '../../../../lib/study';
import { html, Html } from './html';

/** Devices held and bound, a chart for each bus; operations are the clock. */
export function charts(timelines: readonly Timeline[]): Html {
  const top = Math.max(
    1,
    ...timelines.flatMap(({ steps }) =>
      steps.flatMap(({ levels }) => levels.map(({ held, bound }) => Math.max(held, bound))),
    ),
  );
  return html`${LEGEND}<div class="charts">${timelines.map((timeline) => chart(timeline, top))}</div>
<h3>The operations</h3>
<ol class="script">${(timelines[0]?.steps ?? []).map(({ who, what }) => html`<li>${who}: ${what}</li>`)}</ol>`;
}

/** The stripes are defined once, for all charts. */
const LEGEND = html`<ul class="legend">
<li><svg viewBox="0 0 4 2" preserveAspectRatio="none" aria-hidden="true">
<defs><pattern id="held-fill" width="0.22" height="1" patternUnits="userSpaceOnUse">
<path class="stripes" d="M0.11 0V1"></path></pattern></defs>
<path class="held-area" d="M0 0H4V2H0Z"></path><path class="held-line" d="M0 0.1H4"></path></svg>held by a guest;
striped where nothing is bound to it</li>
<li><svg viewBox="0 0 4 2" preserveAspectRatio="none" aria-hidden="true">
<path class="bound-area" d="M0 0H4V2H0Z"></path><path class="bound-line" d="M0 0.1H4"></path></svg>bound to a
driver</li>
</ul>`;

function chart(timeline: Timeline, top: number): Html {
  const { steps, totals } = timeline;
  const held = outline(timeline, top, (level) => level.held);
  const bound = outline(timeline, top, (level) => level.bound);
  const close = `V${String(top)}H0Z`;
  const ticks = steps.map((_, i) => `M${String(i)} 0V${String(top)}`).join('');
  return html`<figure class="chart"><figcaption><b>${fixtureName(timeline)}</b>
<span>held unused ${totals.hoard}, left behind ${totals.orphans}</span></figcaption>
<div class="scale" aria-hidden="true"><span>${top}</span><span>0</span></div>
<svg viewBox="0 0 ${steps.length} ${top}" preserveAspectRatio="none" role="img" aria-label="${spoken(timeline)}">
<path class="tick" d="${ticks}"></path>
<path class="held-area" d="${held}${close}"></path><path class="bound-area" d="${bound}${close}"></path>
<path class="held-line" d="${held}"></path><path class="bound-line" d="${bound}"></path></svg>
<div class="axis" aria-hidden="true">${steps.map((_, i) => html`<span>${i + 1}</span>`)}</div></figure>`;
}

/** A line of steps: within its operation every change has the same width. */
function outline({ steps }: Timeline, top: number, pick: (level: Level) => number): string {
  const points = steps.flatMap(({ levels }, step) =>
    levels.map((level, i) => ({ x: step + i / levels.length, y: top - pick(level) })),
  );
  const path = points.map(({ x, y }, i) => (i === 0 ? `M0 ${String(y)}` : `H${short(x)}V${String(y)}`));
  return `${path.join('')}H${String(steps.length)}`;
}

function short(x: number): string {
  return String(Math.round(x * 1000) / 1000);
}

function spoken(timeline: Timeline): string {
  const ends = timeline.steps.map(({ who, what, levels }) => {
    const { held = 0, bound = 0 } = levels.at(-1) ?? {};
    return `${who}: ${what}: ${String(held)} held, ${String(bound)} bound`;
  });
  return `${fixtureName(timeline)}, after each operation. ${ends.join('. ')}.`;
}
