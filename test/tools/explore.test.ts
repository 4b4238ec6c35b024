import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureName } from '../../lib/machine';
import type { StateCount } from '../../lib/study';
import { fixtures } from '../../buses';
import { main } from '../../tools/ldm';
import { captured, type Outcome } from '../support/captured';

interface Part {
  explored: Record<string, unknown>;
  shard: { index: number; of: number };
  states: StateCount[];
}

const FEW = ['--bound', '2', '--random', '6', '--bus', 'vpci', 'ps3-handle'];

const run = (...args: string[]): Promise<Outcome> => captured(() => main(['explore', ...args]));

describe('ldm explore', () => {
  let dir = '';

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'ldm-explore-'));
  });

  after(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const file = (name: string): string => join(dir, name);
  const read = (name: string): Part => JSON.parse(readFileSync(file(name), 'utf8')) as Part;
  const write = (name: string, content: unknown): string => {
    writeFileSync(file(name), typeof content === 'string' ? content : JSON.stringify(content));
    return file(name);
  };

  /** A run that was cut into parts, as batch systems do it. */
  async function inParts(of: number, prefix: string): Promise<string[]> {
    const names: string[] = [];
    for (let index = 1; index <= of; index++) {
      const name = file(`${prefix}${String(index)}.json`);
      const { code } = await run(...FEW, '--shard', `${String(index)}/${String(of)}`, '--json', name);
      expect(code).to.equal(0);
      names.push(name);
    }
    return names;
  }

  it('prints a line for each bus and strategy, and two orders where they end differently', async () => {
    const { out, err, code } = await run('--bound', '2', '--random', '0');
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const head =
      'every order of up to 2 operations, and 0 longer ones drawn; 3 devices, 3 drivers, ' +
      '2 guests; policy lowest, seed 1';
    expect(out.replace(/\n/g, ' ').startsWith(`${head} `)).to.equal(true);
    for (const column of fixtures.map(fixtureName)) expect(out).to.match(new RegExp(`^${column} +\\d+ +\\d+  `, 'm'));
    expect(out).to.match(
      /^ps3-handle\/eager: \d+ of \d+ sets of operations end differently, e\.g\.\n {2}start g1; start g2\n {4}g1 holds disk0\n/m,
    );
    expect(out).to.not.match(/^vpci: /m);
  });

  it('gives the same for the same options, byte for byte', async () => {
    expect(await run(...FEW, '--seed', '7')).to.deep.equal(await run(...FEW, '--seed', '7'));
  });

  it('explores as few devices, drivers and guests as it is told', async () => {
    const { out } = await run(
      '--bound',
      '4',
      '--random',
      '0',
      '--bus',
      'vpci',
      '--guests',
      '1',
      '--devices',
      '1',
      '--drivers',
      '1',
    );
    expect(out)
      .to.contain('; 1 device, 1 driver, 1 guest; ')
      .and.to.match(/^vpci +36 +1 {2}-$/m);
  });

  it('all parts, merged in any order, are the whole', async () => {
    const whole = await run(...FEW, '--json', file('whole.json'));
    const parts = await inParts(3, 'part');
    const merged = await run('--merge', ...parts.reverse(), '--json', file('merged.json'));
    expect(merged).to.deep.equal(whole);
    expect(read('merged.json')).to.deep.equal(read('whole.json'));
    expect(read('whole.json').shard).to.deep.equal({ index: 1, of: 1 });
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
  });

  it('says which part a result is', async () => {
    expect((await run(...FEW, '--shard', '2/5')).out.split('\n\n')[0]).to.match(/; part 2 of 5$/);
  });

  describe('misuse: exit code 2, a message, and nothing on standard output', () => {
    const refused = async (message: RegExp, ...args: string[]): Promise<void> => {
      const { out, err, code } = await run(...args);
      expect({ out, code }, err).to.deep.equal({ out: '', code: 2 });
      expect(err).to.match(message);
    };

    for (const shard of ['0/2', '3/2', '1', '1/0', 'a/b', '1/2/3', '-1/2']) {
      it(`the part ${shard}`, () =>
        refused(/argument '.*' is invalid\. It must be I\/M, the I-th of M parts/, `--shard=${shard}`));
    }

    it('a bound that is none', () =>
      refused(/argument '0' is invalid\. It must be a whole number from 1 to 12\.\n$/, '--bound', '0'));
    it('four devices', () => refused(/argument '4' is invalid/, '--devices', '4'));
    it('an unknown bus', () => refused(/^ldm: unknown bus 'isa'; there are: vpci, /, '--bus', 'isa'));
    it('options of a run together with --merge', () =>
      refused(/'--merge <file\.\.\.>' cannot be used with option '--bound <n>'/, '--merge', 'a', '--bound', '2'));
    it('a place where nothing can be written', () =>
      refused(
        /^ldm: cannot write .*none\/x\.json: No such file or directory\n$/,
        ...FEW,
        '--json',
        file('none/x.json'),
      ));
    it('a directory instead of a file to write', () => refused(/: Is a directory\n$/, ...FEW, '--json', dir));

    it('a file that is not there, a directory, a binary file', async () => {
      await refused(/none\.json: no such file\n$/, '--merge', file('none.json'));
      await refused(/: is a directory\n$/, '--merge', dir);
      await refused(/: not a text file: it has NUL bytes\n$/, '--merge', write('binary', 'a\0b'));
    });

    it('a file of something else', async () => {
      await refused(/: is no result of ldm explore: /, '--merge', write('empty.json', ''));
      await refused(/: is no result of ldm explore: /, '--merge', write('array.json', []));
      await refused(/: is no result of ldm explore: explored: /, '--merge', write('object.json', {}));
    });

    it('parts of different runs, with what differs', async () => {
      const [one = '', two = ''] = await inParts(2, 'mixed');
      const changed = (change: Partial<Part>): string => write('changed.json', { ...read('mixed2.json'), ...change });
      const { explored, states } = read('mixed2.json');
      const other = /changed\.json is of another run than .*mixed1\.json: /.source;
      await refused(
        new RegExp(`${other}bound 3, not 2\n$`),
        '--merge',
        one,
        changed({ explored: { ...explored, bound: 3 } }),
      );
      await refused(new RegExp(`${other}parts 3, not 2\n$`), '--merge', one, changed({ shard: { index: 2, of: 3 } }));
      await refused(new RegExp(`${other}buses `), '--merge', one, changed({ states: states.slice(1) }));
      await refused(/^ldm: missing: 2\/2\n$/, '--merge', one);
      await refused(/mixed2\.json and .*mixed2\.json are both part 2 of 2\n$/, '--merge', one, two, two);
    });

    it('any text that is no result: never another failure', async () => {
      await inParts(1, 'whole');
      const text = JSON.stringify(read('whole1.json'));
      const damaged = fc
        .tuple(fc.nat(text.length - 1), fc.nat(40), fc.string({ maxLength: 8 }))
        .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
      await fc.assert(
        fc.asyncProperty(fc.oneof(damaged, fc.json()), async (content) => {
          const { code, err } = await run('--merge', write('damaged.json', content));
          expect([0, 2]).to.include(code);
          if (code === 2) expect(err).to.match(/^ldm: /);
        }),
        { numRuns: 60 },
      );
    });
  });
});
