import { expect } from 'chai';
import { LV1, ps3SystemBus, type Ps3Driver } from '../../buses/ps3-handle/index';
import { errno } from '../../lib/errno';
import {
  boot,
  boundNames,
  calls,
  device,
  devicesOf,
  diskWorks,
  EchoModel,
  backingDevice,
  Ps3Machine,
  type Ps3MachineOptions,
} from './support';

function rigWith(rngs: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine({ strategy: 'eager', ...options });
  rig.rngs(rngs);
  return rig;
}

describe('ps3-handle, strategy eager', () => {
  it('allocates at the scan until there are no more, one device for each handle', async () => {
    const rig = rigWith(3);
    rig.blks(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_00', 'rng_01', 'rng_02', 'blk_00']);
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1', 'rng2:g1', 'disk0:g1']);
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(4 + 2);
    expect(calls(rig, LV1.FREE_DEVICE)).to.equal(0);
  });

  it('keeps the handle through unbind, bind and a failed probe: the device stays the same', async () => {
    const rig = rigWith(2, { policy: 'random' });
    const g1 = await boot(rig, 'g1');
    const before = backingDevice(rig, g1, 'rng_00');
    await device(g1, 'rng_00').releaseDriver();
    const refuses: Ps3Driver = { name: 'refuses', bus: ps3SystemBus, matchId: 12, probe: () => -errno.ENXIO };
    await g1.kernel.registerDriver(refuses);
    await device(g1, 'rng_00').attach();
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
    expect(backingDevice(rig, g1, 'rng_00')).to.equal(before);
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(3);
    expect(calls(rig, LV1.FREE_DEVICE)).to.equal(0);
  });

  it('gives a handle back when the device is released, not when it is unregistered', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    const dev = device(g1, 'rng_00').get();
    await dev.unregister();
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    dev.put();
    expect(rig.claims).to.deep.equal([]);
    await g1.bus.rescan();
    expect(backingDevice(rig, g1, 'rng_00')).to.equal('rng0');
  });

  it('takes the next name while the old device is still held', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    const dev = device(g1, 'rng_00').get();
    await dev.unregister();
    rig.plug(new EchoModel('new'));
    await g1.bus.rescan();
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_01']);
    dev.put();
  });

  it(
    'two guests: the first has all, the second nothing, until the first leaves and the ' + 'second scans again',
    async () => {
      const rig = rigWith(4);
      const g1 = await boot(rig, 'g1');
      const g2 = await boot(rig, 'g2');
      expect(devicesOf(g1).size).to.equal(4);
      expect(devicesOf(g2).size).to.equal(0);
      expect(rig.refusals.at(-1)).to.equal('no free device of class 4 (rng) for guest g2: 4 in use');
      await g1.bus.leave?.();
      expect(rig.claims).to.deep.equal([]);
      expect(devicesOf(g2).size).to.equal(0);
      await g2.bus.rescan();
      expect(boundNames(g2)).to.deep.equal(['rng_00', 'rng_01', 'rng_02', 'rng_03']);
    },
  );

  it('gives nothing back at shutdown: the next kernel of the guest finds all in use', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1');
    await g1.kernel.shutdownDevices();
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1']);
  });

  it('finds in a rescan what was plugged, and drops what was revoked', async () => {
    const rig = rigWith(1);
    const gone = rig.plug(new EchoModel('gone'));
    const g1 = await boot(rig, 'g1');
    gone.unplug();
    await rig.world.advance(1_000_000);
    expect(boundNames(g1)).to.deep.equal(['rng_00']);
    rig.plug(new EchoModel('late'));
    await g1.bus.rescan();
    expect([...devicesOf(g1).keys()].map((name) => backingDevice(rig, g1, name))).to.deep.equal(['rng0', 'late']);
    expect(g1.kernel.warnings).to.equal(0);
  });

  it('two rescans at the same time give each device one name', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rig = rigWith(1, { world: { seed } });
      const g1 = await boot(rig, 'g1', { transport: false });
      for (let i = 0; i < 3; i += 1) rig.plug(new EchoModel(`late${String(i)}`));
      const scans = [1, 2].map((n) => rig.world.spawn(() => g1.bus.rescan(), `rescan ${String(n)}`));
      for (const scan of scans) await scan;
      expect([...devicesOf(g1).keys()].sort()).to.deep.equal(['rng_00', 'rng_01', 'rng_02', 'rng_03']);
      expect(new Set([...devicesOf(g1).keys()].map((name) => backingDevice(rig, g1, name))).size).to.equal(4);
    }
  });

  it('is refused as a whole when the hypervisor refuses for another reason', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    g1.guest.unplugPort();
    let code = '';
    try {
      await g1.bus.rescan();
    } catch (error) {
      code = (error as { code: string }).code;
    }
    expect(code).to.equal('ENXIO');
  });

  it('does real I/O with virtio_blk', async () => {
    const rig = new Ps3Machine({ strategy: 'eager' });
    const image = rig.disk();
    expect(await diskWorks(rig, await boot(rig, 'g1', { subsystems: true }), image)).to.equal(true);
  });
});
