import { expect } from 'chai';
import { ps3Repository } from '../../buses/ps3-handle';
import { virtioBlk } from '../../drivers/virtio_blk';
import { eachBus, expectTrace, fault, knownSteps, world } from '../support/kit';
import { rejection, thrownBy } from '../support/errors';
import { Device } from '../../lib';
import { disk } from './support';

const BIND = '/sys/bus/virtio/drivers/virtio_blk/bind';

describe('the kit: fault', () => {
  for (const step of knownSteps().filter((name) => /^(really_probe|virtio_dev_probe): /.test(name))) {
    eachBus(
      `${step} fails: the device has no driver, nothing is left, and the next bind works`,
      async (w) => {
        w.plug(disk());
        await w.boot();
        const before = w.kernel.dma?.inUse;
        const injected = w.inject(fault(step, 'ENOMEM', { device: 'virtio0' }));
        await w.load(virtioBlk);
        expect(injected.happened).to.equal(true);
        expect(injected.calls).to.equal(1);
        expect(w.bound(virtioBlk)).to.deep.equal([]);
        expect(w.kernel.dma?.inUse).to.equal(before);
        expect(await w.fs.readdir('/sys/bus/virtio/drivers/virtio_blk')).to.not.include('virtio0');
        await w.fs.writeFile(BIND, 'virtio0');
        expect(w.bound(virtioBlk).length).to.equal(1);
        expect(w.kernel.warnings).to.equal(0);
        expect(w.world.oopses).to.deep.equal([]);
      },
      { allow: [/virtio_blk: probe of virtio0 failed with error -12$/] },
    );
  }

  for (const step of knownSteps().filter((name) => name.startsWith('device_add: '))) {
    it(`${step} fails: the device is not there, and its name is free`, async () => {
      const w = world();
      await w.boot();
      w.inject(fault(step, 'ENOSPC', { device: 'd0' }));
      const make = (): Device => new Device(w.kernel, { name: 'd0', release: () => undefined });
      const refused = make();
      expect((await rejection(() => refused.add())).code).to.equal('ENOSPC');
      refused.put();
      expect(await w.fs.readdir('/sys/devices')).to.not.include('d0');
      const taken = make();
      await taken.add();
      expect(await w.fs.readdir('/sys/devices')).to.include('d0');
      await taken.unregister();
    });
  }

  eachBus(
    'a transport that cannot make queues: probe fails with its error',
    async (w) => {
      w.plug(disk());
      await w.boot();
      const before = w.kernel.dma?.inUse;
      w.inject(fault('findVqs', 'ENOSPC'));
      await w.load(virtioBlk);
      expectTrace(w).toContain('probe virtio_blk virtio0 = -ENOSPC');
      expect(w.kernel.dma?.inUse).to.equal(before);
      expect(w.log.lines().join('\n')).to.include('virtio_blk: probe of virtio0 failed with error -28');
    },
    { allow: ['warnings'] },
  );

  it('a refused probe is undone from the bottom up, and the core tells the next driver as Linux does', async () => {
    const w = world({ devices: [disk()], faults: [fault('device_add_groups', 'EEXIST', { device: 'virtio0' })] });
    await w.boot();
    await w.load(virtioBlk);
    expectTrace(w).toContainInOrder([
      'really_probe: device_add_groups virtio0 = -EEXIST',
      'remove virtio_blk virtio0',
      'undo really_probe: call_driver_probe virtio0',
      'undo really_probe: driver_sysfs_add virtio0',
      'notify virtio driver-not-bound virtio0',
      'undo really_probe: dev->driver = drv virtio0',
    ]);
  });

  it('fails the n-th call for a device, once', async () => {
    const w = world({ devices: [disk(0), disk(1)], allow: ['warnings'] });
    await w.boot();
    const third = w.inject(fault('call_driver_probe', 'EIO', { nth: 3 }));
    await w.load(virtioBlk);
    expect(third.calls).to.equal(2);
    expect(third.happened).to.equal(false);
    expect(w.bound(virtioBlk).length).to.equal(2);
    await w.fs.writeFile('/sys/bus/virtio/drivers/virtio_blk/unbind', 'virtio1');
    expect((await rejection(() => w.fs.writeFile(BIND, 'virtio1'))).code).to.equal('EIO');
    await w.fs.writeFile(BIND, 'virtio1');
    expect(third.calls).to.equal(4);
  });

  it('does nothing after it is removed', async () => {
    const w = world({ devices: [disk()] });
    await w.boot();
    w.inject(fault('call_driver_probe', 'EIO')).remove();
    await w.load(virtioBlk);
    expect(w.bound(virtioBlk).length).to.equal(1);
  });

  it('a hypercall fails as if the host had refused it', async () => {
    const faults = [fault('hypercall: lv1_open_device', 'EBUSY')];
    const w = world({ bus: ps3Repository, devices: [disk()], faults, allow: ['warnings'] });
    await w.boot();
    expectTrace(w).toContainInOrder([/^hypercall lv1_open_device\(.*\) = -16$/, 'probe ps3_virtio sb_01 = -EPERM']);
    expect(w.hypervisor.claims.list()).to.deep.equal([]);
  });

  it('refuses steps that nobody knows, that cannot fail, or that are not the only ones of their name', () => {
    expect(thrownBy(() => fault('really_prob', 'EIO')).message).to.match(
      /^no step "really_prob".*\n {2}device_add: dev_set_name\n/,
    );
    for (const sure of ['driver_bound', 'device_add: kobject_uevent(add)', 'device_del: kill_device']) {
      expect(thrownBy(() => fault(sure, 'EIO')).message).to.include('that can fail');
    }
    const noBus = thrownBy(() => world({ bus: ps3Repository }).inject(fault('hypercall: lv1_dance', 'EIO')));
    expect(noBus.message).to.include('\n  hypercall: lv1_open_device');
    expect(() => fault('findVqs', 'EIO', { nth: 0 })).to.throw(RangeError);
  });
});
