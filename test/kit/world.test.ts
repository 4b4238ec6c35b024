import { expect } from 'chai';
import { ps3Repository } from '../../buses/ps3-handle';
import { VpciHost } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { blockDisk } from '../../lib';
import { eachBus, fixtures, world } from '../support/kit';
import { fixtures as allFixtures } from '../../buses';
import { disk } from './support';
import { thrownBy } from '../support/errors';

describe('the kit: world', () => {
  // The others have names for the devices that there were at boot.
  const seesMore = { fixtures: fixtures.filter(({ strategy }) => [null, 'eager', 'repository'].includes(strategy)) };

  eachBus(
    'boots with devices that were plugged before and after',
    async (w) => {
      w.plug(disk(0));
      await w.boot();
      await w.load(virtioBlk);
      w.plug(disk(1));
      await w.bus.rescan();
      await w.settle();
      expect(w.bound(virtioBlk).map(({ name }) => name)).to.deep.equal(['virtio0', 'virtio1']);
      expect([...((await blockDisk(w.kernel, 'vdb')?.readSectors(3, 1)) ?? [])][0]).to.equal(3);
      expect(await w.fs.readdir('/sys/bus/virtio/devices')).to.deep.equal(['virtio0', 'virtio1']);
      expect(w.kernel.warnings).to.equal(0);
      expect(w.log.entries.filter(({ level }) => level === 'err')).to.deep.equal([]);
    },
    seesMore,
  );

  eachBus(
    'works when nothing but bytes may cross the port, and runs tasks in an order of the seed',
    async (w) => {
      await w.boot();
      await w.load(virtioBlk);
      expect(w.world.options.isolate).to.equal(true);
      expect(w.world.options.seed).to.equal(3);
      expect(w.bound(virtioBlk).length).to.equal(2);
    },
    { devices: () => [disk(0), disk(1)], isolate: true, seed: 3 },
  );

  it('shows the bus without virtio devices when the transport is left out', async () => {
    const w = world({ devices: [disk()] });
    await w.boot({ transport: false });
    expect(await w.fs.readdir('/sys/bus/pci/devices')).to.deep.equal(['0000:00:01.0']);
    expect(await w.fs.readdir('/sys/bus/virtio/devices')).to.deep.equal([]);
  });

  it('has guests that compete', async () => {
    const w = world({
      bus: ps3Repository,
      devices: [disk()],
      guests: 2,
      allow: [/g2: log: warn: .*(EBUSY|error -1)$/],
    });
    await w.boot();
    await w.load(virtioBlk);
    expect(w.bound(virtioBlk, 0).length).to.equal(1);
    expect(w.bound(virtioBlk, 1).length).to.equal(0);
    expect(w.kernels.map(({ name }) => name)).to.deep.equal(['g1', 'g2']);
    expect(w.trace.lines).to.include('g1: probe virtio_blk virtio0 = 0');
    expect(w.name).to.equal('ps3-handle/repository');
  });

  it('takes drivers out again', async () => {
    const w = world({ devices: [disk()] });
    await w.boot();
    await w.load(virtioBlk);
    const { dma } = w.kernel;
    await w.unload(virtioBlk);
    expect(w.bound(virtioBlk)).to.deep.equal([]);
    expect(await w.fs.readdir('/sys/bus/virtio/drivers')).to.deep.equal([]);
    expect(dma?.inUse).to.equal(0);
  });

  it('has the host half as its fixture makes it, and no kernel before boot', () => {
    const w = world();
    expect(w.host).to.be.instanceOf(VpciHost);
    expect(w.host.complexOf(w.guest().guest).functions()).to.deep.equal([]);
    expect(thrownBy(() => w.kernel).message).to.equal('guest g1 has not booted');
  });

  it('knows the fixtures of all tests', () => {
    expect(fixtures).to.equal(allFixtures);
    expect(fixtures.map(({ bus }) => bus)).to.include.members(['vpci', 'ccw', 'of-tree', 'vbus', 'ps3-handle']);
  });

  it('regression: names what was given in place of a fixture', () => {
    const given = (bus: unknown) => thrownBy(() => world({ bus: bus as (typeof fixtures)[0] })).message;
    const wanted = 'world: bus is a fixture, such as vpci of linux-driver-model/buses/vpci, not ';
    expect(given('vpci')).to.equal(`${wanted}'vpci'`);
    expect(given(fixtures)).to.equal(`${wanted}a list`);
    expect(given(null)).to.equal(`${wanted}null`);
  });
});
