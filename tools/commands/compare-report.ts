import { stripVTControlCharacters, styleText } from 'node:util';
import Table from 'cli-table3';
import { columnName, columns, conclusions, type Cell, type Comparison, type Row, type Run } from '../../lib/study';
import { statesText } from './states-text';

/** Widest line of a report. */
const WIDTH = 100;

/** Marks what matters, for a terminal; plain text otherwise. */
export type Paint = (colour: 'green' | 'red' | 'bold', text: string) => string;

export const plain: Paint = (_colour, text) => text;
export const coloured: Paint = (colour, text) => styleText(colour, text);

/** The comparison as a page of text. */
export function report(result: Comparison, paint: Paint): string {
  const { conditions } = result;
  const devices = `${String(conditions.devices)} ${conditions.devices === 1 ? 'device' : 'devices'}`;
  const parts = [
    `${devices} of each class, policy ${conditions.policy}, seed ${String(conditions.seed)}`,
    paint('bold', 'What each driver did on each bus:'),
    runTable(result.runs, paint),
    'found: names on the bus before any driver, and the accesses to the host that finding them took.\n' +
      'exits: accesses that the host emulates, hypercalls included. copied: bytes by host and by guest.' +
      limits(result.runs).join(''),
    paint('bold', 'Which invariants of the driver model hold, and what was measured:'),
    invariantTable(result, paint),
    paint('bold', 'In how many states the same operations end, done in different orders:'),
    statesText(result.states),
    paint('bold', 'What the numbers say:'),
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

/** A line for each bus, with a line for each of its drivers below. */
function runTable(runs: readonly Run[], paint: Paint): string {
  const head = ['bus, driver', 'found', 'bound', 'I/O', 'calls', 'exits', 'irqs', 'copied', 'mapped', 'latency'];
  const rows = runs.flatMap((run, i) => {
    const before = runs[i - 1];
    const isFirst = before === undefined || columnName(before) !== columnName(run);
    return isFirst ? [[columnName(run)], runRow(run, paint)] : [runRow(run, paint)];
  });
  return table(head, rows, (column) => column > 0 && column !== 3);
}

function runRow(run: Run, paint: Paint): string[] {
  const { cost } = run;
  return [
    `  ${run.driver}`,
    `${String(run.found)} (${String(run.scanExits)})`,
    String(run.devicesBound),
    ioText(run, paint),
    String(cost.hypercalls),
    String(cost.exits),
    String(cost.interrupts),
    `${String(cost.bytesCopiedHost)}+${String(cost.bytesCopiedGuest)}`,
    size(cost.memoryMapped),
    `${(cost.latencyNs / 1000).toFixed(0)} us`,
  ];
}

function ioText({ ioVerified, devicesVerified, devicesBound }: Run, paint: Paint): string {
  if (!ioVerified) return paint('red', 'FAILED');
  return devicesVerified === devicesBound ? 'ok' : `${String(devicesVerified)} of ${String(devicesBound)}`;
}

/** Why a driver uses fewer devices than it has, said once for all buses. */
function limits(runs: readonly Run[]): string[] {
  const said = runs.flatMap(({ driver, limit }) => (limit === null ? [] : [`${driver}: ${limit}`]));
  return [...new Set(said)].map((line) => `\n${wrap(line, WIDTH)}`);
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${String(bytes >> 20)}M` : bytes >= 1024 ? `${String(bytes >> 10)}K` : String(bytes);
}

function invariantTable({ invariants }: Comparison, paint: Paint): string {
  const legend = invariants.map((row) => `${row.id.padEnd(4)}${row.title}: ${row.measure}`);
  return `${verdicts(invariants, paint)}\n\n${legend.map((line) => wrap(line, WIDTH, '    ')).join('\n')}`;
}

/** A line a bus, a column an invariant; more columns than the page is wide make another table. */
function verdicts(rows: readonly Row[], paint: Paint): string {
  const head = ['', ...rows.map((row) => row.id)];
  const lines = columns(rows).map((column, i) => [columnName(column), ...rows.map((row) => mark(row.cells[i], paint))]);
  const made = table(head, lines, () => false);
  const fits = made.split('\n').every((line) => stripVTControlCharacters(line).length <= WIDTH);
  if (fits || rows.length < 2) return made;
  const half = Math.ceil(rows.length / 2);
  return `${verdicts(rows.slice(0, half), paint)}\n\n${verdicts(rows.slice(half), paint)}`;
}

function mark(cell: Cell | undefined, paint: Paint): string {
  if (cell === undefined) return '';
  const value = cell.value === null ? '' : ` ${String(Math.round(cell.value * 100) / 100)}`;
  if (cell.holds === null) return `-${value}`;
  return cell.holds ? `${paint('green', 'yes')}${value}` : `${paint('red', 'NO')}${value}`;
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
