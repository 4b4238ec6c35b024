import { columnName, type StateCount } from '../../lib/study';
import { table, WIDTH, wrap } from './compare/table';

/** A line a bus: the most final states that one set of operations has, the shortest order that shows a second one. */
export function statesText(states: readonly StateCount[]): string {
  const names = states.map(columnName);
  const room = WIDTH - Math.max(...names.map(({ length }) => length)) - 'orders'.length - 'states'.length - 3 * 2;
  const head = ['', 'orders', 'states', 'shortest order that ends otherwise than the first of its kind'];
  const lines = states.map(({ orders, distinct, shortest }, i) => [
    names[i] ?? '',
    String(orders),
    String(distinct),
    wrap(shortest?.join('; ') ?? '-', room),
  ]);
  return table([head, ...lines], { right: (column) => column === 1 || column === 2 });
}
