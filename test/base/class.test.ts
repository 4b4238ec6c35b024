import { expect } from 'chai';
import { attrRo, Device, type Class, type ClassInterface, type DeviceClass } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine } from './support';

async function setUp(extra: Partial<DeviceClass> = {}) {
  const bench = new CoreMachine();
  bench.kernel.uevents.subscribe(({ action, devpath }) => bench.note(`uevent ${action} ${devpath}`));
  const type: DeviceClass = { name: 'c', devRelease: () => undefined, ...extra };
  const cls = await bench.kernel.registerClass(type);
  const add = async (name: string, parent: Device | null = null): Promise<Device> => {
    const dev = new Device(bench.kernel, { name, class: type, parent });
    await dev.add();
    return dev;
  };
  return { bench, type, cls, add };
}

describe('class', () => {
  it('CL-01 register makes the directory, sends add, makes the files; unregister takes all away', async () => {
    const atAdd: string[][] = [];
    const bench = new CoreMachine();
    bench.kernel.uevents.subscribe(({ action }) => {
      atAdd.push([action, ...bench.ls('class/c')]);
    });
    const cls = await bench.kernel.registerClass({
      name: 'c',
      classGroups: [{ attrs: [attrRo<Class>('own', (self) => `${self.type.name}\n`)] }],
      classRelease: () => bench.note('released'),
    });
    expect(await bench.read('class/c/own')).to.equal('c\n');
    await cls.unregister();
    expect(atAdd).to.deep.equal([['add'], ['remove']]);
    expect(bench.log).to.deep.equal(['released']);
    expect(bench.ls('class').includes('c')).to.equal(false);
  });

  it('CL-01 a name that is taken is EEXIST', async () => {
    const { bench } = await setUp();
    expect(await errorOf(() => bench.kernel.registerClass({ name: 'c' }))).to.include({
      code: 'EEXIST',
      syscall: 'class_register',
      path: 'c',
    });
  });

  it('CL-01 a file that is refused takes the class away again', async () => {
    const bench = new CoreMachine();
    const own = attrRo<Class>('own', () => '');
    expect(
      await errorOf(() => bench.kernel.registerClass({ name: 'c', classGroups: [{ attrs: [own, own] }] })),
    ).to.include({ code: 'EEXIST' });
    expect(bench.ls('class').includes('c')).to.equal(false);
  });

  it('CL-02 links: class to device, device to class, device to parent', async () => {
    const { bench, add } = await setUp();
    const parent = new Device(bench.kernel, { name: 'p' });
    await parent.add();
    const dev = await add('d', parent);
    const { sysfs } = bench.kernel;
    expect(sysfs.readlink('/sys/class/c/d')).to.equal('../../devices/p/c/d');
    expect(sysfs.readlink('/sys/devices/p/c/d/subsystem')).to.equal('../../../../class/c');
    expect(sysfs.readlink('/sys/devices/p/c/d/device')).to.equal('../../../p');
    await dev.del();
    expect(bench.ls('class/c')).to.deep.equal([]);
  });

  it('CL-02 a name that is taken in the class refuses the device, and nothing stays', async () => {
    const { bench, add } = await setUp();
    const parent = new Device(bench.kernel, { name: 'p' });
    await parent.add();
    await add('d');
    expect(await errorOf(() => add('d', parent))).to.include({ code: 'EEXIST' });
    expect(bench.ls('devices/p')).to.deep.equal(['uevent']);
    expect(bench.ls('class/c')).to.deep.equal(['d']);
  });

  it(
    'CL-03 an interface is told of present devices, of later ones after their event, ' + 'and of all at the end',
    async () => {
      const { bench, cls, add } = await setUp();
      await add('old');
      const intf: ClassInterface = {
        addDev: (dev) => bench.note(`add ${dev.name ?? ''}`),
        removeDev: (dev) => bench.note(`remove ${dev.name ?? ''} ${String([...cls.devices()].includes(dev))}`),
      };
      bench.taken();
      await cls.registerInterface(intf);
      const dev = await add('late');
      await dev.del();
      await cls.unregisterInterface(intf);
      await add('unseen');
      expect(bench.taken()).to.deep.equal([
        'add old',
        'uevent add /devices/virtual/c/late',
        'add late',
        'remove late true',
        'uevent remove /devices/virtual/c/late',
        'remove old true',
        'uevent add /devices/virtual/c/unseen',
      ]);
    },
  );

  it('CL-03 an interface may sleep', async () => {
    const { bench, cls, add } = await setUp();
    await cls.registerInterface({ addDev: () => bench.world.sleep(5), removeDev: () => bench.world.sleep(7) });
    const dev = await add('d');
    await dev.del();
    expect(bench.world.now).to.equal(12);
  });

  it('CL-05 devices in the order of adding', async () => {
    const { cls, add } = await setUp();
    const devices = [await add('b'), await add('a')];
    expect([...cls.devices()]).to.deep.equal(devices);
  });

  it('CL-06 /sys/dev/block lists the devices of a class that says so', async () => {
    const { bench, type } = await setUp({ devKobj: 'block' });
    await new Device(bench.kernel, { name: 'd', class: type, devt: { major: 8, minor: 0 } }).add();
    expect(bench.ls('dev/block')).to.deep.equal(['8:0']);
    expect(bench.ls('dev/char')).to.deep.equal([]);
  });

  it(
    'regression: a device whose own file is in the way of the link to its parent moves ' +
      'back, without the directory of the class',
    async () => {
      const { bench, type, add } = await setUp();
      const parent = await add('p');
      const groups = [{ attrs: [attrRo('device', () => '')] }];
      const dev = new Device(bench.kernel, { name: 'd', class: type, groups });
      await dev.add();
      expect(await errorOf(() => dev.move(parent))).to.include({ code: 'EEXIST' });
      expect(dev.parent).to.equal(null);
      expect([...parent.children()].length).to.equal(0);
      expect(bench.ls('devices')).to.include('d');
      expect(bench.ls('devices/d')).not.to.include('device');
      await dev.move(parent);
      expect(await bench.kernel.fs.readlink('/sys/devices/virtual/c/p/d/device')).to.equal('../../p');
    },
  );
});
