import { fixtureName, type FixtureId } from '../../machine';
import type { Cell, Comparison, Row } from './compare';
import type { Group } from '../invariants/finding';
import type { StateCount } from '../explore';
import type { Timeline, TimelineTotals } from './timeline';

/** A group of invariants, as a verdict that is fair prints them: apart. */
export interface GroupText {
  readonly group: Group;
  /** Names the group; subject of a sentence as well. */
  readonly title: string;
  /** For a narrow column. */
  readonly short: string;
  /** The origin of these invariants, and what it would take to do without them. */
  readonly meaning: string;
}

/** In the order of their weight. */
export const GROUPS: readonly GroupText[] = [
  {
    group: 'code',
    title: 'What drivers/base itself relies on',
    short: 'drivers/base',
    meaning: 'From the code of the driver core: it would have to be changed for a bus that breaks one of these.',
  },
  {
    group: 'contract',
    title: 'What a document promises',
    short: 'documents',
    meaning:
      'From Documentation/driver-api, admin-guide and ABI: programs outside the kernel are told to rely on these.',
  },
  {
    group: 'expectation',
    title: 'What people expect of Linux',
    short: 'people',
    meaning: 'Written down nowhere; people who run machines take these for granted.',
  },
  {
    group: 'other',
    title: 'What is measured besides',
    short: 'besides',
    meaning: 'To see what a bus is like, and what it costs.',
  },
];

/** The columns in order. */
export function columns(rows: readonly Row[]): FixtureId[] {
  return (rows[0]?.cells ?? []).map(({ bus, strategy }) => ({ bus, strategy }));
}

/** What one column keeps and breaks of the rows that could be judged there. */
export interface Tally {
  readonly column: FixtureId;
  readonly kept: readonly Row[];
  readonly broken: readonly Row[];
}

/** A tally for each column, over some rows of a comparison. */
export function tallies(rows: readonly Row[]): Tally[] {
  return columns(rows).map((column, i) => {
    const holding = (holds: boolean): Row[] => rows.filter((row) => row.cells[i]?.holds === holds);
    return { column, kept: holding(true), broken: holding(false) };
  });
}

/** The rows of one group. */
export function rowsOf(rows: readonly Row[], group: Group): Row[] {
  return rows.filter((row) => row.group === group);
}

/** What the cells of one group say: which columns keep all of it, and what the others break. */
export function groupSentences(rows: readonly Row[]): string[] {
  const { keepers, breakers } = split(tallies(rows));
  const all = keepers.length === 0 ? [] : [`${list(keepers)} ${keepers.length === 1 ? 'keeps' : 'keep'} them all.`];
  return [...all, ...breakers.map(breaks)];
}

/** Names of the columns that keep all that could be judged, and the tallies of the others. */
function split(some: readonly Tally[]): { readonly keepers: readonly string[]; readonly breakers: readonly Tally[] } {
  const judged = some.filter(({ kept, broken }) => kept.length + broken.length > 0);
  const keepers = judged.filter(({ broken }) => broken.length === 0).map(({ column }) => fixtureName(column));
  return { keepers, breakers: judged.filter(({ broken }) => broken.length > 0) };
}

/** How much of what could be judged is broken. */
function brokenShare({ kept, broken }: Tally): string {
  return `${String(broken.length)} of ${String(kept.length + broken.length)}`;
}

function breaks(tally: Tally): string {
  const { column, broken } = tally;
  const told = broken.map((row) => `${row.title} (${row.id}: ${cellOf(row, column)?.text ?? ''})`);
  return `${fixtureName(column)} breaks ${brokenShare(tally)}: ${told.join('; ')}.`;
}

function cellOf({ cells }: Row, column: FixtureId): Cell | undefined {
  return cells.find((cell) => cell.bus === column.bus && cell.strategy === column.strategy);
}

/** What the numbers say, in plain words; every sentence follows from this comparison. */
export interface Verdict {
  /** The columns that break nothing. */
  readonly whole: string;
  /** For each group, the columns that keep all of it. */
  readonly groups: readonly string[];
  /** Where the order of operations matters. */
  readonly orders: readonly string[];
  /** What the ways of fitting cost. */
  readonly prices: readonly string[];
  /**
   * What was broken where devices are named and claimed late or early, and what follows; empty where it cannot be said.
   */
  readonly thesis: readonly string[];
}

/** The verdict of a comparison. */
export function verdict({ invariants, states, timelines }: Comparison): Verdict {
  const judged = tallies(invariants).filter(({ kept, broken }) => kept.length + broken.length > 0);
  const groups = GROUPS.flatMap(({ group, title }) => groupSummary(title, tallies(rowsOf(invariants, group))));
  const isWhole = judged.every(({ broken }) => broken.length === 0);
  const thesis = isWhole ? [] : thesisOf(judged);
  return {
    whole: isWhole ? NOTHING_BROKEN : wholeSentence(judged),
    groups: isWhole ? [] : groups,
    orders: orderSentence(states),
    prices: prices(timelines),
    thesis,
  };
}

