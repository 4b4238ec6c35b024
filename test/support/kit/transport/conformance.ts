import { fixtureName, type BusFixture, type FixtureOptions } from '../../../../lib/machine';
import { definer } from '../each-bus';
import { giveTime } from '../mocha';
import { TestScope } from '../test-scope';
import { world } from '../world';
import { TransportBench } from './bench';
import { BREAKING } from './breaking';
import type { CheckSection, Lack, TransportCheck } from './check';
import { CONFIGURATION } from './configuration';
import { FEATURES } from './features';
import { HOSTILE } from './hostile';
import { NOTIFICATION } from './notification';
import { QUEUES } from './queues';
import { REMOVAL } from './removal';
import { RESET } from './reset';
import { SLEEP } from './sleep';

const SECTIONS: readonly CheckSection[] = [
  FEATURES,
  CONFIGURATION,
  QUEUES,
  NOTIFICATION,
  RESET,
  BREAKING,
  SLEEP,
  REMOVAL,
  HOSTILE,
];

/** A point of the contract that a transport does not keep. */
export interface TransportFailure {
  /** The point, as in {@link transportChecks}. */
  readonly check: string;
  /** What was found. */
  readonly reason: string;
}

/** Which points of the contract are looked at, and how devices are offered. */
export interface TransportConformanceOptions extends Pick<FixtureOptions, 'access' | 'accessParam'> {
  /** Only points with such a name. Default: all. */
  readonly only?: RegExp;
  /** What the transport is without. Default: nothing. */
  readonly lacks?: readonly Lack[];
}

/** The points of the contract of a transport, by section. */
export function transportChecks(): ReadonlyMap<string, readonly string[]> {
  return new Map(SECTIONS.map(({ name, checks }) => [name, checks.map((check) => check.name)]));
}

/**
 * Checks a transport against the contract `VirtioTransport`: features, configuration, queues, notification, reset, a
 * device that breaks, freeze and restore, surprise removal, a host that lies. Each point has a world of its own, with
 * one device that only the checks know.
 *
 * @param fixture the bus whose driver makes the transport
 * @returns the points that it does not keep; none for a transport that conforms
 */
export async function checkTransport(
  fixture: BusFixture,
  options: TransportConformanceOptions = {},
): Promise<readonly TransportFailure[]> {
  const failures: TransportFailure[] = [];
  for (const section of SECTIONS) failures.push(...(await failuresOf(section, offering(fixture, options), options)));
  return failures;
}

/**
 * Defines a test for each section of the contract: `NAME: queues`, ... See {@link checkTransport}.
 *
 * @throws Error where there is no `it`: tests are defined while mocha loads a file
 */
export function transportConformance(
  name: string,
  fixture: BusFixture,
  options: TransportConformanceOptions = {},
): void {
  const define = definer('transportConformance');
  for (const section of SECTIONS) {
    const test = define(`${name}: ${section.name}`, async () => {
      const failures = await failuresOf(section, offering(fixture, options), options);
      if (failures.length > 0) throw new TransportNotConforming(name, failures);
    });
    giveTime(test);
  }
}

/** A transport that does not keep its contract. */
export class TransportNotConforming extends Error {
  override readonly name = 'AssertionError';

  constructor(
    transport: string,
    readonly failures: readonly TransportFailure[],
  ) {
    const lines = failures.map(({ check, reason }) => `  ${check}\n    ${reason.replaceAll('\n', '\n    ')}`);
    super([`${transport} does not keep ${String(failures.length)} points of its contract:`, ...lines].join('\n'));
  }
}

/** The bus with devices that offer these styles. */
function offering(fixture: BusFixture, { access, accessParam }: TransportConformanceOptions): BusFixture {
  const offer = { ...(access === undefined ? {} : { access }), ...(accessParam === undefined ? {} : { accessParam }) };
  return { ...fixture, install: (hypervisor, options) => fixture.install(hypervisor, { ...options, ...offer }) };
}

/** The checks of a section one by one; those of a transport that conforms share worlds, which is faster. */
async function failuresOf(
  { checks, apart = false }: CheckSection,
  fixture: BusFixture,
  { lacks = [], only = /^/ }: TransportConformanceOptions,
): Promise<readonly TransportFailure[]> {
  const wanted = checks.filter(({ name, needs }) => only.test(name) && !lacks.some((lack) => lack === needs));
  const together = apart ? [] : await groupFailures(wanted, fixture);
  if (!apart && together.length === 0) return [];
  const failures: TransportFailure[] = [];
  for (const check of wanted) failures.push(...(await failureOf([check], fixture)));
  return failures.length > 0 ? failures : together;
}

async function groupFailures(
  checks: readonly TransportCheck[],
  fixture: BusFixture,
): Promise<readonly TransportFailure[]> {
  const groups = new Map<string, TransportCheck[]>();
  for (const check of checks) {
    const key = [...(check.allow ?? []), check.needs === 'sleep'].join();
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  const failures: TransportFailure[] = [];
  for (const group of groups.values()) failures.push(...(await failureOf(group, fixture)));
  return failures;
}

/** Checks in one world. @returns the first that fails */
async function failureOf(checks: readonly TransportCheck[], fixture: BusFixture): Promise<readonly TransportFailure[]> {
  let running = checks[0];
  try {
    await new TestScope().run(async () => {
      const made = world({ bus: fixture, unrecorded: true, allow: checks[0]?.allow ?? [] });
      const bench = new TransportBench(made);
      await bench.boot();
      for (const check of checks) {
        if (check.needs === 'sleep' && made.bus.cannotSleep === true) continue;
        if (check !== checks[0]) await bench.again();
        running = check;
        await check.run(bench);
      }
      await bench.finish();
    });
    return [];
  } catch (error) {
    return [{ check: running?.name ?? '', reason: reasonOf(error, fixture) }];
  }
}

function reasonOf(error: unknown, fixture: BusFixture): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  if (name === 'Violation' || name === 'AssertionError') return message;
  return `${fixtureName(fixture)}: ${name}: ${message}`;
}
