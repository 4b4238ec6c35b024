import { expect } from 'chai';
import { ofTree } from '../../buses/of-tree';
import { ps3AtProbe, ps3Repository } from '../../buses/ps3-handle';
import { ccw } from '../../buses/ccw';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import type { BusFixture } from '../../lib/machine';
import { compareBuses, fault, type KitWorld } from '../support/kit';
import { disk } from './support';

async function bindAndUnbind(w: KitWorld): Promise<void> {
  w.plug(disk(0));
  w.plug(disk(1));
  await w.boot();
  await w.load(virtioBlk);
  await w.fs.writeFile('/sys/bus/virtio/drivers/virtio_blk/unbind', 'virtio1');
  await w.fs.writeFile('/sys/bus/virtio/drivers/virtio_blk/bind', 'virtio1');
  await w.unload(virtioBlk);
}

describe('the kit: compareBuses', () => {
  const pairs: readonly (readonly [BusFixture, BusFixture])[] = [
    [vpci, ccw],
    [vpci, ofTree],
    [ps3AtProbe, ps3Repository],
    [ccw, ps3AtProbe],
  ];
  for (const [a, b] of pairs) {
    it(`boot, bind and unbind are the same at the virtio level on ${a.bus} and ${b.bus} ${b.strategy ?? ''}`, async () => {
      expect(await compareBuses(bindAndUnbind, { fixtures: [a, b] })).to.equal(null);
    });
  }

  it('finds the first step that differs, with what was before it', async () => {
    const difference = await compareBuses(async (w) => {
      w.plug(disk());
      await w.boot();
      if (w.fixture === ccw) w.inject(fault('device_add_groups', 'EEXIST', { device: 'virtio0' }));
      w.trace.clear();
      await w.load(virtioBlk);
    });
    expect(difference).to.deep.include({
      buses: ['vpci', 'ccw'],
      lines: ['g1: really_probe: device_add_groups <1>', 'g1: really_probe: device_add_groups <1> = -EEXIST'],
    });
    expect(difference?.before.at(-1)).to.equal('g1: really_probe: call_driver_probe <1>');
    expect(difference?.before.length).to.equal(5);
  });

  it('names devices by the order of appearance, and knows where one trace ends', async () => {
    const body = async (w: KitWorld): Promise<void> => {
      // On one bus a device more was there before, so that the names differ.
      if (w.fixture === ccw) w.plug(disk(9));
      await w.boot();
      w.trace.clear();
      w.plug(disk());
      await w.bus.rescan();
      await w.settle();
      if (w.fixture === ccw) await w.load(virtioBlk);
    };
    const difference = await compareBuses(body);
    expect(difference?.lines[0]).to.equal(null);
    expect(difference?.lines[1]).to.equal('g1: match virtio_blk <2> = 1');
    expect(difference?.before.at(-1)).to.equal('g1: device_add: class add_dev <1>');
  });

  it('below virtio no two buses are alike', async () => {
    const difference = await compareBuses(bindAndUnbind, { level: 'all' });
    expect(difference?.lines[0]).to.not.equal(difference?.lines[1]);
    expect(await compareBuses(bindAndUnbind, { level: 'all', fixtures: [vpci, vpci] })).to.equal(null);
  });
});
