import { expect } from 'chai';
import fc from 'fast-check';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3Handle, ps3AtProbe, ps3Eager } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import { virtioBlk } from '../../../drivers/virtio_blk';
import { virtioRng } from '../../../drivers/virtio_rng';
import { blockWorkload, fixtureName, rngWorkload, type BusFixture, type Conditions } from '../../../lib/machine';
import { explore, join, NOTHING_TRIED, type Count, type Exploration, type StateCount } from '../../../lib/study';
import { spoiled } from '../../support/detect';

const WORKLOADS = [blockWorkload(virtioBlk), rngWorkload(virtioRng)];
const CONDITIONS: Conditions = { seed: 1, devices: 3, policy: 'lowest' };
const SMALL: Exploration = {
  bound: 3,
  random: 0,
  scope: { devices: 2, drivers: 1, guests: 2 },
  shard: { index: 1, of: 1 },
};

async function on(
  fixture: BusFixture,
  exploration: Partial<Exploration> = {},
  conditions: Partial<Conditions> = {},
): Promise<StateCount> {
  const subjects = { fixtures: [fixture], workloads: WORKLOADS };
  const [count] = await explore(subjects, { ...CONDITIONS, ...conditions }, { ...SMALL, ...exploration });
  if (count === undefined) throw new Error('nothing was explored');
  return count;
}

/** Whoever boots first has the device that everybody wants: it is mapped for that guest only. */
const firstComeFirstServed = spoiled((_bus, { hypervisor, models, guest }) => {
  if (models[0] !== undefined) hypervisor.claims.claim(models[0], guest);
  return {};
});

/** A device that comes when there is a driver stays without it. */
const deafToPlugs = spoiled((bus, { kernel }) => {
  const pci = [...kernel.buses.values()].find(({ type }) => type.name === bus.busName);
  pci?.registerNotifier((event, dev) => {
    if (event === 'add-device' && pci.findDriver(bus.transport.name) !== null)
      Object.assign(dev, { driverOverride: 'none' });
  });
  return {};
});

describe('exploring orders', () => {
  for (const fixture of [vpci, ccw, ofTree]) {
    it(`${fixture.bus} ends in one state, in whatever order`, async () => {
      expect(await on(fixture)).to.deep.include({ distinct: 1, differing: 0, shortest: null, difference: null });
    });

    it(`${fixture.bus} ends in one state in long random orders, done at once and by chance`, async () => {
      const scope = { devices: 3, drivers: 3, guests: 2 };
      expect(await on(fixture, { bound: 1, random: 40, scope })).to.deep.include({ distinct: 1, difference: null });
    });
  }

  for (const fixture of ps3Handle) {
    it(`${fixtureName(fixture)} ends in more than one state`, async () => {
      const { distinct, shortest, difference } = await on(fixture);
      expect(distinct).to.be.greaterThan(1);
      expect(shortest).to.deep.equal(difference?.other.order);
      expect(difference?.other.order).to.have.members(difference?.reference.order ?? []);
      expect(difference?.other.state).to.not.deep.equal(difference?.reference.state);
    });
  }

  it('shows the shortest difference: a scan that allocates serves who starts first', async () => {
    const { difference } = await on(ps3Eager);
    expect(difference).to.deep.include({
      reference: { order: ['start g1', 'start g2'], state: ['g1 holds disk0', 'g1 holds disk1'] },
      other: { order: ['start g2', 'start g1'], state: ['g2 holds disk0', 'g2 holds disk1'] },
    });
  });

  it('tells devices, names and drivers apart: a placeholder gets what is free when a driver comes', async () => {
    const { difference } = await on(ps3AtProbe);
    expect(difference?.reference.order).to.deep.equal(['start g1', 'register transport in g1', 'unplug disk0']);
    expect(difference?.reference.state).to.include('g1 blk_01 is disk1 (ps3_virtio)');
    expect(difference?.other.state).to.include('g1 blk_00 is disk1 (ps3_virtio)');
  });

  it('sees a bus on which who comes first is served', async () => {
    expect(await on(firstComeFirstServed, { bound: 2 })).to.deep.include({
      distinct: 2,
      shortest: ['start g2', 'start g1'],
    });
  });

  it('sees a bus that does not offer to drivers what comes after them', async () => {
    const { shortest } = await on(deafToPlugs, { bound: 4, scope: { devices: 1, drivers: 1, guests: 1 } });
    expect(shortest).to.not.equal(null);
  });

  it('gives the same for the same seed, and draws other orders with another one', async () => {
    const drawn = { bound: 1, random: 12 };
    const first = await on(ps3AtProbe, drawn);
    expect(await on(ps3AtProbe, drawn)).to.deep.equal(first);
    expect(await on(ps3AtProbe, drawn, { seed: 2 })).to.not.deep.equal(first);
  });

  it('the parts of a run, joined in any order, are the whole', async () => {
    const whole = await on(ps3AtProbe, { random: 10 });
    const { families, orders, differing, distinct, difference } = whole;
    for (const count of [2, 5]) {
      const parts: Count[] = [];
      for (let index = count; index >= 1; index--) {
        parts.push(await on(ps3AtProbe, { random: 10, shard: { index, of: count } }));
      }
      const joined = parts.reduce(join, NOTHING_TRIED);
      expect(joined).to.deep.equal({ families, orders, differing, distinct, difference });
      expect(parts.every((part) => part.families > 0 && part.families < families)).to.equal(true);
    }
  });

  it('joining is associative and commutative, and nothing tried adds nothing', () => {
    const told = fc.constant({ order: [], state: [] });
    const difference = fc.option(
      fc.record({ key: fc.array(fc.nat(5), { maxLength: 3 }), reference: told, other: told }),
    );
    const number = fc.nat(9);
    const count = fc.record({
      families: number,
      orders: number,
      differing: number,
      distinct: fc.integer({ min: 1, max: 5 }),
      difference,
    });
    fc.assert(
      fc.property(count, count, count, (a, b, c) => {
        expect(join(join(a, b), c)).to.deep.equal(join(a, join(b, c)));
        expect(join(a, b)).to.deep.equal(join(b, a));
        expect(join(a, NOTHING_TRIED)).to.deep.equal(a);
        const { families, orders, differing, distinct } = join(a, b);
        expect(families).to.equal(a.families + b.families);
        expect(orders).to.equal(a.orders + b.orders);
        expect(differing).to.equal(a.differing + b.differing);
        // No family had more final states than the one that had most.
        expect(distinct).to.equal(Math.max(a.distinct, b.distinct));
      }),
    );
  });
});
