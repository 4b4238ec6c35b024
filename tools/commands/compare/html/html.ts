/** Markup: whatever in it is not markup has been escaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** What can stand in a template: texts are escaped, markup is not, lists are joined. */
export type Part = Html | string | number | readonly Part[];

/** A template of markup, as `` html`<p title="${title}">${text}</p>` ``; attributes must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(String.raw({ raw: strings.raw }, ...parts.map(render)));
}

function render(part: Part): string {
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(render).join('') : escape(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters are not allowed in a page, whatever their origin. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '').replace(/[^\n\t\P{Cc}]/gu, '\uFFFD');
}
