import { expect } from 'chai';
import { LV1, ps3SystemBus, ps3VirtioDriver, type Ps3Driver } from '../../buses/ps3-handle/index';
import { virtioRng } from '../../drivers/virtio_rng';
import { deleteModule, driverModule, initModule } from '../../lib/module';
import {
  boot,
  boundNames,
  calls,
  device,
  devicesOf,
  diskWorks,
  EchoModel,
  load,
  backingDevice,
  Ps3Machine,
  type Ps3MachineOptions,
} from './support';
import { codeOf } from '../support/errors';

function rigWith(rngs: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine({ strategy: 'lazy', ...options });
  rig.rngs(rngs);
  return rig;
}

const other: Ps3Driver = { name: 'other', bus: ps3SystemBus, matchId: 12, probe: () => undefined };

describe('ps3-handle, strategy lazy', () => {
  it('has no device and asks nothing before a driver is registered, however often it scans', async () => {
    const rig = rigWith(3);
    const g1 = await boot(rig, 'g1', { transport: false });
    await g1.bus.rescan();
    expect(devicesOf(g1).size).to.equal(0);
    expect(rig.hv.log.calls()).to.deep.equal([]);
  });

  it('allocates when a driver is registered and gives back when it is unregistered', async () => {
    const rig = rigWith(2);
    rig.blks(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const drv = await load(g1);
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01', 'blk_00']);
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1', 'disk0:g1']);
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(3);
    await g1.bus.registration?.unregister(drv);
    expect(devicesOf(g1).size).to.equal(0);
    expect(rig.claims).to.deep.equal([]);
    expect(g1.kernel.busOf(ps3SystemBus)?.findDriver('ps3_virtio')).to.equal(null);
    expect(g1.kernel.warnings).to.equal(0);
  });

  it('keeps device and handle through an unbind', async () => {
    const rig = rigWith(2, { policy: 'random' });
    const g1 = await boot(rig, 'g1');
    const before = backingDevice(rig, g1, 'rng_01');
    await device(g1, 'rng_01').releaseDriver();
    expect(rig.claims.length).to.equal(2);
    await device(g1, 'rng_01').attach();
    expect(backingDevice(rig, g1, 'rng_01')).to.equal(before);
  });

  it('gives a handle back with the last reference', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const drv = await load(g1);
    const dev = device(g1, 'rng_00').get();
    await g1.bus.registration?.unregister(drv);
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    dev.put();
    expect(rig.claims).to.deep.equal([]);
  });

  it('allocates for each driver, takes what is left, and gives back only what was made for it', async () => {
    const rig = rigWith(3, { placeholders: 2 });
    const g1 = await boot(rig, 'g1');
    const drv = await load(g1, other);
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_00', 'rng_01', 'rng_02']);
    await g1.bus.registration?.unregister(drv);
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1']);
  });

  it('allocates nothing for a driver of other devices', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const third: Ps3Driver = { ...other, matchId: 3 };
    await load(g1, third);
    await load(g1, virtioRng);
    expect(rig.hv.log.calls()).to.deep.equal([]);
  });

  it('takes only what the configuration gives the guest', async () => {
    const rig = new Ps3Machine({ strategy: 'lazy' });
    const [a, b] = [rig.guest('a'), rig.guest('b')];
    for (const [i, guest] of [a, b, a].entries()) rig.bus.plug(new EchoModel(`e${String(i)}`), guest);
    const g1 = await boot(rig, a);
    const g2 = await boot(rig, b);
    expect(rig.claims).to.deep.equal(['e0:a', 'e1:a', 'e2:b']);
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
    expect(boundNames(g2)).to.deep.equal(['rng_00']);
  });

  it('two guests: who registers later gets what is left, without an error, and is never told of more', async () => {
    const rig = rigWith(3, { placeholders: 2 });
    const g1 = await boot(rig, 'g1');
    const g2 = await boot(rig, 'g2');
    expect(boundNames(g1).length).to.equal(2);
    expect(boundNames(g2).length).to.equal(1);
    await g1.bus.leave?.();
    await rig.world.advance(1e9);
    await g2.bus.rescan();
    expect(boundNames(g2).length).to.equal(1);
  });

  it('is not registered when the hypervisor refuses for another reason: what it got goes back', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    g1.guest.unplugPort();
    expect(await codeOf(() => load(g1))).to.equal('ENXIO');
    expect(g1.kernel.busOf(ps3SystemBus)?.findDriver('ps3_virtio')).to.equal(null);
  });

  it('does so too when the driver comes in a module', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1', { transport: false });
    const { registration } = g1.bus;
    if (registration === undefined) throw new Error('no registration');
    await initModule(g1.kernel, driverModule(ps3VirtioDriver, { registration }));
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
    expect(g1.kernel.sysfs.readdir('/sys/module/ps3_virtio/drivers')).to.deep.equal(['ps3_system_bus:ps3_virtio']);
    await deleteModule(g1.kernel, 'ps3_virtio');
    expect(rig.claims).to.deep.equal([]);
  });

  it('a revoked device loses its driver', async () => {
    const rig = rigWith(0);
    const gone = rig.plug(new EchoModel('gone'));
    const g1 = await boot(rig, 'g1');
    gone.unplug();
    await rig.world.advance(1_000_000);
    expect(boundNames(g1)).to.deep.equal([]);
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_00']);
  });

  it('does real I/O with virtio_blk', async () => {
    const rig = new Ps3Machine({ strategy: 'lazy' });
    const image = rig.disk();
    expect(await diskWorks(rig, await boot(rig, 'g1', { subsystems: true }), image)).to.equal(true);
  });
});
