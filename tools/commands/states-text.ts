import { columnName, type StateCount } from '../../lib/study';

/** A line a bus: the most final states that one set of operations has, the shortest order that shows a second one. */
export function statesText(states: readonly StateCount[]): string {
  const width = Math.max(...states.map((state) => columnName(state).length));
  const head = `${''.padEnd(width)}  orders  states  shortest order that ends otherwise than the first of its kind`;
  return [head, ...states.map((state) => line(state, width))].join('\n');
}

function line(state: StateCount, width: number): string {
  const { orders, distinct, shortest } = state;
  const numbers = `${String(orders).padStart(6)}  ${String(distinct).padStart(6)}`;
  return `${columnName(state).padEnd(width)}  ${numbers}  ${shortest?.join('; ') ?? '-'}`;
}
