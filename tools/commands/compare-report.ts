import Table from 'cli-table3';
import { columnName, columns, conclusions, type Cell, type Comparison, type Run } from '../../lib/study';

/** Widest line of a report. */
const WIDTH = 100;

/** The comparison as a page of text. */
export function report(result: Comparison): string {
  const { conditions } = result;
  const parts = [
    `${String(conditions.devices)} devices of each class, policy ${conditions.policy}, seed ${String(conditions.seed)}`,
    'What each driver did on each bus:',
    runTable(result.runs),
    'found: names on the bus before any driver, and the accesses to the host that finding them took.\n' +
      'exits: accesses that the host emulates, hypercalls included. copied: bytes by host and by guest.',
    'Which invariants of the driver model hold, and what was measured:',
    invariantTable(result),
    'What the numbers say:',
    ...conclusions(result).map((sentence) => wrap(sentence, WIDTH)),
    'How a cell was come by: ldm compare --explain I6',
  ];
  return `${parts.join('\n\n')}\n`;
}

function table(head: string[], rows: string[][], right: (column: number) => boolean): string {
  const made = new Table({
    head,
    colAligns: head.map((_, i) => (right(i) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 1 },
    chars: { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' ' },
  });
  made.push(...rows);
  return made.toString().split('\n').map((line) => line.trimEnd()).join('\n');
}

function runTable(runs: readonly Run[]): string {
  const head = ['bus', 'driver', 'found', 'bound', 'I/O', 'calls', 'exits', 'irqs', 'copied', 'mapped', 'latency'];
  const rows = runs.map((run) => [
    columnName(run),
    run.driver,
    `${String(run.found)} (${String(run.scanExits)})`,
    String(run.devicesBound),
    run.ioVerified ? 'ok' : 'FAILED',
    String(run.cost.hypercalls),
    String(run.cost.exits),
    String(run.cost.interrupts),
    `${String(run.cost.bytesCopiedHost)}+${String(run.cost.bytesCopiedGuest)}`,
    size(run.cost.memoryMapped),
    `${(run.cost.latencyNs / 1000).toFixed(0)} us`,
  ]);
  return table(head, rows, (column) => column > 1 && column !== 4);
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${String(bytes >> 20)}M` : bytes >= 1024 ? `${String(bytes >> 10)}K` : String(bytes);
}

/** A line a bus, a column an invariant: so it fits the page however many buses there are. */
function invariantTable({ invariants }: Comparison): string {
  const head = ['', ...invariants.map((row) => row.id)];
  const rows = columns(invariants).map((column, i) => [columnName(column), ...invariants.map((row) => mark(row.cells[i]))]);
  const legend = invariants.map((row) => `${row.id.padEnd(4)}${row.title}: ${row.measure}`);
  return `${table(head, rows, () => false)}\n\n${legend.map((line) => wrap(line, WIDTH, '    ')).join('\n')}`;
}

function mark(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  const value = cell.value === null ? '' : ` ${String(Math.round(cell.value * 100) / 100)}`;
  return `${cell.holds === null ? '-' : cell.holds ? 'yes' : 'NO'}${value}`;
}

function cellText(cell: Cell): string {
  return `${cell.holds === null ? '-' : cell.holds ? 'yes' : 'NO'}: ${cell.text}`;
}

/** The lines that prove the cells of the rows that were measured. */
export function explanation({ invariants }: Comparison): string {
  const lines = invariants.flatMap((row) => [
    `${row.id} ${row.title}`,
    `measured: ${row.measure}`,
    ...row.cells.flatMap((cell) => ['', `== ${columnName(cell)}: ${cellText(cell)}`, ...cell.evidence.map((line) => `  ${line}`)]),
  ]);
  return `${lines.join('\n')}\n`;
}

function wrap(text: string, width: number, indent = ''): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > width) lines.push(indent + word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