/** The verdict as sentences, one after the other. */
export function conclusions(comparison: Comparison): string[] {
  const { whole, groups, orders, prices: costs, thesis } = verdict(comparison);
  return [whole, ...groups, ...orders, ...costs, ...thesis];
}

const NOTHING_BROKEN = 'Under these conditions no bus breaks an invariant; try another --policy or more --devices.';

function wholeSentence(judged: readonly Tally[]): string {
  const { keepers: clean } = split(judged);
  const who =
    clean.length === 0
      ? 'every bus breaks something'
      : `${list(clean)} ${clean.length === 1 ? 'breaks' : 'break'} nothing`;
  return `With the same core, the same drivers and the same script, ${who}.`;
}

/** By the origin of the invariants: a broken expectation weighs less than a broken core. */
function groupSummary(title: string, group: readonly Tally[]): string[] {
  const { keepers, breakers } = split(group);
  if (keepers.length + breakers.length === 0) return [];
  if (breakers.length === 0) return [`${title} is kept by all.`];
  const told = breakers.map((tally) => `${fixtureName(tally.column)} (${brokenShare(tally)})`);
  return [`${title} is kept by ${keepers.length === 0 ? 'none' : list(keepers)}, and broken by ${list(told)}.`];
}

/** As far as was explored. */
function orderSentence(states: readonly StateCount[]): string[] {
  if (states.length === 0) return [];
  const same = states.filter(({ distinct }) => distinct === 1).map(fixtureName);
  const other = states
    .filter(({ distinct }) => distinct > 1)
    .map((state) => `${fixtureName(state)} (${String(state.distinct)})`);
  const sameText = same.length === 0 ? [] : [`in one state on ${list(same)}`];
  const otherText = other.length === 0 ? [] : [`in several on ${list(other)}`];
  return [`Whatever order they are done in, the same operations end ${[...sameText, ...otherText].join(', and ')}.`];
}

/** What a way of fitting costs, whatever it keeps. */
function prices(timelines: readonly Timeline[]): string[] {
  const told = (what: string, count: (totals: TimelineTotals) => number): string[] => {
    const some = timelines.filter(({ totals }) => count(totals) > 0);
    const each = some.map((timeline) => `${fixtureName(timeline)} (${String(count(timeline.totals))})`);
    return each.length === 0 ? [] : [`${what}: ${list(each)}.`];
  };
  return [
    ...told('Devices that are held and not used, summed over the operations of a script', ({ hoard }) => hoard),
    ...told('Names that are bound with no device behind them, summed likewise', ({ vacant }) => vacant),
    ...told('Devices that are still held when all guests have shut down', ({ orphans }) => orphans),
  ];
}

/** Names stand for devices before any driver; a scan claims nothing. */
const NAMING_IS_FREE = 'I1';
const CLAIMING_IS_LATE = 'I2';

/** Does what is broken gather where naming costs a claim? Said as it was measured, whichever way it comes out. */
function thesisOf(judged: readonly Tally[]): string[] {
  const both = (tally: Tally): boolean =>
    [NAMING_IS_FREE, CLAIMING_IS_LATE].every((id) => tally.kept.some((row) => row.id === id));
  const measured = judged.some(({ kept, broken }) => [...kept, ...broken].some(({ id }) => id === NAMING_IS_FREE));
  const [free, bound] = [judged.filter(both), judged.filter((tally) => !both(tally))];
  if (!measured || free.length === 0 || bound.length === 0) return [];
  const [low, high] = [share(free), share(bound)];
  const facts =
    'Where names stand for devices before any driver asks and a scan claims nothing ' +
    `(${NAMING_IS_FREE} and ${CLAIMING_IS_LATE}: ${list(free.map(({ column }) => fixtureName(column)))}), ` +
    `${low.text} are broken; elsewhere ${high.text}.`;
  if (low.value >= high.value)
    return [facts, 'So what is broken is not a matter of when a device is named and claimed.'];
  return [
    facts,
    'The driver model needs naming to be free and claiming to be late; allocation makes naming cost a claim.',
  ];
}

function share(some: readonly Tally[]): { text: string; value: number } {
  const broken = some.reduce((sum, tally) => sum + tally.broken.length, 0);
  const all = some.reduce((sum, tally) => sum + tally.kept.length, broken);
  return { text: `${String(broken)} of ${String(all)} cells`, value: broken / all };
}

function list(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
