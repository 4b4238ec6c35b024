import { fixtureName, type BusFixture } from '../../lib/machine';
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
