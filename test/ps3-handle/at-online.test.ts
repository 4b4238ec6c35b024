import { expect } from 'chai';
import { AtOnline, bootPs3, LV1, ps3SystemBus, type Ps3Driver } from '../../buses/ps3-handle/index';
import { Kernel } from '../../lib/base/kernel';
import { errno, ErrnoError } from '../../lib/errno';
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
  read,
  Ps3Machine,
  RNG,
  virtioDevices,
  write,
  type Booted,
  type Ps3MachineOptions,
} from './support';

function rigWith(rngs: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine({ strategy: 'at-online', ...options });
  rig.rngs(rngs);
  return rig;
}

/** A kernel where only users bring devices online. */
async function byHand(rig: Ps3Machine, name = 'g1', placeholders = 2): Promise<Booted> {
  const guest = rig.guest(name);
  const kernel = new Kernel(rig.world, { name, port: guest.port });
  const bus = await bootPs3(kernel, new AtOnline(new Map([[RNG, placeholders]]), { automatic: false }));
  return { guest, kernel, bus };
}

const online = (name: string): string => `/sys/bus/ps3_system_bus/devices/${name}/online`;

describe('ps3-handle, strategy at-online', () => {
  it('binds without a hypercall; 1 in online allocates, 0 gives back, and the device stays bound', async () => {
    const rig = rigWith(2);
    const g1 = await byHand(rig);
    await load(g1);
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
    expect(rig.hv.log.calls()).to.deep.equal([]);
    expect(await read(g1, online('rng_00'))).to.equal('0\n');
    expect(await write(g1, online('rng_00'), '1\n')).to.equal('');
    expect(await read(g1, online('rng_00'))).to.equal('1\n');
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    expect(virtioDevices(g1).map((dev) => dev.parent?.name)).to.deep.equal(['rng_00']);
    expect(await write(g1, online('rng_00'), '0')).to.equal('');
    expect(await read(g1, online('rng_00'))).to.equal('0\n');
    expect(rig.claims).to.deep.equal([]);
    expect(virtioDevices(g1)).to.deep.equal([]);
    expect(g1.kernel.dma?.inUse).to.equal(0);
    expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
  });

  it('goes online by itself after a bind', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1');
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1']);
    expect(virtioDevices(g1).length).to.equal(2);
    await write(g1, online('rng_00'), '0');
    await rig.world.advance(1e9);
    expect(rig.claims).to.deep.equal(['rng1:g1']);
  });

  it('regression: a remove that throws a refusal does not keep the device from going offline', async () => {
    const rig = rigWith(1);
    const g1 = await byHand(rig, 'g1', 1);
    const rude: Ps3Driver = {
      ...(g1.bus.transport as unknown as Ps3Driver),
      remove() {
        throw new ErrnoError('EIO');
      },
    };
    await load(g1, rude);
    await write(g1, online('rng_00'), '1');
    expect(await write(g1, online('rng_00'), '0')).to.equal('');
    expect(await read(g1, online('rng_00'))).to.equal('0\n');
    expect(rig.claims).to.deep.equal([]);
    expect(await write(g1, online('rng_00'), '0'), 'the device is not locked').to.equal('');
  });

  it('does nothing when it is so already, and sends events when it changes', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    const events: string[] = [];
    g1.kernel.uevents.subscribe(({ action, devpath }) => {
      if (devpath.endsWith('/rng_00')) events.push(action);
    });
    for (const value of ['1', '0', '0', '1', '1']) expect(await write(g1, online('rng_00'), value)).to.equal('');
    expect(events).to.deep.equal(['offline', 'online']);
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(2);
  });

  it(
    'tells who asked: EBUSY when all are in use, ENODEV without a driver or a device, ' + 'EINVAL for another text',
    async () => {
      const rig = rigWith(1);
      await boot(rig, 'g1');
      const g2 = await byHand(rig, 'g2', 1);
      expect(await write(g2, online('rng_00'), '1')).to.equal('ENODEV');
      await load(g2);
      expect(await write(g2, online('rng_00'), '1')).to.equal('EBUSY');
      for (const text of ['', '2', '10', 'on', '1\n\n'])
        expect(await write(g2, online('rng_00'), text)).to.equal(text === '' ? '' : 'EINVAL');
      expect(await write(g2, online('rng_00'), '10000000000000000')).to.equal('ERANGE');
      expect(g2.kernel.deferred.lines()).to.deep.equal([]);
      expect(boundNames(g2)).to.deep.equal(['rng_00']);
      const none = await byHand(new Ps3Machine({ strategy: 'at-online' }), 'g3', 1);
      await load(none);
      expect(await write(none, online('rng_00'), '1')).to.equal('ENODEV');
    },
  );

  it('two guests: what one takes offline the other brings online, at once and without a rebind', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    const g2 = await boot(rig, 'g2');
    expect(g2.kernel.log.entries.map(({ text }) => text)).to.include('ps3_virtio rng_00: cannot go online: EBUSY');
    await write(g1, online('rng_00'), '0');
    expect(await write(g2, online('rng_00'), '1')).to.equal('');
    expect(rig.claims).to.deep.equal(['rng0:g2']);
    expect(await write(g1, online('rng_00'), '1')).to.equal('EBUSY');
  });

  it('gives back what a refused probe held, handle and resources, and stays bound', async () => {
    const rig = rigWith(1);
    const g1 = await byHand(rig, 'g1', 1);
    const undone: string[] = [];
    const refuses: Ps3Driver = {
      name: 'refuses',
      bus: ps3SystemBus,
      matchId: 12,
      probe: (dev) => {
        dev.devm.addAction(() => undone.push(rig.claims.join()), 'undo');
        dev.drvdata = 'mine';
        return -errno.ENXIO;
      },
    };
    await load(g1, refuses);
    expect(await write(g1, online('rng_00'), '1')).to.equal('ENXIO');
    expect(undone).to.deep.equal(['rng0:g1']);
    expect(rig.claims).to.deep.equal([]);
    expect(device(g1, 'rng_00').drvdata).to.equal(null);
    expect(boundNames(g1)).to.deep.equal(['rng_00']);
  });

  it('goes offline before an unbind and at shutdown; an unbind after that finds nothing to do', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1');
    await device(g1, 'rng_00').releaseDriver();
    expect(rig.claims).to.deep.equal(['rng1:g1']);
    await g1.kernel.shutdownDevices();
    expect(rig.claims).to.deep.equal([]);
    await device(g1, 'rng_01').releaseDriver();
    expect(g1.kernel.warnings).to.equal(0);
    expect(rig.world.oopses.length).to.equal(0);
    expect(g1.kernel.dma?.inUse).to.equal(0);
  });

  it('is not brought online by a worker that comes after an unbind', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    await rig.world.run(async () => {
      await load(g1);
      await device(g1, 'rng_00').releaseDriver();
    });
    await rig.world.settle();
    expect(rig.claims).to.deep.equal([]);
    expect(g1.kernel.log.entries.filter(({ text }) => text.includes('cannot go online'))).to.deep.equal([]);
  });

  it('a revoked device loses its driver, and its handle ends', async () => {
    const rig = rigWith(0);
    const gone = rig.plug(new EchoModel('gone'));
    const g1 = await boot(rig, 'g1');
    expect(backingDevice(rig, g1, 'rng_00')).to.equal('gone');
    gone.unplug();
    await rig.world.advance(1_000_000);
    expect(boundNames(g1)).to.deep.equal([]);
    expect(rig.bus.host.handles.list()).to.deep.equal([]);
    expect([...devicesOf(g1).keys()]).to.deep.equal(['rng_00']);
  });

  it('does real I/O with virtio_blk', async () => {
    const rig = new Ps3Machine({ strategy: 'at-online' });
    const image = rig.disk();
    expect(await diskWorks(rig, await boot(rig, 'g1', { subsystems: true }), image)).to.equal(true);
  });
});
