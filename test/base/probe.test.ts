import { expect } from 'chai';
import { attrRo, ErrnoError, HungTask, Mutex } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine, type TestDevice } from './support';

describe('match and probe', () => {
  it('DD-01 a new device is offered to the drivers, a new driver gets the devices', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r1'));
    await bench.add('d1');
    await bench.add('d2', {}, 'y');
    await bench.register(bench.driver('r2', { ids: ['y'] }));
    expect(bench.log).to.deep.equal(['probe r1 d1', 'probe r2 d2']);
  });

  describe('DD-02 a refusal by probe lets the next driver try, an error before probe stops', () => {
    for (const refusal of [-19, -6, -5, -517]) {
      it(`probe gives ${String(refusal)}: the next one is asked`, async () => {
        const bench = await CoreMachine.make();
        await bench.register(bench.probing('r1', refusal));
        await bench.register(bench.driver('r2'));
        const dev = await bench.add('d');
        expect(bench.log).to.deep.equal(['probe r1 d', 'probe r2 d']);
        expect(dev.driver?.name).to.equal('r2');
        expect(bench.kernel.deferred.lines()).to.deep.equal([]);
      });
    }

    it('a positive result is no success and stops the walk', async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.probing('r1', 5));
      await bench.register(bench.driver('r2'));
      const dev = await bench.add('d');
      expect(bench.log).to.deep.equal(['probe r1 d']);
      expect(dev.driver).to.equal(null);
    });

    it('an error before probe, as of dma_configure, is structural: no other driver is asked', async () => {
      const bench = await CoreMachine.make({ dmaConfigure: () => -5 });
      await bench.register(bench.driver('r1'));
      await bench.register(bench.driver('r2'));
      const dev = await bench.add('d');
      expect(bench.log).to.deep.equal([]);
      expect(dev.driver).to.equal(null);
      expect(await errorOf(() => dev.attach())).to.include({ code: 'EIO', syscall: 'device_attach', path: 'd' });
    });

    it('a thrown errno is the same as a returned one', async () => {
      const bench = await CoreMachine.make();
      await bench.register(
        bench.probing('r1', () => {
          throw new ErrnoError('ENODEV');
        }),
      );
      await bench.register(
        bench.probing('r2', async () => {
          await bench.world.sleep(1);
          throw new ErrnoError('EIO');
        }),
      );
      await bench.register(bench.driver('r3'));
      const dev = await bench.add('d');
      expect(dev.driver?.name).to.equal('r3');
      expect(bench.world.oopses).to.deep.equal([]);
    });
  });

  it('DD-03 the order of a bind: links before probe, list, notification and event after it', async () => {
    const bench: CoreMachine = await CoreMachine.make({ dmaConfigure: () => bench.note('dma_configure') });
    bench.listen();
    let inProbe: unknown[] = [];
    await bench.register(
      bench.probing('r', (dev) => {
        inProbe = [
          dev.driver?.name,
          dev.isBound,
          bench.ls('devices/d').includes('driver'),
          bench.ls('bus/b/drivers/r').includes('d'),
        ];
      }),
    );
    const dev = bench.device('d');
    await bench.write('bus/b/drivers_autoprobe', '0');
    await dev.add();
    bench.taken();
    await dev.attach();
    expect(inProbe).to.deep.equal(['r', false, true, true]);
    expect(bench.log).to.deep.equal([
      'dma_configure',
      'notify bind-driver d r',
      'probe r d',
      'notify bound-driver d r',
      'uevent bind /devices/d',
    ]);
    expect(dev.isBound).to.equal(true);
  });

  it('DD-04 the order of a failure: links, notification, DMA, managed resources newest first; no event', async () => {
    const bench: CoreMachine = await CoreMachine.make({
      dmaConfigure: () => 0,
      dmaCleanup: (dev) => bench.note(`dma_cleanup ${dev.driver?.name ?? ''}`),
    });
    bench.listen();
    const dev = await bench.add('d');
    bench.taken();
    await bench.register(
      bench.probing('r', (device) => {
        for (const name of ['one', 'two'])
          device.devm.addAction(() =>
            bench.note(`${name} ${device.driver?.name ?? ''} ${String(bench.ls('devices/d').includes('driver'))}`),
          );
        return -5;
      }),
    );
    expect(bench.taken().slice(0, -1)).to.deep.equal([
      'notify bind-driver d r',
      'probe r d',
      'notify driver-not-bound d r',
      'dma_cleanup r',
      'two r false',
      'one r false',
    ]);
    expect(dev.driver).to.equal(null);
  });

  it('DD-04 a failed dma_configure: no notification at all', async () => {
    const bench = (await CoreMachine.make({ dmaConfigure: () => -5 })).listen();
    await bench.register(bench.driver('r'));
    bench.taken();
    await bench.add('d');
    expect(bench.log).to.deep.equal(['notify add-device d -', 'uevent add /devices/d']);
  });

  it('DD-04 a link that cannot be made: told as not bound, probe is not called', async () => {
    const bench = (await CoreMachine.make()).listen();
    await bench.register(bench.driver('r'));
    bench.taken();
    const dev = await bench.add('d', { groups: [{ attrs: [attrRo('driver', () => '')] }] });
    expect(bench.log).to.deep.equal([
      'notify add-device d -',
      'uevent add /devices/d',
      'notify bind-driver d r',
      'notify driver-not-bound d r',
    ]);
    expect(dev.driver).to.equal(null);
    expect(bench.ls('bus/b/drivers/r')).to.deep.equal(['bind', 'uevent', 'unbind']);
    expect(bench.dmesg('err')).to.deep.equal(['really_probe: driver_sysfs_add(d) failed']);
  });

  it('DD-05 a probe while the device is not ready is put off, but not onto the deferred list', async () => {
    const bench = await CoreMachine.make();
    const results: unknown[] = [];
    bench.kernel.busOf(bench.bus)?.registerNotifier(async (event, dev) => {
      if (event !== 'add-device') return;
      results.push((await errorOf(() => dev.attach())).message.slice(0, 12), bench.kernel.deferred.lines());
    });
    await bench.register(bench.driver('r'));
    const dev = await bench.add('d');
    expect(results).to.deep.equal(['EPROBE_DEFER', []]);
    expect(dev.isBound).to.equal(true);
    expect(bench.log).to.deep.equal(['probe r d']);
  });

  it('DD-06 the first match wins; a driver that comes later gets EBUSY', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r1'));
    const second = await bench.register(bench.driver('r2'));
    const dev = await bench.add('d');
    expect(dev.driver?.name).to.equal('r1');
    expect(await errorOf(() => dev.driverAttach(second))).to.include({
      code: 'EBUSY',
      syscall: 'device_driver_attach',
    });
    expect(bench.log).to.deep.equal(['probe r1 d']);
  });

  it('DD-07 ENODEV, ENXIO and a deferral are debug messages, other errors warnings', async () => {
    const levels: Record<string, [string, string][]> = {};
    for (const result of [-19, -6, -517, -5]) {
      const bench = await CoreMachine.make({}, { kernel: { debug: true } });
      await bench.register(bench.probing('r', result));
      await bench.add('d');
      levels[String(result)] = bench.kernel.log.entries
        .filter(({ text }) => /probe/.test(text))
        .map(({ level, text }) => [level, text]);
    }
    expect(levels).to.deep.equal({
      '-19': [['debug', 'r: probe of d rejects match -19']],
      '-6': [['debug', 'r: probe of d rejects match -6']],
      '-517': [['debug', 'r d: Driver r requests probe deferral']],
      '-5': [['warn', 'r: probe of d failed with error -5']],
    });
  });

  it('DD-08 the order of an unbind', async () => {
    const bench: CoreMachine = await CoreMachine.make({ dmaCleanup: () => bench.note('dma_cleanup') });
    bench.listen();
    let inRemove: unknown[] = [];
    await bench.register(
      bench.driver('r', {
        probe: (dev) => {
          dev.drvdata = 'mine';
          dev.devm.addAction(() => bench.note('devm'));
        },
        remove: (dev) => {
          inRemove = [
            dev.driver?.name,
            dev.drvdata,
            bench.ls('devices/d').includes('driver'),
            bench.ls('bus/b/drivers/r').includes('d'),
          ];
          bench.note('remove');
        },
      }),
    );
    const dev = await bench.add('d');
    bench.taken();
    await dev.releaseDriver();
    expect(inRemove).to.deep.equal(['r', 'mine', false, false]);
    expect(bench.log).to.deep.equal([
      'notify unbind-driver d r',
      'remove',
      'dma_cleanup',
      'devm',
      'notify unbound-driver d -',
      'uevent unbind /devices/d',
    ]);
    expect(dev.driver).to.equal(null);
    expect(dev.drvdata).to.equal(null);
    expect(dev.isBound).to.equal(false);
  });

  it('DD-09 unbinding a supplier first unbinds its active consumers', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    const supplier = await bench.add('s');
    const consumer = bench.device('c');
    await bench.write('bus/b/drivers_autoprobe', '0');
    await consumer.add();
    await consumer.linkTo(supplier);
    await consumer.attach();
    bench.taken();
    await supplier.releaseDriver();
    expect(bench.log).to.deep.equal(['remove r c', 'remove r s']);
    expect(consumer.driver).to.equal(null);
    expect(consumer.isRegistered).to.equal(true);
  });

  describe('DD-10 the device lock', () => {
    it('is held by probe and remove: others wait', async () => {
      const bench = await CoreMachine.make();
      await bench.register(
        bench.driver('r', {
          probe: async (dev) => {
            await bench.world.sleep(10);
            bench.note(`probe ${dev.name ?? ''}`);
          },
        }),
      );
      const adding = bench.add('d');
      const dev = bench.kernel.busOf(bench.bus)?.findDevice('d') as TestDevice;
      await dev.setDriverOverride('x');
      bench.note('override');
      await adding;
      expect(bench.log).to.deep.equal(['probe d', 'override']);
    });

    it("releasing the driver in the same device's remove is a deadlock, told at once", async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.driver('r', { remove: (dev) => dev.releaseDriver() }));
      const dev = await bench.add('d');
      expect((await errorOf(() => dev.releaseDriver())).message).to.match(
        /^deadlock: task '.*' already holds device_lock\(d\)$/,
      );
    });
  });

  it('DD-11 after a failure the device is as before', async () => {
    const bench = await CoreMachine.make();
    await bench.register(
      bench.probing('r', (dev) => {
        dev.drvdata = {};
        dev.devm.addAction(() => undefined);
        return -5;
      }),
    );
    const dev = await bench.add('d');
    expect(dev.driver).to.equal(null);
    expect(dev.drvdata).to.equal(null);
    expect(dev.devm.isEmpty).to.equal(true);
    expect(bench.ls('devices/d')).to.deep.equal(['subsystem', 'uevent']);
  });

  it('DD-12 a driver that is preset binds without a call of probe', async () => {
    const bench = await CoreMachine.make();
    await bench.write('bus/b/drivers_autoprobe', '0');
    const drv = await bench.register(bench.driver('r', { ids: [] }));
    const dev = await bench.add('d');
    await dev.bindDriver(drv);
    expect(dev.isBound).to.equal(true);
    expect(bench.log).to.deep.equal([]);
    expect([...drv.devices()]).to.deep.equal([dev]);
  });

  it('DD-13 resources before the probe: EBUSY and a critical line', async () => {
    const bench = await CoreMachine.make();
    const dev = await bench.add('d');
    dev.devm.addAction(() => undefined);
    const drv = await bench.register(bench.driver('r'));
    expect(bench.log).to.deep.equal([]);
    expect(await errorOf(() => dev.driverAttach(drv))).to.include({ code: 'EBUSY' });
    expect(bench.dmesg('crit').at(-1)).to.equal('b d: Resources present before probing');
  });

  describe('DD-10 an oops in probe', () => {
    const error = new Error('null pointer');

    it('ends the task with the lock held: the caller gets the thrown value, the next one hangs', async () => {
      const bench = await CoreMachine.make();
      await bench.register(
        bench.probing('r', () => {
          throw error;
        }),
      );
      const dev = bench.device('d');
      expect(await errorOf(() => dev.add())).to.equal(error);
      expect(bench.world.oopses).to.deep.equal([
        { error, where: 'call_driver_probe: driver r, device d', task: 'device_add(d)', time: 0 },
      ]);
      expect(dev.driver?.name).to.equal('r');
      expect(dev.isBound).to.equal(false);
      expect(dev.isLocked).to.equal(true);
      const hung = await errorOf(() => dev.releaseDriver());
      expect(hung).to.be.instanceOf(HungTask);
      expect(hung.message).to.match(/device_lock\(d\), held by task 'device_add\(d\)'/);
      expect(await errorOf(() => bench.kernel.waitForDeviceProbe())).to.be.instanceOf(HungTask);
    });

    it('is the same when probe has slept', async () => {
      const bench = await CoreMachine.make();
      await bench.register(
        bench.probing('r', async () => {
          await bench.world.sleep(5);
          throw error;
        }),
      );
      expect(await errorOf(() => bench.add('d'))).to.equal(error);
      expect(bench.world.oopses.map(({ where, time }) => [where, time])).to.deep.equal([
        ['call_driver_probe: driver r, device d', 5],
      ]);
    });

    it('lets a foreign lock be held too', async () => {
      const bench = await CoreMachine.make();
      const mutex = new Mutex();
      await bench.register(
        bench.probing('r', async () => {
          await mutex.lock(bench.world, 'm');
          throw error;
        }),
      );
      await errorOf(() => bench.add('d'));
      expect(mutex.isLocked).to.equal(true);
    });

    it("is EFAULT and an ordinary unwind in a world with oops: 'error'", async () => {
      const bench = await CoreMachine.make({}, { world: { oops: 'error' } });
      await bench.register(
        bench.probing('r', () => {
          throw error;
        }),
      );
      const dev = await bench.add('d');
      expect(dev.driver).to.equal(null);
      expect(dev.isLocked).to.equal(false);
      expect(bench.dmesg('warn')).to.deep.equal(['r: probe of d failed with error -14']);
      expect(bench.world.oopses.length).to.equal(1);
    });
  });

  it('DD-17 wait_for_device_probe waits for probes and their deferred successors', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r', { probe: () => bench.world.sleep(50) }));
    bench.world.spawn(() => bench.add('d'));
    await bench.world.settle();
    await bench.kernel.waitForDeviceProbe();
    expect(bench.world.now).to.equal(50);
  });

  it('sync_state is called once, after the bind, and told by a file', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r', { syncState: (dev) => bench.note(`sync ${dev.name ?? ''}`) }));
    const dev = await bench.add('d');
    expect(await bench.read('devices/d/state_synced')).to.equal('1\n');
    await dev.reprobe();
    expect(bench.log).to.deep.equal(['probe r d', 'sync d', 'remove r d', 'probe r d']);
    await dev.releaseDriver();
    expect(bench.ls('devices/d')).to.not.include('state_synced');
  });
});
