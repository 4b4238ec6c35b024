import { expect } from 'chai';
import { ofTree } from '../../buses/of-tree';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  BlockDevice,
  deleteModule,
  driverModule,
  EntropyDevice,
  ErrnoError,
  initModule,
  type DeviceModel,
} from '../../lib';
import { CoreMachine } from '../base/support';
import { errorOf } from '../support/errors';
import { bootOn } from './machine';
import { describeEvent } from './support';

const models = (): DeviceModel[] => [
  new BlockDevice({ name: 'disk0', image: new Uint8Array(4096), serial: 's' }),
  new EntropyDevice({ name: 'rng0', seed: 1 }),
  new EntropyDevice({ name: 'rng1', seed: 2 }),
];

describe('modules of drivers', () => {
  for (const [fixture, driver, parents] of [
    [vpci, 'pci:virtio-pci', ['pci0000:00/0000:00:01.0', 'pci0000:00/0000:00:02.0', 'pci0000:00/0000:00:03.0']],
    [ofTree, 'platform:virtio-mmio', null],
  ] as const) {
    describe(`on ${fixture.bus}, in the order of the recorded transcripts`, () => {
      it('insmod: add of a child, bind of its parent, then the driver, then the module', async () => {
        const { kernel, bus } = await bootOn(fixture, models());
        const events: string[] = [];
        kernel.uevents.subscribe((event) => events.push(describeEvent(event)));
        const name = bus.transport.name.replace('-', '_');
        await initModule(kernel, driverModule(bus.transport));
        const found = kernel.sysfs
          .readdir('/sys/bus/virtio/devices')
          .map((dev) => kernel.sysfs.readlink(`/sys/bus/virtio/devices/${dev}`).slice(8));
        if (parents !== null)
          expect(found).to.deep.equal(parents.map((path, i) => `/devices/${path}/virtio${String(i)}`));
        expect(events).to.deep.equal([
          ...found.flatMap((path) => [
            `add ${path} virtio`,
            `bind ${path.slice(0, path.lastIndexOf('/'))} ${bus.busName}`,
          ]),
          `add /bus/${bus.busName}/drivers/${bus.transport.name} drivers`,
          `add /module/${name} module`,
        ]);
        events.splice(0);
        await initModule(kernel, driverModule(virtioRng));
        expect(events).to.deep.equal([
          `bind ${String(found[1])} virtio`,
          `bind ${String(found[2])} virtio`,
          'add /bus/virtio/drivers/virtio_rng drivers',
          'add /module/virtio_rng module',
        ]);
      });

      it(
        'rmmod of a driver unbinds its devices, the last bound first; rmmod of the ' + 'transport removes them',
        async () => {
          const { kernel, bus } = await bootOn(fixture, models());
          await initModule(kernel, driverModule(bus.transport));
          await initModule(kernel, driverModule(virtioRng));
          const path = (n: number): string =>
            kernel.sysfs.readlink(`/sys/bus/virtio/devices/virtio${String(n)}`).slice(8);
          const [blk, rng0, rng1] = [path(0), path(1), path(2)];
          const parentOf = (child: string): string => child.slice(0, child.lastIndexOf('/'));
          const events: string[] = [];
          kernel.uevents.subscribe((event) => events.push(describeEvent(event)));
          await deleteModule(kernel, 'virtio_rng');
          expect(events.splice(0)).to.deep.equal([
            `unbind ${rng1} virtio`,
            `unbind ${rng0} virtio`,
            'remove /bus/virtio/drivers/virtio_rng drivers',
            'remove /module/virtio_rng module',
          ]);
          expect(await kernel.fs.readFile('/sys/bus/virtio/devices/virtio2/status')).to.equal('0x00000001\n');
          await deleteModule(kernel, bus.transport.name.replace('-', '_'));
          expect(events).to.deep.equal([
            ...[rng1, rng0, blk].flatMap((child) => [
              `remove ${child} virtio`,
              `unbind ${parentOf(child)} ${bus.busName}`,
            ]),
            `remove /bus/${bus.busName}/drivers/${bus.transport.name} drivers`,
            `remove /module/${bus.transport.name.replace('-', '_')} module`,
          ]);
          expect(kernel.sysfs.readdir('/sys/bus/virtio/devices')).to.deep.equal([]);
        },
      );

      it('MO-05 the devices stay and a module that is loaded again picks them up', async () => {
        const { kernel, bus } = await bootOn(fixture, models());
        await initModule(kernel, driverModule(bus.transport));
        const rng = driverModule(virtioRng);
        for (let round = 0; round < 3; round++) {
          await initModule(kernel, rng);
          expect(kernel.sysfs.readlink('/sys/bus/virtio/devices/virtio1/driver')).to.match(/drivers\/virtio_rng$/);
          await deleteModule(kernel, 'virtio_rng');
          expect(kernel.sysfs.readdir('/sys/bus/virtio/devices/virtio1')).to.not.include('driver');
        }
      });

      it('DR-08 driver and module are linked to each other', async () => {
        const { kernel, bus } = await bootOn(fixture, models());
        await initModule(kernel, driverModule(bus.transport));
        const name = bus.transport.name.replace('-', '_');
        const dir = `/sys/bus/${bus.busName}/drivers/${bus.transport.name}`;
        expect(kernel.sysfs.readlink(`${dir}/module`)).to.equal(`../../../../module/${name}`);
        expect(kernel.sysfs.readdir(`/sys/module/${name}/drivers`)).to.deep.equal([driver]);
        expect(kernel.sysfs.readlink(`/sys/module/${name}/drivers/${driver}`)).to.equal(
          `../../../bus/${bus.busName}/drivers/${bus.transport.name}`,
        );
      });
    });
  }

  it('DR-08 the module link comes after the probes, and before the files of the driver', async () => {
    const bench = await CoreMachine.make();
    await bench.add('d');
    let atProbe: string[] = [];
    const def = bench.probing('r', () => {
      atProbe = bench.ls('bus/b/drivers/r');
    });
    await initModule(bench.kernel, driverModule(def));
    expect(atProbe).to.deep.equal(['d']);
    expect(bench.ls('bus/b/drivers/r')).to.deep.equal(['bind', 'd', 'module', 'uevent', 'unbind']);
    await deleteModule(bench.kernel, 'r');
    expect(bench.ls('bus/b/drivers')).to.deep.equal([]);
    expect(bench.ls('module')).to.deep.equal([]);
  });

  it('a driver that no module brought has no module link', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    expect(bench.ls('bus/b/drivers/r')).to.not.include('module');
  });

  it('of two drivers the second of which is refused none stays', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('taken'));
    const module = driverModule([bench.driver('first'), bench.driver('taken')]);
    expect(await errorOf(() => initModule(bench.kernel, module)))
      .to.be.instanceOf(ErrnoError)
      .and.include({ code: 'EBUSY' });
    expect(bench.ls('bus/b/drivers')).to.deep.equal(['taken']);
    expect(bench.ls('module')).to.deep.equal([]);
  });

  it('two drivers are unregistered in reverse', async () => {
    const bench = await CoreMachine.make();
    await initModule(bench.kernel, driverModule([bench.driver('one'), bench.driver('two')], { name: 'both' }));
    expect(bench.ls('module/both/drivers')).to.deep.equal(['b:one', 'b:two']);
    bench.listen();
    await deleteModule(bench.kernel, 'both');
    expect(bench.taken()).to.deep.equal([
      'uevent remove /bus/b/drivers/two',
      'uevent remove /bus/b/drivers/one',
      'uevent remove /module/both',
    ]);
  });

  it('loading waits for probes that run in workers', async () => {
    const bench = await CoreMachine.make();
    await bench.add('d');
    const def = bench.probing(
      'r',
      async () => {
        await bench.world.sleep(5);
        bench.note('probed');
      },
      { probeType: 'prefer-asynchronous' },
    );
    await initModule(bench.kernel, driverModule(def));
    expect(bench.log).to.deep.equal(['probe r d', 'probed']);
  });

  it('the module of a disk that is bound can be unloaded: binding holds no reference', async () => {
    const { kernel, bus } = await bootOn(vpci, models());
    await initModule(kernel, driverModule(bus.transport));
    const { refcnt } = await initModule(kernel, driverModule(virtioBlk));
    expect(refcnt).to.equal(0);
    await deleteModule(kernel, 'virtio_blk');
    expect(kernel.sysfs.readdir('/sys/class/block')).to.deep.equal([]);
  });
});
