import { expect } from 'chai';
import { ccw } from '../../buses/ccw';
import { ofTree } from '../../buses/of-tree';
import { ps3AtProbe, ps3Repository, type Ps3HostBus } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  BlockDevice,
  coldplug,
  Device,
  driverModule,
  EntropyDevice,
  findModule,
  loadedModules,
  ModuleIndex,
  Udev,
  virtioBus,
  type BusFixture,
  type BusType,
  type DeviceModel,
  type Kernel,
} from '../../lib';
import { bootOn, type Booted } from '../module/machine';
import { ModuleBench } from '../module/support';
import { errorOf } from '../support/errors';

const models = (): DeviceModel[] => [
  new BlockDevice({ name: 'disk0', image: new Uint8Array(4096), serial: 's' }),
  new EntropyDevice({ name: 'rng0', seed: 1 }),
];

const title = ({ bus, strategy }: BusFixture): string => (strategy === null ? bus : `${bus}/${strategy}`);

/** Names of the drivers that virtio devices have. */
function virtioDrivers(kernel: Kernel): string[] {
  return [...(kernel.busOf(virtioBus)?.devices() ?? [])].map((dev) => dev.driver?.def.name ?? '-').sort();
}

function loaded(kernel: Kernel): string[] {
  return loadedModules(kernel)
    .map(({ def }) => def.name)
    .sort();
}

function allModules({ bus }: Booted): ModuleIndex {
  return new ModuleIndex([driverModule(bus.transport), driverModule(virtioBlk), driverModule(virtioRng)]);
}

for (const fixture of [vpci, ccw, ofTree, ps3AtProbe, ps3Repository]) {
  describe(`user space on ${title(fixture)}`, () => {
    it(
      'MO-01 a udev that listened from the beginning has all drivers loaded, the ones ' +
        'above by the devices of the ones below',
      async () => {
        const index = new ModuleIndex();
        let udev: Udev | null = null;
        const machine = await bootOn(fixture, models(), (kernel) => {
          udev = new Udev(kernel, index).listen();
        });
        for (const def of allModules(machine).modules) index.add(def);
        expect(loaded(machine.kernel)).to.deep.equal([]);
        const started = udev as unknown as Udev;
        started.start();
        await machine.settle();
        const transport = machine.bus.transport.name.replace('-', '_');
        expect(loaded(machine.kernel)).to.deep.equal([transport, 'virtio_blk', 'virtio_rng'].sort());
        expect(virtioDrivers(machine.kernel)).to.deep.equal(['virtio_blk', 'virtio_rng']);
        const loads = started.records.filter((record) => record.loaded.length > 0);
        expect(loads.map((record) => record.loaded.join())).to.deep.equal([transport, 'virtio_blk', 'virtio_rng']);
      },
    );

    it('UE-13 a late udev misses the events; coldplug brings them again', async () => {
      const machine = await bootOn(fixture, models());
      const udev = new Udev(machine.kernel, allModules(machine)).start();
      await machine.settle();
      expect(udev.records).to.deep.equal([]);
      expect(loaded(machine.kernel)).to.deep.equal([]);
      expect(await udev.trigger()).to.be.greaterThan(1);
      await machine.settle();
      expect(virtioDrivers(machine.kernel)).to.deep.equal(['virtio_blk', 'virtio_rng']);
    });

    it('switched off, nothing is loaded', async () => {
      const machine = await bootOn(fixture, models());
      const udev = new Udev(machine.kernel, allModules(machine)).start();
      udev.stop();
      expect(await udev.trigger()).to.be.greaterThan(1);
      await machine.settle();
      expect(udev.isOn).to.equal(false);
      expect(loaded(machine.kernel)).to.deep.equal([]);
      expect(virtioDrivers(machine.kernel)).to.deep.equal([]);
    });

    it('what is bound, unbound by hand and announced again stays unbound: its module is loaded already', async () => {
      const machine = await bootOn(fixture, models());
      const udev = new Udev(machine.kernel, allModules(machine)).start();
      await udev.trigger();
      await machine.settle();
      const rng = [...(machine.kernel.busOf(virtioBus)?.devices() ?? [])].find(
        (dev) => dev.driver?.def.name === 'virtio_rng',
      );
      await rng?.releaseDriver();
      udev.records.splice(0);
      await udev.trigger();
      await machine.settle();
      expect(virtioDrivers(machine.kernel)).to.deep.equal(['-', 'virtio_blk']);
      expect(udev.records.length).to.be.greaterThan(1);
      // The driver of subchannels is built in.
      const again = udev.records.filter(({ modalias }) => !modalias.startsWith('css:'));
      for (const { loaded: names, error } of again) expect([names, error]).to.deep.equal([[], null]);
    });
  });
}

// An empty transport of a device tree is a device already, and has its driver loaded.
for (const [fixture, atBoot] of [
  [vpci, []],
  [ccw, []],
  [ofTree, ['virtio_mmio']],
] as const) {
  it(`hot-plug on ${fixture.bus}: a device that comes later brings its transport and its driver`, async () => {
    const machine = await bootOn(fixture, []);
    await new Udev(machine.kernel, allModules(machine)).start().trigger();
    await machine.settle();
    expect(loaded(machine.kernel)).to.deep.equal(atBoot);
    machine.host.plug(new EntropyDevice({ name: 'rng0', seed: 1 }), machine.guest);
    await machine.settle();
    expect(loaded(machine.kernel)).to.deep.equal([machine.bus.transport.name.replace('-', '_'), 'virtio_rng'].sort());
    expect(virtioDrivers(machine.kernel)).to.deep.equal(['virtio_rng']);
  });
}

