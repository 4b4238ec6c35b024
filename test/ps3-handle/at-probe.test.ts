import { expect } from 'chai';
import { AtProbe, bootPs3, LV1, ps3SystemBus, type Ps3Device, type Ps3Driver } from '../../buses/ps3-handle/index';
import { Kernel } from '../../lib/base/kernel';
import { ErrnoError, errno } from '../../lib/errno';
import {
  boot,
  boundNames,
  Caller,
  device,
  devicesOf,
  echoDriver,
  EchoModel,
  Ps3Machine,
  virtioDevices,
  type Booted,
  type Ps3MachineOptions,
} from './support';
import { codeOf } from '../support/errors';

function rigWith(rngs: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine(options);
  rig.rngs(rngs);
  return rig;
}

/** The host-side name of the device behind a placeholder. */
function backingDevice(rig: Ps3Machine, booted: Booted, name: string): string | undefined {
  const { handle } = device(booted, name);
  return handle === null ? undefined : rig.deviceOf(handle);
}

function plain(changes: Partial<Ps3Driver>): Ps3Driver {
  return { name: 'plain', bus: ps3SystemBus, matchId: 12, ...changes };
}

const calls = (rig: Ps3Machine, nr: number): number => rig.hv.log.calls().filter((entry) => entry.nr === nr).length;

