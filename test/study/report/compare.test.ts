import { expect } from 'chai';
import { ps3AtProbe, ps3Repository } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import { virtioBlk } from '../../../drivers/virtio_blk';
import { virtioConsole } from '../../../drivers/virtio_console';
import { virtioRng } from '../../../drivers/virtio_rng';
import { blockWorkload, fixtureName, consoleWorkload, rngWorkload, type Conditions } from '../../../lib/machine';
import { compare, conclusions, groupSentences, INVARIANTS, rowsOf } from '../../../lib/study';

const SUBJECTS = {
  fixtures: [vpci, ps3AtProbe, ps3Repository],
  workloads: [blockWorkload(virtioBlk), rngWorkload(virtioRng)],
};
const CONDITIONS: Conditions = { seed: 3, devices: 2, policy: 'random' };

describe('compare', () => {
  it('binds and verifies every driver on every bus and strategy', async () => {
    const { runs } = await compare(SUBJECTS, CONDITIONS, []);
    expect(runs.map((run) => `${fixtureName(run)} ${run.driver}`)).to.deep.equal([
      'vpci virtio_blk',
      'vpci virtio_rng',
      'ps3-handle/at-probe virtio_blk',
      'ps3-handle/at-probe virtio_rng',
      'ps3-handle/repository virtio_blk',
      'ps3-handle/repository virtio_rng',
    ]);
    for (const run of runs)
      expect(run, fixtureName(run)).to.include({ bound: true, ioVerified: true, devicesBound: 2 });
  });

  it('says why a driver uses fewer devices than it has: Linux gives a terminal to eight consoles', async () => {
    const subjects = { fixtures: [vpci], workloads: [consoleWorkload(virtioConsole)] };
    const { runs } = await compare(subjects, { ...CONDITIONS, devices: 9 }, []);
    expect(runs[0]).to.include({ devicesBound: 9, devicesVerified: 8, ioVerified: true });
    expect(runs[0]?.limit).to.contain('hvc0 to hvc7');
    const { runs: fewer } = await compare(subjects, CONDITIONS, []);
    expect(fewer[0]).to.include({ devicesVerified: 2, limit: null });
  });

  it('counts hypercalls among the exits, and none on a bus of registers', async () => {
    const { runs } = await compare(SUBJECTS, CONDITIONS, []);
    for (const { cost } of runs) expect(cost.exits).to.be.at.least(cost.hypercalls);
    expect(runs[0]?.cost.hypercalls).to.equal(0);
    expect(runs[2]?.cost.hypercalls).to.equal(runs[2]?.cost.exits);
  });

  it('gives the same result for the same conditions', async () => {
    const subjects = { ...SUBJECTS, fixtures: [vpci, ps3AtProbe] };
    const first = await compare(subjects, CONDITIONS);
    const second = await compare(subjects, CONDITIONS);
    expect(JSON.stringify(second)).to.equal(JSON.stringify(first));
  });

  it('draws other devices with another seed', async () => {
    const texts = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const { invariants } = await compare(SUBJECTS, { seed, devices: 4, policy: 'random' }, ['I6']);
      texts.add(invariants[0]?.cells[1]?.evidence.join('\n') ?? '');
    }
    expect(texts.size).to.be.greaterThan(1);
  });

  it('says what each bus breaks, and whose invariants these are', async () => {
    const ids = INVARIANTS.map(({ id }) => id);
    const result = await compare(SUBJECTS, { seed: 1, devices: 4, policy: 'lowest' }, ids);
    const [kept, broken] = groupSentences(rowsOf(result.invariants, 'expectation'));
    expect(kept).to.equal('vpci keeps them all.');
    expect(broken).to.contain('rebinding gives the same device (I6').and.to.contain('(I12');
    expect(conclusions(result)[0]).to.match(/^With the same core, .* vpci breaks nothing\.$/);
  });
});
