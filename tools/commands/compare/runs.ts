import { fixtureName } from '../../../lib/machine';
import type { Run } from '../../../lib/study';
import { legend, prose } from '../prose';
import { table, type Cell } from '../table';
import type { Paint } from './paint';

/** The columns of a run, each with its head and what it means. */
const COLUMNS: readonly (readonly [head: string, of: (run: Run, paint: Paint) => string, meaning: string])[] = [
  [
    'found',
    ({ found, scanExits }) => `${String(found)} (${String(scanExits)})`,
    'names on the bus before any driver, and the accesses to the host that finding them took',
  ],
  ['bound', ({ devicesBound }) => String(devicesBound), 'devices that the driver got'],
  ['I/O', ioText, 'ok when every device gave back what was written to it, or gave what it has'],
  ['calls', ({ cost }) => String(cost.hypercalls), 'hypercalls'],
  ['exits', ({ cost }) => String(cost.exits), 'accesses that the host emulates, hypercalls included'],
  ['irqs', ({ cost }) => String(cost.interrupts), 'interrupts'],
  [
    'copied',
    ({ cost }) => `${String(cost.bytesCopiedHost)}+${String(cost.bytesCopiedGuest)}`,
    'bytes copied by host and by guest',
  ],
  ['mapped', ({ cost }) => size(cost.memoryMapped), 'bytes of device memory in the guest (K: 1024, M: 1024 K)'],
  [
    'latency',
    ({ cost }) => `${(cost.latencyNs / 1000).toFixed(0)} us`,
    'simulated time in exits, hypercalls and interrupts',
  ],
];

/** What each driver did on each bus, and at what cost. */
export function runsText(runs: readonly Run[], paint: Paint): string[] {
  return [
    paint('bold', 'What each driver did on each bus:'),
    runTable(runs, paint),
    [legend(COLUMNS.map(([head, , meaning]) => [head, meaning])), ...limits(runs)].join('\n'),
  ];
}

/** A line for each bus, with a line for each of its drivers below. */
function runTable(runs: readonly Run[], paint: Paint): string {
  const head = ['bus, driver', ...COLUMNS.map(([title]) => title)];
  const rows = runs.flatMap((run, i): Cell[][] => {
    const before = runs[i - 1];
    const isFirst = before === undefined || fixtureName(before) !== fixtureName(run);
    const row = [`  ${run.driver}`, ...COLUMNS.map(([, of]) => of(run, paint))];
    return isFirst ? [[{ content: fixtureName(run), colSpan: head.length }], row] : [row];
  });
  return table([head, ...rows], { right: (column) => column > 0 && head[column] !== 'I/O' });
}

function ioText({ ioVerified, devicesVerified, devicesBound }: Run, paint: Paint): string {
  if (!ioVerified) return paint('red', 'FAILED');
  return devicesVerified === devicesBound ? 'ok' : `${String(devicesVerified)} of ${String(devicesBound)}`;
}

/** Why a driver uses fewer devices than it has, said once for all buses. */
function limits(runs: readonly Run[]): string[] {
  const said = runs.flatMap(({ driver, limit }) => (limit === null ? [] : [`${driver}: ${limit}`]));
  return [...new Set(said)].map((line) => prose(line));
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${String(bytes >> 20)}M` : bytes >= 1024 ? `${String(bytes >> 10)}K` : String(bytes);
}
