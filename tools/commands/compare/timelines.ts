import { fixtureName } from '../../../lib/machine';
import type { Timeline, TimelineTotals } from '../../../lib/study';
import { legend } from '../prose';
import { table } from '../table';
import type { Paint } from './paint';

/** The numbers of a run of the script, each with its head and what it means. */
export const NUMBERS: readonly (readonly [head: string, of: (totals: TimelineTotals) => number, meaning: string])[] = [
  ['claims', ({ claims }) => claims, 'devices that the hypervisor gave to a guest'],
  ['given back', ({ releases }) => releases, 'devices that it got back'],
  ['refused', ({ refusals }) => refusals, 'what it refused'],
  ['held, unused', ({ hoard }) => hoard, 'devices held and not bound, summed over the operations'],
  ['bound, vacant', ({ vacant }) => vacant, 'names bound and no device held for them, summed over the operations'],
  ['per name', ({ devicesPerName }) => devicesPerName, 'most devices that were behind one name'],
  ['left', ({ orphans }) => orphans, 'devices still held when all guests have shut down'],
];

/** What a fixed script with two guests comes to on each bus. */
export function timelinesText(timelines: readonly Timeline[], paint: Paint): string[] {
  if (timelines.length === 0) return [];
  const head = ['bus', ...NUMBERS.map(([title]) => title)];
  const rows = timelines.map((timeline) => [
    fixtureName(timeline),
    ...NUMBERS.map(([, of]) => String(of(timeline.totals))),
  ]);
  return [
    paint('bold', 'Two guests boot, bind, unbind, compete and leave:'),
    table([head, ...rows], { right: (column) => column > 0 }),
    legend(NUMBERS.map(([title, , meaning]) => [title, meaning])),
  ];
}
