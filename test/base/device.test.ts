import { expect } from 'chai';
import {
  andThen,
  attrRo,
  attrWo,
  Device,
  HungTask,
  type DeviceClass,
  type DeviceInit,
  type DeviceType,
} from '../../lib';
import { ADD } from '../../lib/base/device-add';
import { ENOMEM } from '../../lib/errno';
import { errorOf } from '../support/errors';
import { CoreMachine } from './support';

describe('device', () => {
  it('DE-01 initialise, add, del, put: only put frees it', async () => {
    const bench = await CoreMachine.make();
    const dev = bench.device('d');
    expect(dev.isRegistered).to.equal(false);
    expect(dev.refcount).to.equal(1);
    await dev.add();
    expect(dev.isRegistered).to.equal(true);
    await dev.del();
    expect(dev.isRegistered).to.equal(false);
    expect(bench.log).to.deep.equal([]);
    dev.put();
    expect(bench.log).to.deep.equal(['release d']);
  });

  it('DE-01 one that was never added is freed by put too', () => {
    const bench = new CoreMachine();
    new Device(bench.kernel, { name: 'd', release: () => bench.note('released') }).put();
    expect(bench.log).to.deep.equal(['released']);
  });

  it('DE-01 without a name it is EINVAL', async () => {
    const bench = await CoreMachine.make();
    expect(await errorOf(() => bench.device('').add())).to.include({ code: 'EINVAL', syscall: 'device_add' });
  });

  it('DE-02 the order of add', async () => {
    const bench = await CoreMachine.make({ devGroups: [{ attrs: [attrRo('of_bus', () => '')] }] });
    const steps: string[] = [];
    bench.kernel.trace.subscribe((event) => {
      if (event.kind === 'step' && event.fn === 'device_add') steps.push(event.step);
    });
    await bench.add('d');
    expect(steps).to.deep.equal([
      'dev_set_name',
      'get_device(parent)',
      'get_device_parent',
      'kobject_add',
      'device_create_file(uevent)',
      'device_add_class_symlinks',
      'device_add_attrs',
      'bus_add_device',
      'device_pm_add',
      'device_create_file(dev)',
      'device_create_sys_dev_entry',
      'BUS_NOTIFY_ADD_DEVICE',
      'kobject_uevent(add)',
      'dev_set_ready_to_probe',
      'bus_probe_device',
      'klist_add_tail(klist_children)',
      'class add_dev',
    ]);
    expect(bench.ls('devices/d')).to.deep.equal(['of_bus', 'subsystem', 'uevent']);
  });

  it('DE-02 a child is probed before it is on the list of its parent', async () => {
    const bench = await CoreMachine.make();
    const parent = await bench.add('p', {}, 'y');
    const children: (string | null)[][] = [];
    await bench.register(bench.probing('r', () => void children.push([...parent.children()].map((dev) => dev.name))));
    await bench.add('c', { parent });
    expect(children).to.deep.equal([[]]);
    expect([...parent.children()].length).to.equal(1);
  });

  it('DE-03 a failed add takes everything back, and sends remove though add was never sent', async () => {
    const bench = await CoreMachine.make({ devGroups: [{ attrs: [attrRo('taken', () => '')] }] });
    bench.listen();
    const parent = await bench.add('p');
    bench.taken();
    const { refcount } = parent;
    const dev = bench.device('d', { parent, groups: [{ attrs: [attrRo('taken', () => '')] }] });
    expect(await errorOf(() => dev.add())).to.include({ code: 'EEXIST', path: 'd' });
    expect(bench.taken()).to.deep.equal(['uevent remove /devices/p/d']);
    expect(bench.ls('devices/p')).to.deep.equal(['subsystem', 'taken', 'uevent']);
    expect(bench.ls('bus/b/devices')).to.deep.equal(['p']);
    expect(parent.refcount).to.equal(refcount);
    dev.put();
    expect(bench.log).to.deep.equal(['release d']);
  });

  for (const { name: step, cannotFail } of ADD.steps) {
    if (cannotFail === true) continue;
    it(`DE-03 a failure at ${step} leaves the device on no list, and the next add works`, async () => {
      const bench = await CoreMachine.make();
      const parent = await bench.add('p');
      const before = [bench.ls('devices/p'), bench.ls('bus/b/devices'), parent.refcount];
      bench.kernel.faults = (fn, at, dev) => (fn === 'device_add' && at === step && dev.name === 'd' ? -ENOMEM : 0);
      const dev = bench.device('d', { parent, devt: { major: 5, minor: 1 } });
      expect(await errorOf(() => dev.add())).to.include({ code: 'ENOMEM' });
      const { dpm, devicesKset } = bench.kernel;
      for (const list of [dpm, devicesKset.list]) expect([...list].map(({ name }) => name)).to.deep.equal(['p']);
      expect([...parent.children()]).to.deep.equal([]);
      expect(bench.ls('dev/char')).to.deep.equal([]);
      dev.put();
      expect([bench.ls('devices/p'), bench.ls('bus/b/devices'), parent.refcount]).to.deep.equal(before);
      bench.kernel.faults = null;
      await bench.add('d', { parent });
      expect([...dpm].map(({ name }) => name)).to.deep.equal(['p', 'd']);
    });
  }

  it('DE-03 a failure before the directory was made sends nothing', async () => {
    const bench = (await CoreMachine.make()).listen();
    await bench.add('d');
    bench.taken();
    expect(await errorOf(() => bench.add('d'))).to.include({ code: 'EEXIST' });
    expect(bench.log).to.deep.equal([]);
  });

  it('DE-03 below a parent that is not added it is ENOENT', async () => {
    const bench = await CoreMachine.make();
    const parent = bench.device('p');
    expect(await errorOf(() => bench.add('d', { parent }))).to.include({ code: 'ENOENT' });
    expect(parent.refcount).to.equal(1);
  });

  it('DE-04 the order of del: the driver leaves after files and links, before the directory', async () => {
    const bench = (await CoreMachine.make()).listen();
    const parent = await bench.add('p', {}, 'y');
    let left: string[] = [];
    await bench.register(
      bench.driver('r', {
        remove: () => {
          left = bench.ls('devices/p/d');
        },
      }),
    );
    const dev = await bench.add('d', { parent, groups: [{ attrs: [attrRo('own', () => '')] }] });
    dev.devm.addAction(() => bench.note('devm'));
    bench.taken();
    await dev.del();
    expect(left).to.deep.equal([]);
    expect(bench.taken()).to.deep.equal([
      'notify del-device d r',
      'notify unbind-driver d r',
      'devm',
      'notify unbound-driver d -',
      'uevent unbind /devices/p/d',
      'notify removed-device d -',
      'uevent remove /devices/p/d',
    ]);
    expect([...parent.children()]).to.deep.equal([]);
    expect(bench.ls('devices/p')).to.deep.equal(['subsystem', 'uevent']);
    expect(bench.ls('bus/b/devices')).to.deep.equal(['p']);
  });

  it('DE-05 a deleted device stays dead: no driver can have it', async () => {
    const bench = await CoreMachine.make();
    const drv = await bench.register(bench.driver('r'));
    const dev = await bench.add('d');
    await dev.del();
    bench.taken();
    expect(await dev.attach()).to.equal(false);
    expect(await errorOf(() => dev.driverAttach(drv))).to.include({ code: 'ENODEV' });
    expect(bench.log).to.deep.equal([]);
  });

  describe('DE-06 release', () => {
    async function releasedBy(init: DeviceInit): Promise<{ log: string[]; warnings: number }> {
      const bench = await CoreMachine.make();
      const type: DeviceType = { name: 't', release: () => bench.note('type') };
      const cls: DeviceClass = { name: 'c', devRelease: () => bench.note('class') };
      await bench.kernel.registerClass(cls);
      const dev = new Device(bench.kernel, {
        name: 'd',
        ...('type' in init ? { type } : {}),
        ...('class' in init ? { class: cls } : {}),
        ...('release' in init ? { release: () => bench.note('own') } : {}),
      });
      dev.devm.addAction(() => bench.note('devm'));
      dev.put();
      return { log: bench.log, warnings: bench.kernel.warnings };
    }

    it("is the device's own, else the type's, else the class's; managed resources come before it", async () => {
      expect((await releasedBy({ release: () => undefined, type: {}, class: { name: '' } })).log).to.deep.equal([
        'devm',
        'own',
      ]);
      expect((await releasedBy({ type: {}, class: { name: '' } })).log).to.deep.equal(['devm', 'type']);
      expect((await releasedBy({ class: { name: '' } })).log).to.deep.equal(['devm', 'class']);
    });

    it('without any the kernel warns', async () => {
      expect(await releasedBy({})).to.deep.equal({ log: ['devm'], warnings: 1 });
      expect((await releasedBy({ type: {} })).warnings).to.equal(0);
    });

    it('the warning names the device', async () => {
      const { kernel } = await CoreMachine.make();
      new Device(kernel, { name: 'fsi0' }).put();
      const text = "Device 'fsi0' does not have a release() function, it is broken and must be fixed.";
      expect(kernel.log.entries.map((entry) => entry.text)).to.deep.equal([text]);
    });
  });

  it('a file whose store unregisters its own device waits for itself', async () => {
    const bench = await CoreMachine.make();
    const groups = [{ attrs: [attrWo<Device>('delete', (self) => andThen(self.unregister(), () => undefined))] }];
    await bench.add('d', { groups });
    const error = await errorOf(() => bench.write('devices/d/delete', '1'));
    expect(error).to.be.instanceOf(HungTask);
    expect(error.message).to.match(/blocked for 0 ns on .*\/sys\/devices\/d\/delete/);
  });

  it('DE-07 from the beginning of del on probing is ENODEV', async () => {
    const bench = await CoreMachine.make();
    const drv = await bench.register(bench.driver('r'));
    const dev = await bench.add('d');
    const tries: string[] = [];
    bench.kernel.busOf(bench.bus)?.registerNotifier(async (event) => {
      if (event !== 'del-device') return;
      tries.push((await errorOf(() => dev.driverAttach(drv))).message.slice(0, 6));
    });
    await dev.del();
    expect(tries).to.deep.equal(['ENODEV']);
  });

  describe('DE-08 path', () => {
    async function classy(): Promise<{
      bench: CoreMachine;
      cls: DeviceClass;
      at: (name: string, init: DeviceInit) => Promise<Device>;
    }> {
      const bench = await CoreMachine.make();
      const cls: DeviceClass = { name: 'c', devRelease: () => undefined };
      await bench.kernel.registerClass(cls);
      const at = async (name: string, init: DeviceInit): Promise<Device> => {
        const dev = new Device(bench.kernel, { name, ...init });
        await dev.add();
        return dev;
      };
      return { bench, cls, at };
    }

    it('is /sys/devices and the parents', async () => {
      const bench = await CoreMachine.make();
      const top = await bench.add('top');
      const child = await bench.add('child', { parent: top });
      expect(child.sd?.path).to.equal('/sys/devices/top/child');
    });

    it('a device of a class without parent is below virtual/CLASS', async () => {
      const { cls, at } = await classy();
      expect((await at('d', { class: cls })).sd?.path).to.equal('/sys/devices/virtual/c/d');
    });

    it('below a parent without class it is in a directory of the class, which goes with the last child', async () => {
      const { bench, cls, at } = await classy();
      const parent = await at('p', {});
      const [one, two] = [await at('d1', { class: cls, parent }), await at('d2', { class: cls, parent })];
      expect(one.sd?.path).to.equal('/sys/devices/p/c/d1');
      expect(two.sd?.path).to.equal('/sys/devices/p/c/d2');
      await one.del();
      expect(bench.ls('devices/p')).to.deep.equal(['c', 'uevent']);
      await two.del();
      expect(bench.ls('devices/p')).to.deep.equal(['uevent']);
    });

    it('below a parent with a class it is right there', async () => {
      const { cls, at } = await classy();
      const parent = await at('p', { class: cls });
      expect((await at('d', { class: cls, parent })).sd?.path).to.equal('/sys/devices/virtual/c/p/d');
    });

    it('a failed add takes an empty directory of the class back', async () => {
      const { bench, cls, at } = await classy();
      const parent = await at('p', {});
      const groups = [{ attrs: [attrRo<Device>('uevent', () => '')] }];
      expect(await errorOf(() => at('d', { class: cls, parent, groups }))).to.include({ code: 'EEXIST' });
      expect(bench.ls('devices/p')).to.deep.equal(['uevent']);
    });
  });

  it('DE-09 files of the class, the type, the device; a failure takes them back in reverse', async () => {
    const bench = await CoreMachine.make();
    const group = (name: string) => [{ attrs: [attrRo<Device>(name, () => '')] }];
    const cls: DeviceClass = { name: 'c', devGroups: group('of_class'), devRelease: () => undefined };
    await bench.kernel.registerClass(cls);
    const type: DeviceType = { groups: group('of_type') };
    const dev = new Device(bench.kernel, { name: 'd', class: cls, type, groups: group('own') });
    await dev.add();
    expect(bench.ls('class/c/d')).to.deep.equal(['of_class', 'of_type', 'own', 'subsystem', 'uevent']);
    const bad = new Device(bench.kernel, { name: 'e', class: cls, type, groups: group('of_type') });
    expect(await errorOf(() => bad.add())).to.include({ code: 'EEXIST' });
    expect(bench.ls('devices/virtual/c')).to.deep.equal(['d']);
  });

  it('DE-10 children in order, in reverse, by name', async () => {
    const bench = await CoreMachine.make();
    const parent = await bench.add('p');
    const children = [];
    for (const name of ['c', 'a', 'b']) children.push(await bench.add(name, { parent }));
    expect([...parent.children()]).to.deep.equal(children);
    expect([...parent.childrenReverse()]).to.deep.equal([...children].reverse());
    expect(parent.findChild('a')).to.deep.equal(children[1]);
    expect(parent.findChild('x')).to.equal(null);
    await children[0]!.del();
    expect([...parent.children()]).to.deep.equal(children.slice(1));
  });

  it('DE-11 unbinding keeps the device: name, path, files; bind can be repeated', async () => {
    const bench = await CoreMachine.make({ devGroups: [{ attrs: [attrRo('of_bus', () => '')] }] });
    await bench.register(bench.driver('r'));
    const dev = await bench.add('d');
    expect(bench.ls('devices/d')).to.deep.equal(['driver', 'of_bus', 'subsystem', 'uevent']);
    for (let i = 0; i < 3; i++) {
      await bench.write('bus/b/drivers/r/unbind', 'd');
      expect(bench.ls('devices/d')).to.deep.equal(['of_bus', 'subsystem', 'uevent']);
      await bench.write('bus/b/drivers/r/bind', 'd');
    }
    expect(dev.isBound).to.equal(true);
    expect(dev.sd?.path).to.equal('/sys/devices/d');
  });

  it('DE-14 a device number gives a file, a link and three variables', async () => {
    const bench = await CoreMachine.make();
    const events: (readonly string[])[] = [];
    bench.kernel.uevents.subscribe(({ env }) => events.push(env));
    const dev = await bench.add('a/b', { devt: { major: 240, minor: 7 } });
    expect(await bench.read('devices/a!b/dev')).to.equal('240:7\n');
    expect(bench.kernel.sysfs.readlink('/sys/dev/char/240:7')).to.equal('../../devices/a!b');
    expect(events[0]).to.include.members(['MAJOR=240', 'MINOR=7', 'DEVNAME=a/b']);
    await dev.del();
    expect(bench.ls('dev/char')).to.deep.equal([]);
  });

  it('DE-17 a device without bus and class sends no events', async () => {
    const bench = (await CoreMachine.make()).listen();
    const dev = new Device(bench.kernel, { name: 'root' });
    await dev.add();
    await dev.del();
    expect(bench.log).to.deep.equal([]);
  });
});
