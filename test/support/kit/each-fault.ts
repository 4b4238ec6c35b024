import type { ErrnoName } from '../../../lib/errno';
import { fixtureName, type BusFixture } from '../../../lib/machine';
import { definer, type EachBusOptions, type ManyWorldsOptions } from './each-bus';
import { fault, type Fault } from './faults';
import type { Finding } from './findings';
import { fixtures } from '../../../buses';
import { FaultTrial, type Reloaded } from './fault-trial';
import type { KitWorld } from './world';

/** Which faults there are. */
export interface WhichFaults {
  /** How often the step fails: once, or the call after it too. Default: once. */
  readonly times?: 1 | 2;
  /** Also calls while a kernel scans for devices, before there is any driver. Default: no. */
  readonly boot?: boolean;
  /** Only steps with a name that fits, e.g. `/^transport: /`. Default: all. */
  readonly steps?: RegExp;
  /** Of each step only so many calls: the first, the last, and some between. Default: all. */
  readonly calls?: number;
}

/** Options of tests in which everything fails once. */
export interface EachFaultOptions extends EachBusOptions, WhichFaults {}

/** A fault after which something is wrong. */
export interface UnhandledFault {
  readonly fault: Fault;
  readonly findings: readonly Finding[];
}

/** What came of it that everything failed once. */
export interface FaultReport {
  /** Name of bus and strategy. */
  readonly bus: string;
  /** Faults that were tried, each in a world of its own. */
  readonly tried: number;
  readonly unhandled: readonly UnhandledFault[];
}

/** Faults that a message shows. */
const SHOWN = 10;

/** A driver, or a bus, that does not get along with a failure. */
export class FaultsUnhandled extends Error {
  override readonly name = 'AssertionError';

  constructor(readonly report: FaultReport) {
    const { bus, tried, unhandled } = report;
    const shown = unhandled.slice(0, SHOWN).map(paragraph);
    if (unhandled.length > SHOWN) shown.push(`  and ${String(unhandled.length - SHOWN)} more`);
    super(
      [`${String(unhandled.length)} of ${String(tried)} faults on ${bus} are not got along with:`, ...shown].join('\n'),
    );
  }
}

function paragraph({ fault: { step, nth, times, error }, findings }: UnhandledFault): string {
  const more = times === 1 ? '' : `, times: ${String(times)}`;
  const again = `world({ faults: [fault('${step}', ${String(error)}, { nth: ${String(nth)}${more} })] })`;
  return [`  ${again}`, ...findings.map(({ text }) => `    ${text}`)].join('\n');
}

/**
 * Defines a test for each bus in which everything fails once that the body passes and that can fail: steps of the
 * core's ladders, transport operations, hypercalls, accesses to registers, allocations of memory for devices. A first
 * run counts them; then each fails in a world of its own, whatever the body makes of it. Afterwards the drivers are
 * taken out and nothing may be left, no oops, no task that hangs; what the drivers had must be bound when they come
 * back, and again nothing may be left. Messages in the logs are what a failure should leave, and are allowed.
 *
 * A good body boots, loads drivers, uses the device and unbinds. It is called some hundred times.
 *
 * @throws Error as {@link eachBus}
 */
export function eachFault(title: string, body: (world: KitWorld) => unknown, options: EachFaultOptions = {}): void {
  const { fixtures: wanted = fixtures, ...rest } = options;
  const define = definer('eachFault');
  for (const bus of wanted) {
    const test = define(`${title} [${fixtureName(bus)}]`, async () => {
      const report = await tryFaults(bus, body, rest);
      if (report.unhandled.length > 0) throw new FaultsUnhandled(report);
    });
    (test as { timeout?(ms: number): unknown } | undefined)?.timeout?.(0);
  }
}

/**
 * What {@link eachFault} tests, on one bus.
 *
 * @throws what the body throws when nothing fails; NotClean when it does not end clean then; Error when no driver has
 *   a device in it
 */
export async function tryFaults(
  bus: BusFixture,
  body: (world: KitWorld) => unknown,
  options: ManyWorldsOptions & WhichFaults = {},
): Promise<FaultReport> {
  const { times = 1, boot = false, steps = /^/, calls = Infinity, ...rest } = options;
  const trial = new FaultTrial(bus, body, rest);
  const { places, reloaded } = await trial.clean(boot);
  const wanted = places.filter(({ step }) => step.search(steps) >= 0);
  const faults = wanted.flatMap(({ step, first, last }) => {
    return spread(first, last, calls).map((nth) => fault(step, errorOf(step), { nth, times }));
  });
  const unhandled = await unhandledOf(trial, faults, reloaded);
  return { bus: fixtureName(bus), tried: faults.length, unhandled };
}

async function unhandledOf(trial: FaultTrial, faults: readonly Fault[], reloaded: Reloaded): Promise<UnhandledFault[]> {
  const unhandled: UnhandledFault[] = [];
  for (const one of faults) {
    const findings = await trial.faulty(one, reloaded);
    if (findings.length > 0) unhandled.push({ fault: one, findings });
  }
  return unhandled;
}

/** So many numbers of a range, both ends among them. */
function spread(first: number, last: number, most: number): number[] {
  const count = Math.min(last - first + 1, most);
  return Array.from({ length: count }, (_, i) => first + Math.round((i * (last - first)) / Math.max(count - 1, 1)));
}

/** With what a step fails, as it would in Linux. */
function errorOf(step: string): ErrnoName {
  if (step.startsWith('register: ')) return 'ENXIO';
  return step.startsWith('memory: ') || /^(device_add|really_probe): /.test(step) ? 'ENOMEM' : 'EIO';
}
