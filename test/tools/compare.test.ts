import { expect } from 'chai';
import { fixtureName } from '../../lib/machine';
import { GROUPS, INVARIANTS, type Comparison } from '../../lib/study';
import { explanation } from '../../tools/commands/compare/explanation';
import { toJson } from '../../tools/commands/compare/json';
import { coloured, plain } from '../../tools/commands/compare/paint';
import { report } from '../../tools/commands/compare/report';
import { fixtures } from '../../buses';
import { main } from '../../tools/ldm';
import { captured, type Outcome, type Output } from '../support/captured';
import { wholeComparison } from '../support/whole-comparison';

interface Cell {
  readonly bus: string;
  readonly strategy: string | null;
  readonly holds: boolean | null;
  readonly value: number | null;
  readonly evidence: readonly string[];
}

interface Result {
  readonly runs: readonly (Record<string, unknown> & { readonly cost: Record<string, number> })[];
  readonly invariants: readonly { readonly id: string; readonly title: string; readonly cells: readonly Cell[] }[];
}

/** A bus where nothing is allocated, and one where everything is, with two disks that can be mixed up. */
const FEW = ['--devices', '2', '--driver', 'virtio_blk', '--bus', 'vpci', 'ps3-handle/at-probe'];

const ldm = (...args: string[]): Promise<Outcome> => captured(() => main(['compare', ...args]));

const RECENT = ['--json', ...FEW, '--devices', '4', '--policy', 'recent'];
let ranRecent: Promise<Outcome> | undefined;

/** What a run of seconds has left, which several tests look at. */
const recent = (): Promise<Outcome> => (ranRecent ??= ldm(...RECENT));