describe('ps3-handle, strategy at-probe', () => {
  it('registers a placeholder for each device of the pool, and asks the hypervisor nothing', async () => {
    const rig = rigWith(2);
    rig.blks(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_00', 'rng_01', 'blk_00']);
    expect(rig.hv.log.calls()).to.deep.equal([]);
    expect(rig.claims).to.deep.equal([]);
  });

  it('has as many placeholders as it is told, and the same ones after a rescan', async () => {
    const rig = rigWith(4, { placeholders: 1 });
    const g1 = await boot(rig, 'g1', { transport: false });
    rig.bus.plug(new EchoModel('late'), g1.guest);
    await g1.bus.rescan();
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_00']);
  });

  it('numbers them in hexadecimal, and names a class without a name by its number', async () => {
    const rig = new Ps3Machine();
    for (let i = 0; i < 11; i += 1) rig.plug(new EchoModel(`e${String(i)}`, 42));
    const names = [...devicesOf(await boot(rig, 'g1')).keys()];
    expect(names.slice(0, 1).concat(names.slice(-2))).to.deep.equal(['class42_00', 'class42_09', 'class42_0a']);
  });

  it('allocates at bind, one device for each', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1');
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
    expect(backingDevice(rig, g1, 'rng_00')).to.equal('rng0');
    expect(backingDevice(rig, g1, 'rng_01')).to.equal('rng1');
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1']);
    expect(virtioDevices(g1).map((dev) => [dev.name, dev.parent?.name, dev.virtioId.device])).to.deep.equal([
      ['virtio0', 'rng_00', 4],
      ['virtio1', 'rng_01', 4],
    ]);
  });

  it('gives the handle back after remove', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    let heldInRemove = false;
    await g1.kernel.registerDriver(
      echoDriver({
        remove: async (dev) => {
          heldInRemove = rig.claims.length === 1;
          await dev.reset();
          await dev.delVqs();
        },
      }),
    );
    await device(g1, 'rng_00').releaseDriver();
    expect(heldInRemove).to.equal(true);
    expect(rig.claims).to.deep.equal([]);
    expect(device(g1, 'rng_00').handle).to.equal(null);
    expect(device(g1, 'rng_00').isRegistered).to.equal(true);
    expect(g1.kernel.dma?.inUse).to.equal(0);
  });

  it('recent, alone: a rebind gives the same device', async () => {
    const rig = rigWith(3, { policy: 'recent', placeholders: 1 });
    const g1 = await boot(rig, 'g1');
    const before = backingDevice(rig, g1, 'rng_00');
    for (let i = 0; i < 5; i += 1) {
      await device(g1, 'rng_00').reprobe();
      expect(backingDevice(rig, g1, 'rng_00')).to.equal(before);
    }
  });

  it('random: a rebind gives another device under the same name', async () => {
    const rig = rigWith(4, { policy: 'random', placeholders: 1, world: { seed: 3 } });
    const g1 = await boot(rig, 'g1');
    const backingDevices = new Set<string | undefined>();
    for (let i = 0; i < 30; i += 1) {
      await device(g1, 'rng_00').reprobe();
      backingDevices.add(backingDevice(rig, g1, 'rng_00'));
    }
    expect([...backingDevices].sort()).to.deep.equal(['rng0', 'rng1', 'rng2', 'rng3']);
  });

  it('two guests: what one leaves the other takes, and the first gets something else under the same name', async () => {
    const rig = rigWith(2, { placeholders: 1 });
    const g1 = await boot(rig, 'g1');
    expect(backingDevice(rig, g1, 'rng_00')).to.equal('rng0');
    await device(g1, 'rng_00').releaseDriver();
    const g2 = await boot(rig, 'g2');
    expect(backingDevice(rig, g2, 'rng_00')).to.equal('rng0');
    await device(g1, 'rng_00').attach();
    expect(backingDevice(rig, g1, 'rng_00')).to.equal('rng1');
  });

  it('defers when all devices are in use; another guest that gives one back wakes nobody (DP-03)', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    const g2 = await boot(rig, 'g2');
    expect(boundNames(g2)).to.deep.equal([]);
    expect(g2.kernel.deferred.lines()).to.deep.equal(['rng_00\tps3_virtio: no free device of class rng']);
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(2);
    await device(g1, 'rng_00').releaseDriver();
    await rig.world.advance(1e9);
    expect(boundNames(g2)).to.deep.equal([]);
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(2);
    await g2.kernel.triggerDeferredProbe();
    await rig.world.settle();
    expect(boundNames(g2)).to.deep.equal(['rng_00']);
  });

  it('bound by hand, a device of which none is free is EAGAIN and not deferred (BU-07)', async () => {
    const rig = rigWith(1);
    await boot(rig, 'g1');
    const g2 = await boot(rig, 'g2', { transport: false });
    const registered = await g2.kernel.registerDriver(g2.bus.transport);
    g2.kernel.deferred.del(device(g2, 'rng_00'));
    expect(await codeOf(() => device(g2, 'rng_00').driverAttach(registered))).to.equal('EAGAIN');
    expect(g2.kernel.deferred.lines()).to.deep.equal([]);
  });

  it('rejects a placeholder of a class that has no device: it is not deferred', async () => {
    const rig = new Ps3Machine();
    const guest = rig.guest('g1');
    const kernel = new Kernel(rig.world, { port: guest.port });
    const bus = await bootPs3(kernel, new AtProbe(new Map([[4, 1]])));
    await kernel.registerDriver(bus.transport);
    expect(kernel.deferred.lines()).to.deep.equal([]);
    expect(boundNames({ guest, kernel, bus })).to.deep.equal([]);
  });

  for (const [how, refuse] of [
    ['returns', () => -errno.ENXIO],
    [
      'throws',
      () => {
        throw new ErrnoError('ENOMEM');
      },
    ],
    [
      'rejects',
      async () => {
        throw new ErrnoError('EIO');
      },
    ],
  ] as const) {
    it(`holds no handle after a probe that ${how} a refusal: one allocation, one release`, async () => {
      const rig = rigWith(1);
      const g1 = await boot(rig, 'g1', { transport: false });
      let handle: number | null = null;
      const driver: Ps3Driver = {
        name: 'refuses',
        bus: ps3SystemBus,
        matchId: 12,
        probe: (dev) => {
          handle = dev.handle;
          return refuse();
        },
      };
      await g1.kernel.registerDriver(driver);
      expect(handle).to.be.a('number');
      expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(1);
      expect(calls(rig, LV1.FREE_DEVICE)).to.equal(1);
      expect(rig.claims).to.deep.equal([]);
      expect(device(g1, 'rng_00').handle).to.equal(null);
    });
  }

  it('shows the next driver another device, if the policy says so (I10)', async () => {
    const rig = rigWith(4, { policy: 'random', placeholders: 1, world: { seed: 1 } });
    const g1 = await boot(rig, 'g1', { transport: false });
    const seen: (string | undefined)[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const probe: Ps3Driver['probe'] = (dev) => {
        seen.push(rig.deviceOf(dev.handle ?? -1));
        return -errno.ENODEV;
      };
      await g1.kernel.registerDriver({ name, bus: ps3SystemBus, matchId: 12, probe } satisfies Ps3Driver);
    }
    expect(seen.length).to.be.greaterThan(5);
    expect(new Set(seen).size).to.be.greaterThan(1);
  });

  it('keeps the handle when a probe oopses, as every other lock', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const probe = (): void => {
      throw new TypeError('defect');
    };
    const bad: Ps3Driver = { name: 'bad', bus: ps3SystemBus, matchId: 12, probe };
    expect(() => g1.kernel.registerDriver(bad)).to.throw('defect');
    expect(rig.claims).to.deep.equal(['rng0:g1']);
  });

  it('keeps what a dead guest had claimed, and a new guest finds it in use', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    g1.kernel.kill();
    g1.guest.destroy();
    const g2 = await boot(rig, 'g2');
    expect(boundNames(g2)).to.deep.equal([]);
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    expect(rig.bus.host.reclaim(g1.guest)).to.equal(1);
    await device(g2, 'rng_00').attach();
    expect(rig.claims).to.deep.equal(['rng0:g2']);
  });

  it('gives the handle back at shutdown, for shutdown is remove (PS-08), and not again at an unbind', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    await g1.kernel.world.run(() => ps3SystemBus.shutdown?.(device(g1, 'rng_00')));
    expect(rig.claims).to.deep.equal([]);
    expect(device(g1, 'rng_00').handle).to.equal(null);
    expect(virtioDevices(g1)).to.deep.equal([]);
    await device(g1, 'rng_00').releaseDriver();
    expect(calls(rig, LV1.FREE_DEVICE)).to.equal(1);
    expect(g1.kernel.warnings).to.equal(0);
  });

  it('keeps the handle at the shutdown of a driver that has a callback of its own', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    await g1.kernel.registerDriver(plain({ shutdown: () => undefined }));
    await g1.kernel.shutdownDevices();
    expect(rig.claims).to.deep.equal(['rng0:g1']);
  });

  it('gives the handle back between remove and the managed resources', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const seen: (number | null)[] = [];
    const probe = (dev: Ps3Device): void => dev.devm.addAction(() => seen.push(dev.handle), 'stop');
    const remove = (dev: Ps3Device): void => void seen.push(dev.handle);
    await g1.kernel.registerDriver(plain({ probe, remove }));
    const { handle } = device(g1, 'rng_00');
    await device(g1, 'rng_00').releaseDriver();
    expect(handle).to.be.a('number');
    expect(seen).to.deep.equal([handle, null]);
  });

  it('a revoked device loses its driver, and its handle ends', async () => {
    const rig = rigWith(0);
    const gone = rig.plug(new EchoModel('gone'));
    const g1 = await boot(rig, 'g1');
    gone.unplug();
    await rig.world.advance(1_000_000);
    expect(boundNames(g1)).to.deep.equal([]);
    expect(rig.bus.host.handles.list()).to.deep.equal([]);
    expect(device(g1, 'rng_00').handle).to.equal(null);
    expect(g1.kernel.warnings).to.equal(0);
  });

  it('holds nothing while the probe of its driver is deferred', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    let isReady = false;
    await g1.kernel.registerDriver(plain({ probe: () => (isReady ? 0 : -errno.EPROBE_DEFER) }));
    expect(g1.kernel.deferred.lines()).to.deep.equal(['rng_00\t']);
    expect(rig.claims).to.deep.equal([]);
    isReady = true;
    await g1.kernel.triggerDeferredProbe();
    await rig.world.settle();
    expect(rig.claims).to.deep.equal(['rng0:g1']);
  });

  it('says so when a handle cannot be given back', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    const { handle } = device(g1, 'rng_00');
    new Caller(g1.guest).free(handle ?? -1);
    await device(g1, 'rng_00').releaseDriver();
    expect(g1.kernel.warnings).to.equal(1);
    expect(g1.kernel.log.lines().at(-1)).to.include(`handle ${String(handle)} cannot be given back: EBADF`);
  });

  it('match makes no hypercall (I8)', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const other: Ps3Driver = { name: 'other', bus: ps3SystemBus, matchId: 1 };
    const registered = await g1.kernel.registerDriver(other);
    expect(g1.kernel.ops.driverMatchDevice(registered, device(g1, 'rng_00'))).to.equal(0);
    expect(rig.hv.log.calls()).to.deep.equal([]);
  });
});
