import { UsageError } from './usage-error';

/** Near names that are offered at most. */
const OFFERED = 5;
/** Names that are listed at most. */
const LISTED = 50;

/** An unknown name: with the similar ones, or else with all names. */
export function unknownName(what: string, wanted: string, names: readonly string[]): UsageError {
  return new UsageError(`unknown ${what} '${wanted}'; ${advice(what, wanted, names)}`);
}

/** "did you mean vpci?", or "there are: vpci, ccw". */
export function advice(what: string, wanted: string, names: readonly string[]): string {
  const near = nearNames(wanted, names);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  const all = [...new Set(names)];
  if (all.length === 0) return `there is no ${what}`;
  const rest = all.length > LISTED ? ` and ${String(all.length - LISTED)} more` : '';
  return `there are: ${all.slice(0, LISTED).join(', ')}${rest}`;
}

/** The names that are similar to a given one, the nearest first. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const sought = wanted.toLowerCase();
  if (sought === '') return [];
  const most = Math.max(1, Math.floor(sought.length / 3));
  const ranked = [...new Set(names)]
    .map((name) => ({ name, rank: unlikeness(sought, name.toLowerCase(), most) }))
    .sort((a, b) => a.rank - b.rank);
  const limit = Math.min(most, (ranked[0]?.rank ?? 0) + 1);
  return ranked
    .filter(({ rank }) => rank <= limit)
    .slice(0, OFFERED)
    .map(({ name }) => name);
}

/** A part of a name is nearer than a name with another letter; of two parts, the one that leaves out less. */
function unlikeness(sought: string, name: string, most: number): number {
  if (sought === name) return 0;
  const apart = Math.abs(sought.length - name.length);
  const isPart = name.includes(sought) || sought.includes(name);
  if (isPart && Math.min(sought.length, name.length) > 1) return 1 - 1 / (1 + apart);
  return apart > most ? Infinity : distance(sought, name);
}

/** How many letters have to be put in, left out, replaced or exchanged with their neighbour. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  rows[0] = Array.from({ length: b.length + 1 }, (_, j) => j);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      (rows[i] as number[])[j] = Math.min(replaced, exchanged, at(i - 1, j) + 1, at(i, j - 1) + 1);
    }
  }
  return at(a.length, b.length);
}
