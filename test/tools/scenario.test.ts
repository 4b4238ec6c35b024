import { expect } from 'chai';
import { besideControl, play, SCENARIOS, type Played, type Scenario } from '../../lib/study';
import { fixtureName, type BusFixture, type Conditions } from '../../lib/machine';
import { everywhere, sideBySide } from '../../tools/commands/scenario-report';
import { fixtures } from '../../buses';
import { ps3Handle } from '../../buses/ps3-handle';
import { expectedOf } from '../support/expected';
import { WORKLOADS } from '../../tools/commands/subjects';
import { main } from '../../tools/ldm';
import { captured, type Outcome } from '../support/captured';

const scenario = (...args: string[]): Promise<Outcome> => captured(() => main(['scenario', ...args]));

const playOn = (one: Scenario, fixture: BusFixture, conditions: Conditions): Promise<Played> =>
  play(one, fixture, conditions, WORKLOADS[0]!);

const REBIND = 'rebind-changes-the-disk';

describe('ldm scenario', () => {
  it('--list prints a name and a line for each', async () => {
    const { out, err, code } = await scenario('--list');
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const names = out.split('\n').filter((line) => /^\S/.test(line));
    expect(names).to.deep.equal(SCENARIOS.map(({ name }) => name));
    expect(out).to.contain(`${REBIND}\n    unbind and bind again: the same path, another disk\n`);
  });

  it('prints what was done, both sides, the cause and the difference', async () => {
    const { out, err, code } = await scenario(REBIND);
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const lines = out.split('\n');
    expect(lines.slice(0, 2)).to.deep.equal([REBIND, 'unbind and bind again: the same path, another disk']);
    expect(out).to.match(
      /\n +vpci +ps3-handle\/at-probe\n1 +guest 1 binds its first device\n +0000:00:01\.0 is disk0 +blk_00 is disk0\n/,
    );
    expect(out).to.match(
      /\n4 +guest 1 binds the same name again\n +0000:00:01\.0 is disk0 +blk_00 is disk1\n +g1 claims disk1\n/,
    );
    expect(out).to.contain(
      'drivers/base/dd.c __device_release_driver; here lib/base/release-driver.ts, deviceUnbindCleanup',
    );
    const said = out.replace(/\s+/g, ' ');
    const difference =
      'the disk behind the name after unbinding and binding it: disk0 on vpci, disk1 on ps3-handle/at-probe';
    expect(said).to.contain(`Difference: ${difference} Surprise: not on vpci, on ps3-handle/at-probe.`);
  });

  it('fits whatever the width is and cuts nothing, whatever the scenario', async () => {
    const { conditions, testbed } = {
      conditions: { seed: 1, devices: 4 },
      testbed: fixtures.find(({ bus }) => bus === 'of-tree')!,
    };
    for (const one of SCENARIOS) {
      const policy = one.policy ?? 'lowest';
      const subject = fixtures.find(({ strategy }) => strategy === one.strategy)!;
      const [left, right] = [
        await playOn(one, testbed, { ...conditions, policy }),
        await playOn(one, subject, { ...conditions, policy }),
      ];
      const texts = [
        () => sideBySide(one, { ...conditions, policy }, left, right),
        () => everywhere(one, { ...conditions, policy }, [left, right]),
      ];
      for (const columns of [60, 83, 100, 140]) {
        for (const text of texts) {
          const { out } = await captured(async () => void process.stdout.write(text()), { columns });
          expect(
            out.split('\n').filter((line) => line.length > columns || line.includes('…')),
            `${one.name} ${String(columns)}`,
          ).to.deep.equal([]);
        }
      }
    }
  });

  it('takes another bus and another strategy', async () => {
    const { out } = await scenario(REBIND, '--control', 'ccw', '--strategy', 'repository');
    expect(out).to.contain('0.0.0000 is disk0').and.to.contain('sb_01: EPERM');
    expect(out).to.contain('Surprise: not on ccw, not on ps3-handle/repository.');
  });

  it('takes another policy and another seed, and says which', async () => {
    expect((await scenario('unload-order-matters')).out).to.contain('4 devices, policy recent, seed 1');
    const { out } = await scenario('unload-order-matters', '--policy', 'lowest', '--seed', '9');
    expect(out)
      .to.contain('4 devices, policy lowest, seed 9')
      .and.to.contain('Surprise: not on vpci, not on ps3-handle/lazy.');
  });

  it('regression: takes a strategy by the name that its own report prints', async () => {
    for (const strategy of ['eager', 'named']) {
      const [short, long] = [
        await scenario(REBIND, '--strategy', strategy),
        await scenario(REBIND, '--strategy', `ps3-handle/${strategy}`),
      ];
      expect(short.out).to.contain(`ps3-handle/${strategy}`);
      expect(long).to.deep.equal(short);
    }
  });

  it(
    'regression: has a surprise wherever a trace parts from that of the control bus, ' + 'and says so everywhere',
    async () => {
      const name = 'same-script-four-buses';
      const one = SCENARIOS.find((known) => known.name === name)!;
      const conditions: Conditions = { seed: 1, devices: 4, policy: 'random' };
      const control = await playOn(one, fixtures[0]!, conditions);
      const parted = [];
      for (const fixture of fixtures) {
        const side = besideControl(control, await playOn(one, fixture, conditions));
        const text = sideBySide(one, conditions, control, side);
        const isEqual = /\nTraces: all \d+ lines are equal\.\n/.test(text);
        expect(text).to.match(isEqual ? /\nSurprise: not on vpci, not on / : /\nSurprise: not on vpci, on /);
        expect(everywhere(one, conditions, [side])).to.match(isEqual ? / no +100 / : / YES +100 /);
        if (!isEqual) parted.push(fixtureName(fixture));
      }
      const parting = fixtures.filter((fixture) => expectedOf(fixture)?.traceParts === true);
      expect(parted).to.deep.equal(parting.map(fixtureName));
      const { subject } = JSON.parse((await scenario(name, '--strategy', 'repository', '--json')).out) as {
        subject: Played;
      };
      expect(subject.happens).to.equal(true);
    },
  );

  it('shows where two traces part', async () => {
    const { out } = await scenario('same-script-four-buses');
    expect(out).to.match(/Traces: the first \d+ lines are equal, then they part:\n(?: {4}.*\n){3} {2}> /);
    expect(out).to.match(/\n {2}> .*served by.*\[vpci\]\n {2}> .*served by.*\[ps3-handle\/at-probe\]\n/);
    expect((await scenario('same-script-four-buses', '--strategy', 'named')).out).to.match(
      /Traces: all \d+ lines are equal\.\n/,
    );
  });

  it('--all prints a line for each bus and strategy, and what was measured', async () => {
    const { out } = await scenario('quota-as-truth', '--all');
    const columns = fixtures.map(fixtureName);
    const lines = out.split('\n').filter((line) => columns.includes(line.split(/ +/)[0] ?? ''));
    expect(lines.map((line) => line.split(/ +/)[0])).to.deep.equal(columns);
    expect(lines[0]).to.match(/^vpci +no +2 +2 +1 +2$/);
    const eager = lines[columns.indexOf('ps3-handle/eager')];
    expect(eager).to.match(/^ps3-handle\/eager +YES +4 +0 +0\.5 +0$/);
  });

  describe('--json', () => {
    it('has both sides with facts and steps, the causes and the differences', async () => {
      const result = JSON.parse((await scenario(REBIND, '--json')).out) as Record<string, unknown> & {
        readonly control: Record<string, unknown>;
        readonly subject: Record<string, unknown>;
      };
      expect(Object.keys(result)).to.deep.equal([
        'name',
        'title',
        'about',
        'measures',
        'why',
        'conditions',
        'control',
        'subject',
        'differences',
      ]);
      expect(Object.keys(result.subject)).to.deep.equal(['bus', 'strategy', 'happens', 'facts', 'steps', 'trace']);
      expect(result.control).to.deep.include({ bus: 'vpci', strategy: null, happens: false });
      expect(result.subject).to.deep.include({
        strategy: 'at-probe',
        happens: true,
        facts: { before: 'disk0', after: 'disk1' },
      });
      expect(result['differences']).to.deep.equal([
        {
          name: 'after',
          measure: 'the disk behind the name after unbinding and binding it',
          values: ['disk0', 'disk1'],
        },
      ]);
      expect(result['conditions']).to.deep.equal({ seed: 1, devices: 4, policy: 'lowest' });
    });

    it('has the list, and all sides', async () => {
      const list = JSON.parse((await scenario('--list', '--json')).out) as { readonly name: string }[];
      expect(list.map(({ name }) => name)).to.deep.equal(SCENARIOS.map(({ name }) => name));
      const { sides } = JSON.parse((await scenario(REBIND, '--all', '--json')).out) as {
        readonly sides: readonly unknown[];
      };
      expect(sides).to.have.length(fixtures.length);
    });
  });

  describe('misuse: exit code 2, a message, and nothing on standard output', () => {
    const cases: [string, string[], RegExp][] = [
      ['no name', [], /^ldm: name a scenario, or see which there are with --list\n$/],
      [
        'a name that is nearly one',
        ['rebind-changes-the-disc'],
        /^ldm: unknown scenario 'rebind-changes-the-disc'; did you mean rebind-changes-the-disk\?\n$/,
      ],
      ['a part of a name', ['oops'], /^ldm: unknown scenario 'oops'; did you mean driver-oops\?\n$/],
      [
        'an unknown name',
        ['zzz'],
        /^ldm: unknown scenario 'zzz'; there are: rebind-changes-the-disk, .*, same-script-four-buses\n$/,
      ],
      [
        'an unknown bus',
        [REBIND, '--control', 'isa'],
        /^ldm: unknown control bus 'isa'; there are: vpci, ccw, of-tree, vbus\n$/,
      ],
      [
        'an unknown strategy',
        [REBIND, '--strategy', 'none'],
        new RegExp(
          `^ldm: unknown strategy 'none'; there are: ${ps3Handle.map(({ strategy }) => strategy).join(', ')}\n$`,
        ),
      ],
      ['a seed that is no number', [REBIND, '--seed', 'x'], /argument 'x' is invalid/],
      ['two names', [REBIND, REBIND], /^ldm: too many arguments for 'scenario'/],
      [
        'a list of one',
        ['--list', REBIND],
        /^ldm: option '--list' takes no name of a scenario, but 'rebind-changes-the-disk' was given\n$/,
      ],
      ...['--all', '--seed=2', '--policy=lowest', '--control=ccw', '--strategy=lazy'].map(
        (option): [string, string[], RegExp] => [
          `a list with ${option}`,
          ['--list', option],
          /^ldm: option '--list' cannot be used with option '--/,
        ],
      ),
      [
        'all buses beside a given one',
        [REBIND, '--all', '--control', 'ccw'],
        /^ldm: option '--all' cannot be used with option '--control <bus>'\n$/,
      ],
      [
        'all strategies and a given one',
        [REBIND, '--all', '--strategy', 'lazy'],
        /cannot be used with option '--strategy <strategy>'\n$/,
      ],
    ];
    for (const [what, args, message] of cases) {
      it(what, async () => {
        const { out, err, code } = await scenario(...args);
        expect({ out, code }).to.deep.equal({ out: '', code: 2 });
        expect(err).to.match(message);
      });
    }
  });
});
