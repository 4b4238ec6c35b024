import type { Comparison, Row } from './compare';

/** A column of the comparison: a bus, with its strategy if it has several. */
export interface Column {
  readonly bus: string;
  readonly strategy: string | null;
}

/** `vpci`, or `ps3-handle/at-probe` for a bus with several strategies. */
export function columnName({ bus, strategy }: Column): string {
  return strategy === null ? bus : `${bus}/${strategy}`;
}

/** The columns in order. */
export function columns(rows: readonly Row[]): Column[] {
  return (rows[0]?.cells ?? []).map(({ bus, strategy }) => ({ bus, strategy }));
}

/** What the numbers say, in plain words; every sentence follows from cells of this comparison. */
export function conclusions({ invariants }: Comparison): string[] {
  const judged = invariants.filter((row) => row.cells.some((cell) => cell.holds !== null));
  const sentences = columns(invariants).map((column, i) => {
    const broken = judged.filter((row) => row.cells[i]?.holds === false);
    const kept = judged.filter((row) => row.cells[i]?.holds === true).length;
    return describeColumn(columnName(column), kept, broken, i);
  });
  return [...sentences, summary(judged)];
}

function describeColumn(name: string, kept: number, broken: readonly Row[], column: number): string {
  const total = kept + broken.length;
  if (broken.length === 0) return `${name} keeps all ${String(total)} invariants.`;
  const list = broken.map((row) => `${row.title} (${row.id}: ${row.cells[column]?.text ?? ''})`).join('; ');
  return `${name} keeps ${String(kept)} of ${String(total)} invariants. It breaks: ${list}.`;
}

function summary(judged: readonly Row[]): string {
  const count = columns(judged).length;
  const clean = Array.from({ length: count }, (_, i) => judged.every((row) => row.cells[i]?.holds !== false));
  const names = columns(judged).map(columnName);
  const good = names.filter((_, i) => clean[i]);
  const bad = names.filter((_, i) => !clean[i]);
  if (bad.length === 0) return 'Under these conditions no bus breaks an invariant; try another --policy or more --devices.';
  const kept = good.length === 0 ? 'no bus keeps them all' : `${list(good)} ${good.length === 1 ? 'breaks' : 'break'} nothing`;
  return (
    `With the same core, the same drivers and the same script, ${kept}, and ${list(bad)} ${bad.length === 1 ? 'does' : 'do'}. ` +
    'What differs is when a name comes to stand for a device (before any driver asks, or only when one claims it) ' +
    'and from when on the device is held. ' +
    'The driver model needs naming to be free and claiming to be late; allocation makes naming cost a claim.'
  );
}

function list(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
