import type { FixtureId } from '../../../../lib/machine';
import { html, type Html } from './html';

/** Two lines of column heads: a bus, and below it its strategies where it has several. */
export function columnHeads(all: readonly FixtureId[], first: string): Html {
  const buses = all.filter(({ bus, strategy }, i) => strategy === null || all[i - 1]?.bus !== bus);
  const top = buses.map(({ bus, strategy }) => {
    if (strategy === null) return html`<th scope="col" rowspan="2" class="bus">${bus}</th>`;
    const strategies = all.filter((other) => other.bus === bus).length;
    return html`<th scope="colgroup" colspan="${strategies}" class="bus">${bus}</th>`;
  });
  const below = all.flatMap(({ strategy }) => (strategy === null ? [] : [html`<th scope="col">${strategy}</th>`]));
  return html`<tr><th scope="col" rowspan="2">${first}</th>${top}</tr><tr>${below}</tr>`;
}