it('a placeholder is announced though nothing is free: its module is loaded and binds nothing', async () => {
  const machine = await bootOn(ps3AtProbe, models());
  const { pool } = (machine.host as Ps3HostBus).host;
  for (const device of [...pool.devices]) pool.takeThis(device);
  const udev = new Udev(machine.kernel, allModules(machine)).start();
  await udev.trigger();
  await machine.settle();
  expect(loaded(machine.kernel)).to.deep.equal(['ps3_virtio']);
  expect(virtioDrivers(machine.kernel)).to.deep.equal([]);
});

describe('udev', () => {
  /** A bus whose devices tell their names as MODALIAS. */
  const bus: BusType = { name: 'b', uevent: (dev, env) => env.add('MODALIAS', `b:${dev.name ?? ''}`) };

  async function bench(): Promise<ModuleBench> {
    const made = new ModuleBench();
    await made.kernel.registerBus(bus);
    made.taken();
    return made;
  }

  function add(kernel: Kernel, name: string, parent: Device | null = null): Promise<void> | void {
    return new Device(kernel, { name, bus, parent, release: () => undefined }).add();
  }

  it('hot-plug: an add event without a driver loads its module, which binds the device that is there', async () => {
    const { kernel, world } = await bench();
    const driver = { name: 'r', bus };
    const udev = new Udev(kernel, new ModuleIndex([driverModule(driver, { aliases: ['b:x*'] })])).start();
    await add(kernel, 'x1');
    await world.settle();
    const dev = kernel.busOf(bus)?.findDevice('x1');
    expect(dev?.driver?.def).to.equal(driver);
    expect(udev.records).to.deep.equal([
      { seqnum: 3, devpath: '/devices/x1', modalias: 'b:x1', loaded: ['r'], error: null },
    ]);
  });

  it('only add events with an alias count: not bind, not change, not those of drivers', async () => {
    const { kernel, world } = await bench();
    await add(kernel, 'x1');
    const udev = new Udev(kernel, new ModuleIndex([{ name: 'm', aliases: ['b:x1'] }])).start();
    await kernel.registerDriver({ name: 'r', bus });
    await coldplug(kernel, 'change');
    await kernel.busOf(bus)?.findDevice('x1')?.releaseDriver();
    await world.settle();
    expect(udev.records).to.deep.equal([]);
    expect(loadedModules(kernel)).to.deep.equal([]);
  });

  it('an alias that no module has, or whose module will not load, is written down', async () => {
    const { kernel, world } = await bench();
    const seen: string[] = [];
    const index = new ModuleIndex([{ name: 'm', aliases: ['b:bad'], init: () => -5 }]);
    new Udev(kernel, index, ({ modalias, error }) => seen.push(`${modalias} ${String(error)}`)).start();
    for (const name of ['unknown', 'bad', 'a]']) await add(kernel, name);
    await world.settle();
    expect(seen).to.deep.equal(['b:unknown ENOENT', 'b:bad EIO', 'b:a] EINVAL']);
  });

  it('settle returns when all is handled, also what the loading itself announced', async () => {
    const { kernel, world } = await bench();
    const index = new ModuleIndex([
      {
        name: 'one',
        aliases: ['b:x'],
        init: async (k) => {
          await world.sleep(100);
          await add(k, 'y');
        },
      },
      { name: 'two', aliases: ['b:y'], init: () => world.sleep(100) },
    ]);
    const udev = new Udev(kernel, index).start();
    await add(kernel, 'x');
    expect(findModule(kernel, 'one')).to.equal(null);
    await udev.settle();
    expect(findModule(kernel, 'one')?.state).to.equal('live');
    expect(findModule(kernel, 'two')?.state).to.equal('live');
    expect(world.now).to.equal(200);
  });

  it('an oops in an init ends that worker; the next event is handled', async () => {
    const { kernel, world } = await bench();
    const bug = new Error('bug');
    const udev = new Udev(
      kernel,
      new ModuleIndex([
        {
          name: 'm',
          aliases: ['b:bad'],
          init: () => {
            throw bug;
          },
        },
        { name: 'n', aliases: ['b:good'] },
      ]),
    ).start();
    await add(kernel, 'bad');
    await add(kernel, 'good');
    expect(await errorOf(() => world.settle())).to.equal(bug);
    expect(udev.records.map(({ modalias }) => modalias)).to.deep.equal(['b:good']);
  });

  it('listening twice, starting twice and stopping twice change nothing', async () => {
    const { kernel, world } = await bench();
    const udev = new Udev(kernel, new ModuleIndex()).listen().listen().start().start();
    await add(kernel, 'x');
    await world.settle();
    expect(udev.records).to.have.length(1);
    udev.stop();
    udev.stop();
    await add(kernel, 'y');
    await world.settle();
    expect(udev.records).to.have.length(1);
  });

  it('coldplug writes to every device once, parents before children, otherwise by name', async () => {
    const made = await bench();
    const { kernel } = made;
    await add(kernel, 'z');
    await add(kernel, 'b');
    await add(kernel, 'a', kernel.busOf(bus)?.findDevice('z') ?? null);
    made.taken();
    expect(await coldplug(kernel)).to.equal(3);
    expect(made.taken()).to.deep.equal(['add /devices/b b', 'add /devices/z b', 'add /devices/z/a b']);
  });
});
