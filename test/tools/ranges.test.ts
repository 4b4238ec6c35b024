import { expect } from 'chai';
import type { Command, Option } from 'commander';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NumberOption, type Ended } from '../../tools/commands/options';
import { main, makeProgram } from '../../tools/ldm';
import { captured, type Outcome } from '../support/captured';

const SCRIPT = join(__dirname, '../machines/scripts/x86-pci/14-uevent-write.sh');
const PROGRAM = join(__dirname, '../oracle/programs/driver-then-device-binds.dm');
const LIB = join(__dirname, '../../lib');
const TREE = join(__dirname, '../of-tree/recorded/simple-pm-bus.dtb');

/** What makes a run of each command short: its arguments, and its options by name. */
const SHORT: Readonly<
  Record<string, { readonly args: string[]; readonly options: Readonly<Record<string, string[]>> }>
> = {
  compare: {
    args: [],
    // The bus with the fewest places.
    options: { '--devices': ['1'], '--bus': ['of-tree'], '--driver': ['virtio_blk'], '--explain': ['I1'] },
  },
  explore: {
    args: [],
    options: {
      '--bound': ['1'],
      '--random': ['0'],
      '--devices': ['1'],
      '--drivers': ['1'],
      '--guests': ['1'],
      '--bus': ['vpci'],
      '--shard': ['99999/99999'],
    },
  },
  replay: { args: [PROGRAM], options: {} },
  devicetree: { args: [TREE], options: {} },
  scenario: { args: ['rebind-changes-the-disk'], options: {} },
  why: { args: ['virtio0', 'virtio_blk'], options: {} },
  help: { args: [], options: {} },
  shell: { args: [SCRIPT], options: {} },
  tour: { args: [], options: {} },
};

/** How an option is tried that needs another one, or other arguments; null: the short run has it too. */
interface Trial {
  readonly args?: string[];
  readonly options?: Readonly<Record<string, string[] | null>>;
  /** Values in place of the ends of its range, where those take too long. */
  readonly ends?: readonly string[];
}

const WITH: Readonly<Record<string, Trial>> = {
  'compare --devices': { options: { '--explain': null }, ends: ['1', '16'] },
  'explore --json': { options: { '--shard': null } },
  'compare --full': { options: { '--bus': ['vpci'] } },
  'compare --ownership': { options: { '--bus': ['vbus'] } },
  'compare --access': { options: { '--devices': null } },
  'compare --costs': { options: { '--explain': null } },
  'scenario --list': { args: [] },
  'why --program': { args: ['d', 'r'] },
};

describe('every option, at the ends of its range', () => {
  let dir = '';
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'ldm-'));
    writeFileSync(
      join(dir, 'driver.js'),
      `const { virtioBus } = require(${JSON.stringify(LIB)});
exports.driver = { name: 'mine', bus: virtioBus, idTable: [{ device: 2 }], probe() {} };`,
    );
    await run(command('explore'), option('explore', '--json'), join(dir, 'part.json'));
  });
  after(() => rmSync(dir, { recursive: true }));

  /** Values of the options that have a file. */
  const FILES: Readonly<Record<string, () => string>> = {
    'compare --html': () => join(dir, 'page.html'),
    'compare --costs': () => join(__dirname, '../../Documentation/cost-model.json'),
    'explore --json': () => join(dir, 'again.json'),
    'explore --merge': () => join(dir, 'part.json'),
    'replay --output': () => join(dir, 'traces'),
    'shell --machine': () => 'ps3',
    'why --program': () => PROGRAM,
    'why --load': () => join(dir, 'driver.js'),
  };

  function command(name: string): Command {
    return makeProgram().commands.find((known) => known.name() === name)!;
  }

  function option(of: string, long: string): Option {
    return command(of).options.find((known) => known.long === long)!;
  }

  /** A short run in which one option has a value; null: it takes none. */
  function run(of: Command, tried: Option, value: string | null): Promise<Outcome> {
    const { args, options } = SHORT[of.name()]!;
    const other = WITH[`${of.name()} ${tried.long ?? ''}`] ?? {};
    const all = Object.entries({ ...options, ...other.options }).flatMap(([long, values]) => {
      const one = of.options.find((known) => known.long === long)!;
      return values === null || one.long === tried.long || conflict(one, tried) ? [] : [long, ...values];
    });
    const given = value === null ? [tried.long!] : [tried.long!, value];
    return captured(() => main([of.name(), ...(other.args ?? args), ...all, ...given]));
  }

  function conflict(a: Option, b: Option): boolean {
    const names = (one: Option): string[] => (one as unknown as { conflictsWith: string[] }).conflictsWith;
    return names(a).includes(b.attributeName()) || names(b).includes(a.attributeName());
  }

  function valuesOf(of: Command, tried: Option): readonly (string | null)[] {
    if ('ends' in tried) return WITH[`${of.name()} ${tried.long ?? ''}`]?.ends ?? (tried as unknown as Ended).ends;
    if (!tried.required && !tried.optional) return [null];
    const file = FILES[`${of.name()} ${tried.long ?? ''}`];
    if (file === undefined) throw new Error(`nobody says what values ${of.name()} ${tried.flags} has`);
    return [file()];
  }

  for (const of of makeProgram().commands) {
    it(`regression: ldm ${of.name()} runs with each of them`, async () => {
      expect(SHORT, 'what makes it short').to.have.property(of.name());
      for (const tried of of.options) {
        for (const value of valuesOf(of, tried)) {
          const { out, err, code } = await run(of, tried, value);
          const what = `${of.name()} ${tried.long ?? ''} ${value ?? ''}`;
          expect({ err, code }, what).to.deep.equal({ err: '', code: 0 });
          expect(out, what).to.not.match(/^ +at .*:\d+:\d+/m);
        }
      }
    });

    it(`ldm ${of.name()} refuses numbers beyond`, async () => {
      for (const tried of of.options.filter((known) => known instanceof NumberOption)) {
        const [least = 0, most = 0] = tried.ends.map(Number);
        for (const value of [least - 1, most + 1]) {
          const { out, err, code } = await run(of, tried, String(value));
          expect({ out, code }, err).to.deep.equal({ out: '', code: 2 });
          expect(err).to.match(/^ldm: .*\n$/);
        }
      }
    });
  }

  it('--version prints that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string };
    for (const flag of ['--version', '-V']) {
      expect(await captured(() => main([flag]))).to.deep.equal({ out: `${version}\n`, err: '', code: 0 });
    }
  });
});
