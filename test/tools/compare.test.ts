import { expect } from 'chai';
import { columnName, GROUPS, INVARIANTS } from '../../lib/study';
import { FIXTURES } from '../../tools/commands/subjects';
import { main } from '../../tools/ldm';
import { captured, type Outcome } from '../support/captured';

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

/** Two disks are enough to be mixed up. */
const FEW = ['--devices', '2', '--driver', 'virtio_blk'];

const compare = (...args: string[]): Promise<Outcome> => captured(() => main(['compare', ...args]));

/** A whole comparison takes seconds: what several tests look at is made once. */
const made = new Map<string, Promise<Outcome>>();
function compareOnce(...args: string[]): Promise<Outcome> {
  const key = args.join(' ');
  const known = made.get(key) ?? compare(...args);
  made.set(key, known);
  return known;
}

async function json(...args: string[]): Promise<Result> {
  return JSON.parse((await compareOnce('--json', ...args)).out) as Result;
}

describe('ldm compare', () => {
  it('prints a page of at most 100 columns, with a line for each bus and strategy', async () => {
    const { out, err, code } = await compareOnce(...FEW);
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const lines = out.split('\n');
    expect(lines[0]).to.equal('2 devices of each class, policy lowest, seed 1');
    expect(lines.filter((line) => line.length > 100)).to.deep.equal([]);
    const columns = FIXTURES.map(columnName);
    expect(lines.filter((line) => columns.includes(line))).to.deep.equal(columns);
  });

  it('gives the same for the same options, byte for byte', async () => {
    const options = [...FEW, '--policy', 'random', '--seed', '7'];
    for (const one of [['--json', ...options], ['--bus', 'ps3-handle', ...options]]) expect(await compare(...one)).to.deep.equal(await compare(...one));
  });

  describe('--json', () => {
    it('has runs with their cost, and invariants with their cells', async () => {
      const result = await json(...FEW);
      expect(Object.keys(result)).to.deep.equal(['runs', 'invariants', 'states']);
      for (const run of result.runs) {
        expect(Object.keys(run)).to.deep.equal(['bus', 'strategy', 'driver', 'bound', 'ioVerified', 'cost']);
        expect(Object.keys(run.cost)).to.have.members([
          'hypercalls', 'exits', 'interrupts', 'bytesCopiedHost', 'bytesCopiedGuest', 'memoryMapped', 'latencyNs',
        ]);
        expect([run['driver'], run['bound'], run['ioVerified']]).to.deep.equal(['virtio_blk', true, true]);
      }
      for (const row of result.invariants) {
        expect(Object.keys(row)).to.deep.equal(['id', 'group', 'title', 'cells']);
        for (const cell of row.cells) expect(Object.keys(cell)).to.deep.equal(['bus', 'strategy', 'holds', 'value', 'evidence']);
      }
    });

    it('has in each cell what proves it, in at most 60 lines of text', async () => {
      for (const { id, cells } of (await json(...FEW)).invariants) {
        for (const { evidence } of cells) {
          expect(evidence, id).to.have.length.within(1, 60);
          for (const line of evidence) expect(line, id).to.be.a('string').and.not.equal('');
        }
      }
    });

    it('has a cell of each invariant for each bus and strategy, in the order of the runs', async () => {
      const { runs, invariants } = await json(...FEW);
      const columns = runs.map(({ bus, strategy }) => [bus, strategy]);
      expect(invariants.map(({ id }) => id)).to.deep.equal(INVARIANTS.map(({ id }) => id));
      for (const { cells } of invariants) expect(cells.map(({ bus, strategy }) => [bus, strategy])).to.deep.equal(columns);
    });

    it('shows that the policy matters where devices are allocated, and nowhere else', async () => {
      const rebinds = async (policy: string): Promise<Record<string, number | null>> => {
        const { invariants } = await json('--bus', 'vpci', 'ps3-handle', '--driver', 'virtio_blk', '--policy', policy);
        const cells = invariants.find(({ id }) => id === 'I6')?.cells ?? [];
        return Object.fromEntries(cells.map((cell) => [columnName(cell), cell.value]));
      };
      expect(await rebinds('lowest')).to.include({ vpci: 1, 'ps3-handle/at-probe': 0.125, 'ps3-handle/repository': 1 });
      expect(await rebinds('recent')).to.include({ vpci: 1, 'ps3-handle/at-probe': 0.5, 'ps3-handle/repository': 1 });
    });
  });

  it('prints the groups of invariants apart, each with what it says', async () => {
    const lines = (await compareOnce(...FEW)).out.split('\n');
    const at = GROUPS.map(({ title }) => lines.indexOf(title));
    expect(at).to.deep.equal(at.toSorted((a, b) => a - b)).and.not.include(-1);
    for (const { group, title } of GROUPS) {
      const start = lines.indexOf(title);
      const end = lines.findIndex((line, i) => i > start && (GROUPS.some((other) => other.title === line) || line.startsWith('What the numbers')));
      const ids = lines.slice(start, end).flatMap((line) => /^(I\d+) /.exec(line)?.slice(1) ?? []);
      expect(ids).to.deep.equal(INVARIANTS.filter((known) => known.group === group).map(({ id }) => id));
    }
  });

  it('--full prints every line of the evidence', async () => {
    const [excerpt, full] = [await compare(...FEW, '--explain', 'I6'), await compare(...FEW, '--explain', 'I6', '--full')];
    const stsch = (text: string): number => text.split('\n').filter((line) => line.includes('g1: stsch(')).length;
    expect(stsch(full.out)).to.be.greaterThan(20);
    expect(stsch(excerpt.out)).to.equal(0);
    expect(full.out).to.match(/host: \[\d+ ns\] g1: read 4 at 0x[0-9a-f]+: 0x[0-9a-f]+/);
  });

  it('--explain prints what proves each cell, for every invariant, in any case of letters', async () => {
    for (const { id, title } of INVARIANTS) {
      const { out, code } = await compare(...FEW, '--explain', id.toLowerCase());
      const cells = out.split('\n== ').slice(1);
      expect([out.split('\n')[0], code, cells.length]).to.deep.equal([`${id} ${title}`, 0, FIXTURES.length]);
      for (const cell of cells) expect(cell.split('\n').length, `${id}: ${cell}`).to.be.greaterThan(3);
    }
  });

  it('--explain shows the calls that were made to the hypervisor', async () => {
    const { out } = await compare(...FEW, '--bus', 'ps3-handle', '--explain', 'I6');
    expect(out).to.match(/g1: lv1_alloc_device\(2\) = 0/);
    expect(out).to.match(/g1: lv1_open_device\(1, \d+, 0\) = 0/);
  });

  describe('misuse: exit code 2, a message, and nothing on standard output', () => {
    const cases: [string, string[], RegExp][] = [
      ['an unknown bus', ['--bus', 'isa'], /^ldm: unknown bus 'isa'; there are: vpci, ccw, of-tree, ps3-handle\n$/],
      ['an unknown driver', ['--driver', 'e1000'], /^ldm: unknown driver 'e1000'; there are: virtio_blk, virtio_rng, /],
      ['an unknown invariant', ['--explain', 'I99'], /^ldm: unknown invariant 'I99'; there are: I1, I2, /],
      ['an unknown policy', ['--policy', 'first'], /argument 'first' is invalid\. Allowed choices are lowest, recent, random\.\n$/],
      ['an unknown option', ['--frob'], /^ldm: unknown option '--frob'\n$/],
      ['an argument', ['vpci'], /^ldm: too many arguments for 'compare'/],
      ['no device', ['--devices', '0'], /argument '0' is invalid\. It must be a whole number from 1 to 16\.\n$/],
      ['a part of a device', ['--devices', '1.5'], /argument '1\.5' is invalid/],
      ['a seed that is no number', ['--seed', '0x10'], /argument '0x10' is invalid/],
      ['two kinds of output', ['--json', '--explain', 'I6'], /cannot be used with option '--json'\n$/],
    ];
    for (const [what, args, message] of cases) {
      it(what, async () => {
        const { out, err, code } = await compare(...args);
        expect({ out, code }).to.deep.equal({ out: '', code: 2 });
        expect(err).to.match(message);
      });
    }

    it('an unknown command', async () => {
      const { out, err, code } = await captured(() => main(['compere']));
      expect({ out, code }).to.deep.equal({ out: '', code: 2 });
      expect(err).to.match(/^ldm: unknown command 'compere'/);
    });
  });
});
