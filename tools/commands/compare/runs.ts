import { columnName, type Run } from '../../../lib/study';
import type { Paint } from './paint';
import { table, WIDTH, wrap } from './table';

/** What each driver did on each bus, and at what cost. */
export function runsText(runs: readonly Run[], paint: Paint): string[] {
  return [
    paint('bold', 'What each driver did on each bus:'),
    runTable(runs, paint),
    'found: names on the bus before any driver, and the accesses to the host that finding them took.\n' +
      'exits: accesses that the host emulates, hypercalls included. copied: bytes by host and by guest.' +
      limits(runs).join(''),
  ];
}

/** A line for each bus, with a line for each of its drivers below. */
function runTable(runs: readonly Run[], paint: Paint): string {
  const head = ['bus, driver', 'found', 'bound', 'I/O', 'calls', 'exits', 'irqs', 'copied', 'mapped', 'latency'];
  const rows = runs.flatMap((run, i) => {
    const before = runs[i - 1];
    const isFirst = before === undefined || columnName(before) !== columnName(run);
    return isFirst ? [[{ content: columnName(run), colSpan: head.length }], runRow(run, paint)] : [runRow(run, paint)];
  });
  return table([head, ...rows], { right: (column) => column > 0 && column !== 3 });
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
