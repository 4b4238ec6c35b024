import { fixtureName } from '../../lib/machine';
import type { StateCount } from '../../lib/study';
import { lineWidth } from '../terminal';
import { legend, wrap } from './prose';
import { table } from './table';

/** Of a column of text, at least. */
const LEAST = 20;

const LEGEND = [
  ['orders', 'how many were run'],
  ['states', 'the most final states that the orders of one set of operations have'],
  ['shortest order', 'the shortest that ends otherwise than the first one of the same operations does'],
] as const;

/** A line a bus: the most final states that one set of operations has, the shortest order that shows a second one. */
export function statesText(states: readonly StateCount[]): string {
  const names = states.map(fixtureName);
  const head = ['bus', 'orders', 'states', 'shortest order'];
  const taken = Math.max(...names.map(({ length }) => length)) + 'orders'.length + 'states'.length + 3 * 2;
  const room = Math.max(LEAST, lineWidth() - taken);
  const lines = states.map(({ orders, distinct, shortest }, i) => [
    names[i] ?? '',
    String(orders),
    String(distinct),
    wrap(shortest?.join('; ') ?? '-', room),
  ]);
  return `${table([head, ...lines], { right: (column) => column === 1 || column === 2 })}\n\n${legend(LEGEND)}`;
}
