import { expect } from 'chai';
import { ps3AtOnline, ps3AtProbe, ps3Eager, ps3Named, ps3Repository } from '../../../buses/ps3-handle';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { vbus } from '../../../buses/vbus';
import { vpci } from '../../../buses/vpci';
import { virtioBlk } from '../../../drivers/virtio_blk';
import { blockWorkload, Testbed, recordTimeline, type BusFixture, type Timeline } from '../../../lib';

const timeline = (fixture: BusFixture): Promise<Timeline> =>
  recordTimeline(new Testbed(fixture, { seed: 1, devices: 4, policy: 'lowest' }, blockWorkload(virtioBlk)));

/** How an operation ended: held/bound. */
function end({ steps }: Timeline, who: string, what: string): string {
  const level = steps.find((step) => step.who === who && step.what === what)?.levels.at(-1);
  return `${String(level?.held)}/${String(level?.bound)}`;
}

describe('timelines', () => {
  it('have the same operations on every bus, each beginning where the one before ended', async () => {
    const [first, second] = [await timeline(vpci), await timeline(ps3AtOnline)];
    const script = ({ steps }: Timeline): string[] => steps.map(({ who, what }) => `${who}: ${what}`);
    expect(script(second)).to.deep.equal(script(first));
    for (const { steps } of [first, second]) {
      expect(steps[0]?.levels[0]).to.deep.equal({ held: 0, bound: 0 });
      for (const [i, { levels }] of steps.slice(1).entries()) expect(levels[0]).to.deep.equal(steps[i]?.levels.at(-1));
    }
  });

  it('show every change of a level by itself', async () => {
    const { steps } = await timeline(ps3AtProbe);
    const load = steps.find(({ what }) => what === 'load drivers');
    expect(load?.levels.map(({ held, bound }) => `${String(held)}/${String(bound)}`).join(' ')).to.equal(
      '0/0 1/0 1/1 2/1 2/2 3/2 3/3 4/3 4/4',
    );
  });

  it('hold nothing where configuration decides whose a device is', async () => {
    for (const fixture of [vpci, ofTree]) {
      const run = await timeline(fixture);
      expect(run.totals).to.deep.equal({
        claims: 0,
        releases: 0,
        refusals: 0,
        hoard: 0,
        vacant: 0,
        devicesPerName: 1,
        orphans: 0,
      });
      expect(end(run, 'g1', 'load drivers')).to.equal('0/2');
      expect(end(run, 'g2', 'load drivers')).to.equal('0/4');
      expect(end(run, 'g1', 'shut down')).to.equal('0/0');
    }
  });

  it('hold what is bound, and nothing else, where going online or a probe claims', async () => {
    for (const fixture of [ccw, vbus]) {
      const { steps, totals } = await timeline(fixture);
      for (const { who, what, levels } of steps) {
        const level = levels.at(-1);
        expect(level?.held, `${fixture.bus}, ${who}: ${what}`).to.equal(level?.bound);
      }
      expect(totals.claims, fixture.bus).to.be.greaterThan(0);
      expect(totals.releases, fixture.bus).to.equal(totals.claims);
      expect(totals.orphans, fixture.bus).to.equal(0);
    }
  });

  it('refuse nothing where each guest has its own, and what another one has where devices are shared', async () => {
    expect((await timeline(ccw)).totals.refusals).to.equal(0);
    expect((await timeline(vbus)).totals.refusals).to.be.greaterThan(0);
  });

  it('show devices that are held unused, from the scan or from a user on', async () => {
    const eager = await timeline(ps3Eager);
    expect(end(eager, 'g1', 'boot, scan')).to.equal('4/0');
    expect(end(eager, 'g1', 'load drivers')).to.equal('4/4');
    const named = await timeline(ps3Named);
    expect(end(named, 'g1', 'boot, scan')).to.equal('0/0');
    expect(end(named, 'g1', 'configure')).to.equal('2/0');
    for (const { totals } of [eager, named]) expect(totals.hoard).to.be.greaterThan(0);
    expect((await timeline(ps3Repository)).totals.hoard).to.equal(0);
  });

  it('count what is still held when all guests have shut down', async () => {
    const left = async (fixture: BusFixture): Promise<number> => (await timeline(fixture)).totals.orphans;
    expect(await left(ps3Eager)).to.equal(4);
    expect(await left(ps3AtProbe)).to.equal(0);
    expect(await left(ps3Repository)).to.equal(0);
  });

  it('count the devices that were behind one name, and the names with nothing behind them', async () => {
    expect((await timeline(ps3AtProbe)).totals).to.include({ devicesPerName: 2, vacant: 0 });
    const { totals } = await timeline(ps3AtOnline);
    expect(totals.vacant).to.be.greaterThan(0);
  });
});
