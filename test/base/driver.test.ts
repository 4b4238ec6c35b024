import { expect } from 'chai';
import { attrRo, type Driver } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine, type TestDevice } from './support';

describe('driver', () => {
  describe('DR-01 register', () => {
    it('probes the devices before it has its files, and sends add after their bind events', async () => {
      const bench = await CoreMachine.make({ drvGroups: [{ attrs: [attrRo<Driver>('of_bus', () => '')] }] });
      bench.listen();
      await bench.add('d');
      bench.taken();
      let atProbe: string[] = [];
      const def = bench.probing(
        'r',
        () => {
          atProbe = bench.ls('bus/b/drivers/r');
        },
        { groups: [{ attrs: [attrRo<Driver>('own', () => '')] }] },
      );
      await bench.register(def);
      expect(atProbe).to.deep.equal(['d']);
      expect(bench.ls('bus/b/drivers/r')).to.deep.equal(['bind', 'd', 'of_bus', 'own', 'uevent', 'unbind']);
      expect(bench.taken()).to.deep.equal([
        'notify bind-driver d r',
        'probe r d',
        'notify bound-driver d r',
        'uevent bind /devices/d',
        'uevent add /bus/b/drivers/r',
      ]);
    });

    it('unregister sends remove last, when the devices are unbound', async () => {
      const bench = (await CoreMachine.make()).listen();
      const drv = await bench.register(bench.driver('r'));
      await bench.add('d');
      bench.taken();
      await drv.unregister();
      expect(bench.taken()).to.deep.equal([
        'notify unbind-driver d r',
        'remove r d',
        'notify unbound-driver d -',
        'uevent unbind /devices/d',
        'uevent remove /bus/b/drivers/r',
      ]);
      expect(bench.ls('bus/b/drivers')).to.deep.equal([]);
    });

    it("when the driver's own files are refused its devices are unbound again", async () => {
      const bench = await CoreMachine.make();
      const dev = await bench.add('d');
      const groups = [{ attrs: [attrRo<Driver>('bind', () => '')] }];
      expect(await errorOf(() => bench.register(bench.driver('r', { groups })))).to.include({
        code: 'EEXIST',
        syscall: 'driver_register',
      });
      expect(bench.log).to.deep.equal(['probe r d', 'remove r d']);
      expect(dev.driver).to.equal(null);
      expect(bench.ls('bus/b/drivers')).to.deep.equal([]);
    });

    it("the bus's files for drivers are only complained about", async () => {
      const bench = await CoreMachine.make({ drvGroups: [{ attrs: [attrRo<Driver>('uevent', () => '')] }] });
      await bench.register(bench.driver('r'));
      expect(bench.dmesg('err')).to.deep.equal(['bus_add_driver: driver_add_groups(r) failed']);
    });
  });

  it('DR-02 a bus that is not registered is EINVAL, a name that is taken is EBUSY', async () => {
    const bench = new CoreMachine();
    expect(await errorOf(() => bench.register(bench.driver('r')))).to.include({ code: 'EINVAL', path: 'r' });
    await bench.kernel.registerBus(bench.bus);
    await bench.register(bench.driver('r'));
    expect(await errorOf(() => bench.register(bench.driver('r')))).to.include({ code: 'EBUSY', path: 'r' });
    expect(bench.dmesg('err').at(-1)).to.equal("Error: Driver 'r' is already registered, aborting...");
  });

  it('DR-03 it succeeds with no device bound: errors of probe never reach the caller', async () => {
    const bench = await CoreMachine.make();
    await bench.add('d1');
    await bench.add('d2');
    const drv = await bench.register(bench.probing('r', -5));
    expect(bench.log).to.deep.equal(['probe r d1', 'probe r d2']);
    expect([...drv.devices()]).to.deep.equal([]);
  });

  it('DR-04 unregister unbinds all, newest bound first', async () => {
    const bench = await CoreMachine.make();
    const drv = await bench.register(bench.driver('r'));
    for (const name of ['d1', 'd2', 'd3']) await bench.add(name);
    await (bench.kernel.busOf(bench.bus)?.findDevice('d1') as TestDevice).reprobe();
    bench.taken();
    await drv.unregister();
    expect(bench.log).to.deep.equal(['remove r d1', 'remove r d3', 'remove r d2']);
  });

  it('DR-05 suppressBindAttrs hides bind and unbind', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r', { suppressBindAttrs: true }));
    expect(bench.ls('bus/b/drivers/r')).to.deep.equal(['uevent']);
  });

  it('DR-06 devGroups are there from after probe to before remove', async () => {
    const bench = await CoreMachine.make();
    const has = (dev: TestDevice): void => bench.note(String(dev.sd?.has('of_driver')));
    await bench.register(
      bench.driver('r', {
        devGroups: [{ attrs: [attrRo<TestDevice>('of_driver', () => '')] }],
        probe: has,
        remove: has,
      }),
    );
    const dev = await bench.add('d');
    has(dev);
    await dev.releaseDriver();
    expect(bench.log).to.deep.equal(['false', 'true', 'false']);
  });

  it('DR-06 when they are refused, remove is called and the device stays unbound', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r', { devGroups: [{ attrs: [attrRo<TestDevice>('uevent', () => '')] }] }));
    const dev = await bench.add('d');
    expect(bench.log).to.deep.equal(['probe r d', 'remove r d']);
    expect(dev.driver).to.equal(null);
  });

  it('DR-07 an override: a newline or a NUL ends it, no name clears it, a page is EINVAL', async () => {
    const bench = await CoreMachine.make();
    const dev = await bench.add('d');
    for (const [text, value] of [
      ['r1', 'r1'],
      ['r2\n', 'r2'],
      ['r3\nx', 'r3'],
      ['\n', null],
      ['r4', 'r4'],
      ['', null],
      ['r5', 'r5'],
      [null, null],
      ['r6\0x', 'r6'],
      ['\0', null],
      ['r7', 'r7'],
      ['\0r8', null],
      ['r9', 'r9'],
      ['\0\0\n', null],
    ] as const) {
      await dev.setDriverOverride(text);
      expect(dev.driverOverride).to.equal(value);
    }
    expect(await errorOf(() => dev.setDriverOverride('x'.repeat(4095)))).to.include({ code: 'EINVAL' });
    await dev.setDriverOverride('x'.repeat(4094));
  });

  it('a driver that is unregistered twice only warns', async () => {
    const bench = await CoreMachine.make();
    const drv = await bench.register(bench.driver('r'));
    await drv.unregister();
    await drv.unregister();
    expect(bench.dmesg('warn')).to.deep.equal(['Unexpected driver unregister!']);
  });

  it('one definition works in two kernels at once', async () => {
    const [one, two] = [await CoreMachine.make(), new CoreMachine()];
    const def = one.driver('r');
    await two.kernel.registerBus(one.bus);
    await one.register(def);
    await two.kernel.registerDriver(def);
    const second = two.device('d', { bus: one.bus });
    await one.add('d');
    await second.add();
    expect(one.log).to.deep.equal(['probe r d', 'probe r d']);
  });
});
