import { errnoName } from '../../errno';
import type { ClaimEvent } from '../../hypervisor';

/** Lines of a step that are quoted at most. */
const MOST = 5;
/** Devices of a line that are named at most. */
const MOST_DEVICES = 4;

/** A line of the record in short; lines that differ only in the device are shown as one. */
interface Quote {
  readonly before: string;
  /** The parts that are listed for several lines. */
  readonly device: string;
  readonly after: string;
}

/**
 * The decisive lines: refusals, failed probes, deferrals, retries. Groups: subject and operation, the device, the
 * error.
 */
const DECISIVE: readonly RegExp[] = [
  /^host: \[\d+ ns\] (\S+: )()(\w+\([^)]*\)) = (-\d+)/,
  /^(\S+: probe \S+ )(\S+)() = (-\d+)/,
  /^(\S+: (?:defer|retry) )(\S+)()()/,
];

/** Of the lines of a step those that decide, shortened, behind what became of claims. */
export function decisive(lines: readonly string[], claims: readonly ClaimEvent[]): string[] {
  const all = [...claimLines(claims), ...together(lines.flatMap(quoted))];
  return all.length <= MOST ? all : [...all.slice(0, MOST - 1), `and ${String(all.length - MOST + 1)} lines more`];
}

function quoted(line: string): Quote[] {
  for (const pattern of DECISIVE) {
    const [, before, device = '', call = '', no] = pattern.exec(line) ?? [];
    if (before === undefined) continue;
    const error = no === undefined || no === '' ? '' : ` = -${errnoName(Number(no))}`;
    return [{ before: before + call, device, after: error }];
  }
  return [];
}

/** A line for each run of claims of one guest. */
function claimLines(claims: readonly ClaimEvent[]): string[] {
  const runs: { readonly what: string; readonly devices: string[] }[] = [];
  for (const { guest, action, device } of claims) {
    if (action === 'refuse') continue;
    const what = `${guest} ${action}s`;
    const last = runs.at(-1);
    if (last?.what === what) last.devices.push(device);
    else runs.push({ what, devices: [device] });
  }
  return runs.map(({ what, devices }) => `${what} ${devices.join(', ')}`);
}

/** Lines that differ only in the device as one, in the order of the first. */
function together(quotes: readonly Quote[]): string[] {
  const kinds = new Map<string, Quote[]>();
  for (const quote of quotes) {
    const key = quote.before + quote.after;
    kinds.set(key, [...(kinds.get(key) ?? []), quote]);
  }
  return [...kinds.values()].map((same) => {
    const [{ before, after } = { before: '', after: '' }] = same;
    const devices = [...new Set(same.map(({ device }) => device))];
    const times = same.length === devices.length ? '' : ` (${String(same.length)} times)`;
    return `${before}${shortList(devices)}${after}${times}`;
  });
}

function shortList(devices: readonly string[]): string {
  const left = devices.length - MOST_DEVICES;
  return `${devices.slice(0, MOST_DEVICES).join(', ')}${left > 0 ? ` and ${String(left)} more` : ''}`;
}