describe('ldm compare', () => {
  let whole: Comparison;
  before(async () => void (whole = await wholeComparison()));

  async function printed(output: Output = {}, text = () => report(whole, plain)): Promise<string[]> {
    const { out } = await captured(async () => void process.stdout.write(text()), output);
    return out.split('\n');
  }

  it('prints a page of at most 100 columns, with a line for each bus and strategy', async () => {
    const lines = await printed();
    expect(lines[0]).to.equal('4 devices of each class, policy lowest, seed 1');
    expect(lines.filter((line) => line.length > 100)).to.deep.equal([]);
    const columns = fixtures.map(fixtureName);
    expect(lines.filter((line) => columns.includes(line))).to.deep.equal(columns);
  });

  it('gives the same for the same options, byte for byte', async () => {
    expect(await ldm(...RECENT)).to.deep.equal(await recent());
  });

  it('says what each number of a table is', async () => {
    const lines = await printed();
    for (const head of [
      'found',
      'bound',
      'I/O',
      'calls',
      'exits',
      'irqs',
      'copied',
      'mapped',
      'claims',
      'left',
      'orders',
      'states',
    ]) {
      expect(
        lines.some((line) => line.startsWith(`  ${head}: `)),
        head,
      ).to.equal(true);
    }
    const text = lines.join('\n').replace(/\s+/g, ' ');
    for (const { id, measure } of INVARIANTS) expect(text).to.contain(`${id} ${measure}`);
    expect(text).to.match(/ \d+ us /);
  });

  describe('fits whatever the width is', () => {
    for (const width of [60, 61, 79, 80, 99, 120, 200]) {
      it(`of ${String(width)} columns, and loses nothing`, async () => {
        const lines = await printed({ columns: width });
        expect(lines.filter((line) => line.length > width || line.includes('…'))).to.deep.equal([]);
        for (const { id, cells } of whole.invariants) {
          const kept = cells.filter(({ holds }) => holds === true).length;
          const rows = lines.filter((line) => line.startsWith(id.padEnd(4)));
          expect(rows.join(' ').split('✓').length - 1, id).to.equal(kept);
        }
        for (const { cost } of whole.runs)
          expect(lines.join('\n')).to.contain(` ${(cost.latencyNs / 1000).toFixed(0)} us`);
      });
    }

    it('of a terminal; COLUMNS goes first, and fewer than 60 columns are 60', async () => {
      const longest = (lines: string[]): number => Math.max(...lines.map(({ length }) => length));
      expect(longest(await printed({ terminal: 72 }))).to.be.within(66, 72);
      expect(longest(await printed({ terminal: 72, columns: 90 }))).to.be.within(84, 90);
      for (const columns of [1, 59]) expect(longest(await printed({ columns }))).to.be.within(55, 60);
      for (const columns of ['', '0', 'wide', '-80']) expect(await printed({ columns })).to.deep.equal(await printed());
    });

    it('of the lines that prove something, where the width is known; else they are whole', async () => {
      const text = (): string => explanation(whole);
      expect((await printed({ columns: 60 }, text)).filter((line) => line.length > 60)).to.deep.equal([]);
      const lines = await printed({}, text);
      for (const { cells } of whole.invariants) {
        for (const line of cells.flatMap(({ evidence }) => evidence)) expect(lines).to.include(`  ${line}`);
      }
    });

    it('also with colours', async () => {
      const bare = (lines: string[]): string[] => lines.map((line) => line.replace(/\u001b\[\d+m/g, ''));
      const lines = await printed({ columns: 60 }, () => report(whole, coloured));
      expect(bare(lines).map((line) => line.trimEnd())).to.deep.equal(await printed({ columns: 60 }));
    });
  });

  it('shows on a terminal how far it is, and nothing elsewhere', async () => {
    const { out, err, code } = await captured(
      () => main(['compare', '--bus', 'vpci', '--driver', 'virtio_blk', '--devices', '2']),
      { terminal: 80 },
    );
    expect(code).to.equal(0);
    expect(err).to.match(/ \d+% \| \d+ of \d+ steps/);
    expect(out).to.match(/^2 devices of each class/);
    expect((await ldm(...FEW, '--explain', 'I1')).err).to.equal('');
  });

  describe('--json', () => {
    const all = (): Result => JSON.parse(JSON.stringify(toJson(whole))) as Result;

    it('has runs with their cost, and invariants with their cells', async () => {
      const result = all();
      expect(Object.keys(result)).to.deep.equal(['runs', 'invariants', 'states']);
      for (const run of result.runs) {
        expect(Object.keys(run)).to.deep.equal(['bus', 'strategy', 'driver', 'bound', 'ioVerified', 'cost']);
        expect(Object.keys(run.cost)).to.have.members([
          'hypercalls',
          'exits',
          'interrupts',
          'bytesCopiedHost',
          'bytesCopiedGuest',
          'memoryMapped',
          'latencyNs',
        ]);
        expect(run['driver']).to.equal('virtio_blk');
        expect(run['bound']).to.equal(true);
        expect(run['ioVerified']).to.equal(true);
      }
      for (const row of result.invariants) {
        expect(Object.keys(row)).to.deep.equal(['id', 'group', 'title', 'cells']);
        for (const cell of row.cells)
          expect(Object.keys(cell)).to.deep.equal(['bus', 'strategy', 'holds', 'value', 'evidence']);
      }
    });

    it('has in each cell what proves it, in at most 60 lines of text', () => {
      for (const { id, cells } of all().invariants) {
        for (const { evidence } of cells) {
          expect(evidence, id).to.have.length.within(1, 60);
          for (const line of evidence) expect(line, id).to.be.a('string').and.not.equal('');
        }
      }
    });

    it('has a cell of each invariant for each bus and strategy, in the order of the runs', () => {
      const { runs, invariants } = all();
      const columns = runs.map(({ bus, strategy }) => [bus, strategy]);
      expect(invariants.map(({ id }) => id)).to.deep.equal(INVARIANTS.map(({ id }) => id));
      for (const { cells } of invariants)
        expect(cells.map(({ bus, strategy }) => [bus, strategy])).to.deep.equal(columns);
    });

    it('shows that the policy matters where devices are allocated, and nowhere else', async () => {
      const rebinds = ({ invariants }: Result): Record<string, number | null> => {
        const cells = invariants.find(({ id }) => id === 'I6')?.cells ?? [];
        return Object.fromEntries(cells.map((cell) => [fixtureName(cell), cell.value]));
      };
      expect(rebinds(all())).to.include({ vpci: 1, 'ps3-handle/at-probe': 0.125, 'ps3-handle/repository': 1 });
      expect(rebinds(JSON.parse((await recent()).out) as Result)).to.deep.equal({
        vpci: 1,
        'ps3-handle/at-probe': 0.5,
      });
    });
  });

  it('regression: takes a bus by each name that a report calls it, in the order of the report', async () => {
    const names = async (...buses: string[]): Promise<string[]> => {
      const { out, code } = await ldm('--devices', '1', '--driver', 'virtio_blk', '--explain', 'I1', '--bus', ...buses);
      expect(code).to.equal(0);
      return [...out.matchAll(/^== (\S+): /gm)].map(([, name]) => name!);
    };
    for (const name of fixtures.map(fixtureName)) expect(await names(name)).to.deep.equal([name]);
    expect(await names('ps3-handle/named', 'vpci', 'ps3-handle/named')).to.deep.equal(['vpci', 'ps3-handle/named']);
    expect(await names('ps3-handle', 'ps3-handle/named')).to.deep.equal(
      fixtures.map(fixtureName).filter((name) => name.startsWith('ps3-handle')),
    );
  });

  it('prints the groups of invariants apart, each with what it says', async () => {
    const lines = await printed();
    const at = GROUPS.map(({ title }) => lines.indexOf(title));
    expect(at)
      .to.deep.equal(at.toSorted((a, b) => a - b))
      .and.not.include(-1);
    for (const { group, title } of GROUPS) {
      const start = lines.indexOf(title);
      const end = lines.findIndex(
        (line, i) => i > start && (GROUPS.some((other) => other.title === line) || line.startsWith('What the numbers')),
      );
      const ids = lines.slice(start, end).flatMap((line) => /^(I\d+) .* [✓✗-](?: |$)/.exec(line)?.slice(1) ?? []);
      expect([...new Set(ids)]).to.deep.equal(INVARIANTS.filter((known) => known.group === group).map(({ id }) => id));
    }
  });

  it('--full prints every line of the evidence', async () => {
    const few = ['--devices', '2', '--driver', 'virtio_blk', '--bus', 'ccw', 'vpci', '--explain', 'I6'];
    const [short, full] = [await ldm(...few), await ldm(...few, '--full')];
    const stsch = (text: string): number => text.split('\n').filter((line) => line.includes('g1: stsch(')).length;
    expect(stsch(full.out)).to.be.greaterThan(20);
    expect(stsch(short.out)).to.equal(0);
    expect(full.out).to.match(/host: \[\d+ ns\] g1: read 4 at 0x[0-9a-f]+: 0x[0-9a-f]+/);
  });

  it('--explain prints what proves each cell, in any case of letters', async () => {
    for (const row of whole.invariants) {
      const cells = explanation({ ...whole, invariants: [row] })
        .split('\n== ')
        .slice(1);
      expect(cells).to.have.length(fixtures.length);
      for (const cell of cells) expect(cell.split('\n').length, `${row.id}: ${cell}`).to.be.greaterThan(3);
    }
    const { out, code } = await ldm(...FEW, '--explain', 'i6');
    expect(out.split('\n')[0]).to.equal('I6 rebinding gives the same device');
    expect(code).to.equal(0);
  });

  it('--explain shows the calls that were made to the hypervisor', async () => {
    const { out } = await ldm('--bus', 'ps3-handle', '--driver', 'virtio_blk', '--devices', '2', '--explain', 'I6');
    expect(out).to.match(/g1: lv1_alloc_device\(2\) = 0/);
    expect(out).to.match(/g1: lv1_open_device\(1, \d+, 0\) = 0/);
  });

  describe('misuse: exit code 2, a message, and nothing on standard output', () => {
    const cases: [string, string[], RegExp][] = [
      [
        'an unknown bus',
        ['--bus', 'isa'],
        /^ldm: unknown bus 'isa'; there are: vpci, ccw, of-tree, vbus, ps3-handle, ps3-handle\/eager, .*\n$/,
      ],
      ['an unknown driver', ['--driver', 'e1000'], /^ldm: unknown driver 'e1000'; there are: virtio_blk, virtio_rng, /],
      ['an unknown invariant', ['--explain', 'X'], /^ldm: unknown invariant 'X'; there are: I1, I2, .*, I29\n$/],
      [
        'an unknown policy',
        ['--policy', 'first'],
        /^ldm: unknown policy 'first'; there are: lowest, recent, random\n$/,
      ],
      ['an unknown option', ['--frob'], /^ldm: unknown option '--frob'; there are: --seed, .*, --help\n$/],
      ['an argument', ['vpci'], /^ldm: too many arguments for 'compare'/],
      ['no device', ['--devices', '0'], /argument '0' is invalid\. It must be a whole number from 1 to 65536\.\n$/],
      [
        'more devices than a bus has room for',
        ['--bus', 'vpci', '--devices', '7937'],
        /^ldm: ENOSPC: .* 'disk7936 of guest g1': all 7936 functions \(8 in a slot\) of bus 0 and 31 buses behind bridges/,
      ],
      ['a part of a device', ['--devices', '1.5'], /argument '1\.5' is invalid/],
      ['a seed that is no number', ['--seed', '0x10'], /argument '0x10' is invalid/],
      ['two kinds of output', ['--json', '--explain', 'I6'], /cannot be used with option '--json'\n$/],
      [
        'all of a proof that is not asked for',
        ['--full'],
        /^ldm: option '--full' does nothing without option '--explain <invariant>'\n$/,
      ],
    ];
    for (const [what, args, message] of cases) {
      it(what, async () => {
        const { out, err, code } = await ldm(...args);
        expect({ out, code }).to.deep.equal({ out: '', code: 2 });
        expect(err).to.match(message);
      });
    }
  });
});
