/** Names that are shown at most. */
const MOST = 8;

/** Of all names those that somebody may have meant, the nearest first; without any, the first ones. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const unlike = (name: string): number =>
    name.includes(wanted) || wanted.includes(name) ? 0.5 : distance(wanted, name);
  const all = [...new Set(names)];
  const ranked = all.map((name) => ({ name, rank: unlike(name) })).sort((a, b) => a.rank - b.rank);
  const near = ranked.filter(({ rank }) => rank <= Math.max(1, wanted.length / 3)).map(({ name }) => name);
  return (near.length > 0 ? near : all).slice(0, MOST);
}

/** How many letters have to be put in, left out or replaced: Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
