import { expect } from 'chai';
import { ps3AtProbe } from '../../buses/ps3-handle';
import { virtioBlk } from '../../drivers/virtio_blk';
import { eachBus, expectTrace, TraceMismatch, world, type KitWorld } from '../support/kit';
import { disk } from './support';
import { thrownBy } from '../support/errors';

async function booted(): Promise<KitWorld> {
  const w = world({ devices: [disk()] });
  await w.boot();
  w.trace.clear();
  await w.load(virtioBlk);
  return w;
}

describe('the kit: expectTrace', () => {
  eachBus('has the same steps on every bus', async (w) => {
    w.plug(disk());
    await w.boot();
    await w.load(virtioBlk);
    expectTrace(w).toContainInOrder([
      'match virtio_blk virtio0 = 1',
      'notify virtio bind-driver virtio0',
      'virtio_dev_probe: get_features virtio0',
      /^uevent add@.*\/virtio0\/block\/vda$/,
      'probe virtio_blk virtio0 = 0',
      /^uevent bind@.*virtio0$/,
      'uevent add@/bus/virtio/drivers/virtio_blk',
    ]);
  });

  it('has the hypercalls between the steps that made them', async () => {
    const w = world({ bus: ps3AtProbe, devices: [disk()] });
    await w.boot();
    expectTrace(w).toContainInOrder([
      'match ps3_virtio blk_00 = 1',
      /^hypercall lv1_alloc_device\(2\) = 0 \[\d+\], claims disk0$/,
      'probe ps3_virtio blk_00 = 0',
    ]);
  });

  it('takes a text as a line or its first words, not as a piece', async () => {
    const w = await booted();
    expectTrace(w).toContain('probe virtio_blk');
    expectTrace(w).toNotContain('probe virtio');
    expectTrace(w).toNotContain('virtio_blk virtio0');
    expectTrace(w).toContain(/virtio_blk virtio0 = 0/);
  });

  it('a line that is missing: says which, after what, and shows what was there', async () => {
    const w = await booted();
    const error = thrownBy(() =>
      expectTrace(w).toContainInOrder(['match virtio_blk virtio0', 'probe virtio_blk virtio0 = -ENODEV']),
    );
    expect(error).to.be.instanceOf(TraceMismatch);
    expect(error.message).to.match(
      /^no probe virtio_blk virtio0 = -ENODEV after match virtio_blk virtio0\. What was there:\n/,
    );
    expect(error.message.split('\n')).to.include.members([
      '> 1: match virtio_blk virtio0 = 1',
      '  34: probe virtio_blk virtio0 = 0',
    ]);
  });

  it('a line that comes too early: says where it is', async () => {
    const w = await booted();
    const error = thrownBy(() => expectTrace(w).toContainInOrder(['probe virtio_blk', 'match virtio_blk']));
    expect(error.message).to.match(/it is there before that, in line 1/);
  });

  it('a line that must not be there: shows it', async () => {
    const w = await booted();
    const error = thrownBy(() => expectTrace(w).toNotContain('probe virtio_blk'));
    expect(error.message).to.match(/^the trace contains probe virtio_blk:\n/);
    expect(error.message).to.include('\n> 34: probe virtio_blk virtio0 = 0\n');
  });

  it('one line is not enough for two, and nothing is there after clear', async () => {
    const w = await booted();
    expect(() => expectTrace(w).toContainInOrder(['probe virtio_blk', 'probe virtio_blk'])).to.throw(TraceMismatch);
    w.trace.clear();
    expect(thrownBy(() => expectTrace(w).toContain('probe virtio_blk')).message).to.match(/\(nothing\)$/);
  });
});
