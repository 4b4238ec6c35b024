import { ErrnoError } from '../../lib';
import { fixtureName, type BusFixture } from '../../lib/machine';
import { UsageError } from '../usage-error';
import { NameOption } from './options';
import { fixtures } from '../../buses';

/** Buses, and buses with their strategies as reports call them: what {@link fixturesOf} knows. */
export const BUS_NAMES: readonly string[] = [
  ...new Set([...fixtures.map(({ bus }) => bus), ...fixtures.map(fixtureName)]),
];

/** `--bus` of a command that takes several. */
export function busesOption(): NameOption {
  return new NameOption('--bus <bus...>', 'only these buses', BUS_NAMES);
}

/** What is meant by names of buses, in the order of the report: a bus alone means all its strategies. */
export function fixturesOf(names: readonly string[] = BUS_NAMES): readonly BusFixture[] {
  return fixtures.filter((fixture) => names.includes(fixture.bus) || names.includes(fixtureName(fixture)));
}

/** What to throw for an error: a bus that has no place for a device is a number that is too large. */
export function withAdvice(error: unknown): unknown {
  const isFull = error instanceof ErrnoError && error.code === 'ENOSPC' && error.syscall === 'plug_device';
  return isFull ? new UsageError(`${error.message}; use fewer with option '--devices'`) : error;
}
