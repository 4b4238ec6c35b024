import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXCEPTIONS, exceptionFor } from './exceptions';
import {
  compareListings,
  describeDifference,
  listingOf,
  recordedListing,
  type Difference,
  type Listing,
} from './listing';
import { bootMachine, type MachineName } from './machine';

/** Directories that recording and world have at least in common: what is there to compare. */
const SHARED: Readonly<Record<MachineName, number>> = { 'x86-pci': 100, 's390x-ccw': 75, 'arm64-of': 155 };
const MACHINES = Object.keys(SHARED) as MachineName[];

interface Compared {
  readonly found: Listing;
  readonly differences: readonly Difference[];
}

async function compare(machine: MachineName): Promise<Compared> {
  const found = listingOf(await bootMachine(machine));
  return { found, differences: compareListings(recordedListing(machine), found) };
}

describe('recorded machines', () => {
  const compared = new Map<MachineName, Compared>();
  before(async () => {
    for (const machine of MACHINES) compared.set(machine, await compare(machine));
  });
  const differencesOf = (machine: MachineName): readonly Difference[] => compared.get(machine)?.differences ?? [];

  for (const machine of MACHINES) {
    it(`${machine}: every directory of /sys that is made here has the names and modes of the recording`, () => {
      const unexpected = differencesOf(machine).filter((difference) => exceptionFor(difference) === undefined);
      expect(unexpected.map(describeDifference).join('\n')).to.equal('');
    });

    it(`${machine}: has the directories whose names are compared`, () => {
      const shared = [...recordedListing(machine).keys()].filter((path) => compared.get(machine)?.found.has(path));
      expect(shared.length).to.be.greaterThan(SHARED[machine]);
    });
  }

  it('need every name of every exception', () => {
    const used = new Set(MACHINES.flatMap(differencesOf).map(exceptionFor));
    const rotten = EXCEPTIONS.flatMap(({ names, why }) =>
      names.filter((name) => !used.has(name)).map((name) => `${why}: ${String(name)}`),
    );
    expect(rotten).to.deep.equal([]);
  });

  it('differ in what not-modelled.md tells of', () => {
    const text = readFileSync(join(__dirname, '..', '..', 'Documentation', 'not-modelled.md'), 'utf8');
    const missing = EXCEPTIONS.filter(({ row }) => !text.includes(`\n| ${row} |`)).map(({ row }) => row);
    expect(missing).to.deep.equal([]);
  });
});

describe('comparing directories', () => {
  const recorded = new Map([
    ['/sys/a', ['both', 'gone=200', 'mode=644', 'kind/']],
    ['/sys/a/msi_irqs', ['29', '30=644', '31']],
    ['/sys/b', ['not-here']],
  ]);

  it('finds what is missing, what is more, other modes and other kinds, in directories that both have', () => {
    const found = new Map([
      ['/sys/a', ['both', 'mode', 'kind@', 'more']],
      ['/sys/a/msi_irqs', ['256', '257']],
      ['/sys/c', ['x']],
    ]);
    expect(compareListings(recorded, found).map(describeDifference)).to.deep.equal([
      '/sys/a/gone: recorded gone=200, here nothing',
      '/sys/a/kind: recorded kind/, here kind@',
      '/sys/a/mode: recorded mode=644, here mode',
      '/sys/a/more: recorded nothing, here more',
      '/sys/a/msi_irqs/+1: recorded +1=644, here +1',
      '/sys/a/msi_irqs/+2: recorded +2, here nothing',
    ]);
  });

  it('excepts only names that are recorded and are not here', () => {
    const path = '/sys/devices/a/power';
    const [missing, more] = [
      { recorded: 'power/', found: null },
      { recorded: null, found: 'power/' },
    ];
    expect(exceptionFor({ path, ...missing })).to.be.instanceOf(RegExp);
    const others = [more, { recorded: 'power/', found: 'power' }];
    expect(others.map((other) => exceptionFor({ path, ...other }))).to.deep.equal([undefined, undefined]);
  });
});
