import { expect } from 'chai';
import { attrRo, type Bus, type BusNotifyEvent } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine, type TestBus } from './support';

describe('bus', () => {
  describe('BU-01 register', () => {
    it('makes the directory, sends add before any file is there, then makes the files', async () => {
      const bench = new CoreMachine({ busGroups: [{ attrs: [attrRo<Bus>('own', () => '')] }] });
      const atAdd: string[][] = [];
      bench.kernel.uevents.subscribe(() => atAdd.push(bench.ls('bus/b')));
      await bench.kernel.registerBus(bench.bus);
      expect(atAdd).to.deep.equal([[]]);
      expect(bench.ls('bus/b')).to.deep.equal([
        'devices',
        'drivers',
        'drivers_autoprobe',
        'drivers_probe',
        'own',
        'uevent',
      ]);
      expect(bench.kernel.busOf(bench.bus)).to.not.equal(null);
    });

    it('sends one event only: those of devices/ and drivers/ are filtered', async () => {
      const bench = new CoreMachine();
      const env: (readonly string[])[] = [];
      bench.kernel.uevents.subscribe((event) => env.push(event.env.slice(0, -1)));
      await bench.kernel.registerBus(bench.bus);
      expect(env).to.deep.equal([['ACTION=add', 'DEVPATH=/bus/b', 'SUBSYSTEM=bus']]);
    });

    it('a name that is taken is EEXIST; nothing is left', async () => {
      const bench = await CoreMachine.make();
      const second = new CoreMachine().bus;
      expect(await errorOf(() => bench.kernel.registerBus(second))).to.include({
        code: 'EEXIST',
        syscall: 'bus_register',
        path: 'b',
      });
      expect(bench.kernel.busOf(second)).to.equal(null);
      expect(bench.ls('bus')).to.deep.equal(['b']);
    });

    it('a file that is refused takes everything back, with a remove event', async () => {
      const bench = new CoreMachine({ busGroups: [{ attrs: [attrRo<Bus>('uevent', () => '')] }] });
      bench.kernel.uevents.subscribe(({ action, devpath }) => bench.note(`${action} ${devpath}`));
      expect(await errorOf(() => bench.kernel.registerBus(bench.bus))).to.include({ code: 'EEXIST' });
      expect(bench.ls('bus')).to.deep.equal([]);
      expect(bench.log).to.deep.equal(['add /bus/b', 'remove /bus/b']);
    });

    it('unregister removes all of it and sends remove', async () => {
      const bench = await CoreMachine.make();
      bench.kernel.uevents.subscribe(({ action, devpath }) => bench.note(`${action} ${devpath}`));
      await bench.kernel.busOf(bench.bus)?.unregister();
      expect(bench.log).to.deep.equal(['remove /bus/b']);
      expect(bench.ls('bus')).to.deep.equal([]);
      expect(bench.kernel.busOf(bench.bus)).to.equal(null);
    });
  });

  it('BU-02 devices and drivers are kept and asked in the order of registration', async () => {
    const bench = await CoreMachine.make();
    for (const name of ['z', 'a', 'm']) await bench.register(bench.probing(name, -19));
    await bench.add('d2');
    await bench.add('d1');
    expect(bench.log).to.deep.equal([
      'probe z d2',
      'probe a d2',
      'probe m d2',
      'probe z d1',
      'probe a d1',
      'probe m d1',
    ]);
    const bus = bench.kernel.busOf(bench.bus);
    expect([...(bus?.devices() ?? [])].map((dev) => dev.name)).to.deep.equal(['d2', 'd1']);
    expect([...(bus?.drivers() ?? [])].map((drv) => drv.name)).to.deep.equal(['z', 'a', 'm']);
  });

  describe('BU-03 drivers_autoprobe', () => {
    it('a text that begins with 0 turns both kinds of probing off, any other on', async () => {
      const bench = await CoreMachine.make();
      expect(await bench.read('bus/b/drivers_autoprobe')).to.equal('1\n');
      for (const [text, shown] of [
        ['0', '0\n'],
        ['yes', '1\n'],
        ['0x1', '0\n'],
        ['\n', '1\n'],
        ['00\n', '0\n'],
      ] as const) {
        await bench.write('bus/b/drivers_autoprobe', text);
        expect(await bench.read('bus/b/drivers_autoprobe')).to.equal(shown);
      }
      await bench.add('early');
      await bench.register(bench.driver('r'));
      await bench.add('late');
      expect(bench.log).to.deep.equal([]);
      await bench.write('bus/b/drivers_autoprobe', '1');
      expect(bench.log).to.deep.equal([]);
      await bench.add('now');
      expect(bench.log).to.deep.equal(['probe r now']);
    });
  });

  describe('BU-04 drivers_probe', () => {
    it('tries an unbound device of that name', async () => {
      const bench = await CoreMachine.make();
      await bench.write('bus/b/drivers_autoprobe', '0');
      await bench.register(bench.driver('r'));
      const dev = await bench.add('d');
      await bench.write('bus/b/drivers_probe', 'd\n');
      expect(dev.isBound).to.equal(true);
    });

    it('an unknown device is ENODEV; a bound one, or one without a match, is success', async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.driver('r'));
      await bench.add('bound');
      await bench.add('other', {}, 'y');
      expect(await errorOf(() => bench.write('bus/b/drivers_probe', 'none'))).to.include({ code: 'ENODEV' });
      await bench.write('bus/b/drivers_probe', 'bound');
      await bench.write('bus/b/drivers_probe', 'other');
      expect(bench.log).to.deep.equal(['probe r bound']);
    });

    it('any error of the attempt becomes EINVAL; a refusal by probe is success', async () => {
      const bench = await CoreMachine.make({ match: () => -5 });
      await bench.write('bus/b/drivers_autoprobe', '0');
      await bench.register(bench.driver('r'));
      await bench.add('d');
      expect(await errorOf(() => bench.write('bus/b/drivers_probe', 'd'))).to.include({ code: 'EINVAL' });
      const other = await CoreMachine.make();
      await other.write('bus/b/drivers_autoprobe', '0');
      await other.register(other.probing('r', -5));
      await other.add('d');
      await other.write('bus/b/drivers_probe', 'd');
      expect(other.log).to.deep.equal(['probe r d']);
    });
  });

  describe('BU-05 bind', () => {
    async function unbound(result: number): Promise<CoreMachine> {
      const bench = await CoreMachine.make();
      await bench.write('bus/b/drivers_autoprobe', '0');
      await bench.register(bench.probing('r', result));
      await bench.add('d');
      await bench.add('y', {}, 'y');
      return bench;
    }

    it('binds a device that matches; one newline does not count', async () => {
      const bench = await unbound(0);
      await bench.write('bus/b/drivers/r/bind', 'd\n');
      expect(bench.ls('bus/b/drivers/r')).to.include('d');
    });

    it('an unknown device, or one that does not match, is ENODEV', async () => {
      const bench = await unbound(0);
      for (const name of ['none', 'y', 'd\n\n', '']) {
        if (name === '') continue;
        expect(await errorOf(() => bench.write('bus/b/drivers/r/bind', name))).to.include({ code: 'ENODEV' });
      }
      expect(bench.log).to.deep.equal([]);
    });

    it('a device that has a driver is EBUSY', async () => {
      const bench = await unbound(0);
      await bench.write('bus/b/drivers/r/bind', 'd');
      expect(await errorOf(() => bench.write('bus/b/drivers/r/bind', 'd'))).to.include({ code: 'EBUSY' });
    });

    it("probe's own errno is passed on, a deferral is EAGAIN", async () => {
      const failing = await unbound(-12);
      expect(await errorOf(() => failing.write('bus/b/drivers/r/bind', 'd'))).to.include({ code: 'ENOMEM' });
      const deferring = await unbound(-517);
      expect(await errorOf(() => deferring.write('bus/b/drivers/r/bind', 'd'))).to.include({ code: 'EAGAIN' });
    });

    it('a match that is an error counts as a match', async () => {
      const bench = await CoreMachine.make({ match: () => -5 });
      await bench.register(bench.driver('r'));
      const dev = await bench.add('d');
      await bench.write('bus/b/drivers/r/bind', 'd');
      expect(dev.isBound).to.equal(true);
    });

    it('BU-07 what defers by hand is never put on the deferred list', async () => {
      const bench = await unbound(-517);
      await errorOf(() => bench.write('bus/b/drivers/r/bind', 'd'));
      expect(bench.kernel.deferred.lines()).to.deep.equal([]);
    });
  });

  it('BU-06 unbind: only if bound to this very driver, else ENODEV', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    await bench.register(bench.driver('other'));
    const dev = await bench.add('d');
    await bench.add('free', {}, 'y');
    for (const [driver, name] of [
      ['other', 'd'],
      ['r', 'free'],
      ['r', 'none'],
    ] as const) {
      expect(await errorOf(() => bench.write(`bus/b/drivers/${driver}/unbind`, name))).to.include({ code: 'ENODEV' });
    }
    expect(dev.isBound).to.equal(true);
    await bench.write('bus/b/drivers/r/unbind', 'd\n');
    expect(dev.driver).to.equal(null);
    expect(bench.log.at(-1)).to.equal('remove r d');
  });

  describe('BU-08 match', () => {
    it('without a callback every driver matches', async () => {
      const bench = new CoreMachine();
      const rest: TestBus = { name: 'b' };
      await bench.kernel.registerBus(rest);
      await bench.kernel.registerDriver({ ...bench.driver('r', { ids: [] }), bus: rest });
      const dev = bench.device('d', { bus: rest });
      await dev.add();
      expect(dev.isBound).to.equal(true);
    });

    for (const [result, text, tries] of [
      [1, 'a positive number is yes', ['probe r1 d']],
      [true, 'true is yes', ['probe r1 d']],
      [0, 'zero is no, the next driver is asked', ['probe r2 d']],
      [false, 'false is no, the next driver is asked', ['probe r2 d']],
      [-22, 'an error stops the walk of a device', []],
      [-517, 'a deferral stops the walk of a device', []],
    ] as const) {
      it(text, async () => {
        const bench = await CoreMachine.make({ match: (_, drv) => (drv.def.name === 'r1' ? result : 1) });
        await bench.register(bench.driver('r1'));
        await bench.register(bench.driver('r2'));
        await bench.add('d');
        expect(bench.log).to.deep.equal(tries);
        expect(bench.kernel.deferred.lines()).to.deep.equal(result === -517 ? ['d\t'] : []);
      });
    }

    it('a new driver goes on to the next device after an error of match', async () => {
      const bench = await CoreMachine.make({
        match: (dev) => (dev.name === 'bad' ? -22 : dev.name === 'later' ? -517 : 1),
      });
      for (const name of ['bad', 'later', 'good']) await bench.add(name);
      await bench.register(bench.driver('r'));
      expect(bench.log).to.deep.equal(['probe r good']);
      await bench.kernel.world.settle();
      expect(bench.kernel.deferred.lines()).to.deep.equal(['later\t']);
    });
  });

  it("BU-09 the bus's probe and remove are called instead of the driver's", async () => {
    const bench: CoreMachine = await CoreMachine.make({
      probe: (dev) => bench.note(`bus probe ${dev.name ?? ''} ${dev.driver?.def.name ?? ''}`),
      remove: (dev) => bench.note(`bus remove ${dev.name ?? ''}`),
    });
    await bench.register(bench.driver('r'));
    const dev = await bench.add('d');
    await dev.releaseDriver();
    expect(bench.log).to.deep.equal(['bus probe d r', 'bus remove d']);
    expect(bench.dmesg('warn')).to.deep.equal(["Driver 'r' needs updating - please use bus_type methods"]);
  });

  describe('BU-10 notifiers', () => {
    it('see the life of a device in order, with its driver at that moment', async () => {
      const bench = await CoreMachine.make();
      bench.kernel
        .busOf(bench.bus)
        ?.registerNotifier((event, dev) => bench.note(`${event} ${dev.driver?.def.name ?? '-'}`));
      await bench.register(bench.driver('r'));
      const dev = await bench.add('d');
      await dev.unregister();
      expect(bench.log).to.deep.equal([
        'add-device -',
        'bind-driver r',
        'probe r d',
        'bound-driver r',
        'del-device r',
        'unbind-driver r',
        'remove r d',
        'unbound-driver -',
        'removed-device -',
        'release d',
      ]);
    });

    it('are told when a probe failed', async () => {
      const bench = await CoreMachine.make();
      const events: BusNotifyEvent[] = [];
      const stop = bench.kernel.busOf(bench.bus)?.registerNotifier((event) => {
        events.push(event);
      });
      await bench.register(bench.probing('r', -5));
      const dev = await bench.add('d');
      expect(events).to.deep.equal(['add-device', 'bind-driver', 'driver-not-bound']);
      stop?.();
      await dev.del();
      expect(events.length).to.equal(3);
    });

    it('may sleep: the core waits for each', async () => {
      const bench = await CoreMachine.make();
      bench.kernel.busOf(bench.bus)?.registerNotifier(async (event) => {
        await bench.world.sleep(5);
        bench.note(`${event} after ${String(bench.world.now)}`);
      });
      await bench.register(bench.driver('r'));
      await bench.add('d');
      expect(bench.log).to.deep.equal([
        'add-device after 5',
        'bind-driver after 10',
        'probe r d',
        'bound-driver after 15',
      ]);
    });
  });

  it('BU-11 rescan tries the devices that have no driver, reprobe unbinds first', async () => {
    const bench = await CoreMachine.make();
    await bench.write('bus/b/drivers_autoprobe', '0');
    await bench.register(bench.driver('r'));
    const first = await bench.add('d1');
    await first.attach();
    await bench.add('d2');
    bench.taken();
    await bench.kernel.busOf(bench.bus)?.rescan();
    expect(bench.taken()).to.deep.equal(['probe r d2']);
    await first.reprobe();
    expect(bench.taken()).to.deep.equal(['remove r d1', 'probe r d1']);
  });

  it(
    'BU-12 an interface is told of present and later devices, after their probe; of ' + 'their end before the links go',
    async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.driver('r'));
      await bench.add('old');
      const bus = bench.kernel.busOf(bench.bus);
      const sif = {
        name: 'i',
        addDev: (dev: { name: string | null }) => bench.note(`add ${dev.name ?? ''}`),
        removeDev: (dev: { name: string | null; sd: { has(name: string): boolean } | null }) =>
          bench.note(`remove ${dev.name ?? ''} ${String(dev.sd?.has('subsystem'))}`),
      };
      await bus?.registerInterface(sif);
      const late = await bench.add('late');
      await late.del();
      await bus?.unregisterInterface(sif);
      expect(bench.log).to.deep.equal([
        'probe r old',
        'add old',
        'probe r late',
        'add late',
        'remove late true',
        'remove r late',
        'remove old true',
      ]);
    },
  );

  it('BU-13 devices and drivers are found by name', async () => {
    const bench = await CoreMachine.make();
    const drv = await bench.register(bench.driver('r'));
    const dev = await bench.add('d');
    const bus = bench.kernel.busOf(bench.bus);
    expect(bus?.findDevice('d')).to.deep.equal(dev);
    expect(bus?.findDevice('d\n')).to.deep.equal(dev);
    expect(bus?.findDevice('e')).to.equal(null);
    expect(bus?.findDriver('r')).to.deep.equal(drv);
    expect(bus?.findDriver('s')).to.equal(null);
  });

  it('BU-14 a bus can name its devices', async () => {
    const bench = await CoreMachine.make({ devName: 'cpu' });
    const dev = await bench.add('', { id: 3 });
    expect(dev.name).to.equal('cpu3');
    expect(bench.ls('bus/b/devices')).to.deep.equal(['cpu3']);
  });

  it('BU-16 the list of devices can be put in order', async () => {
    const bench = await CoreMachine.make();
    for (const name of ['c', 'a', 'b']) await bench.add(name);
    const bus = bench.kernel.busOf(bench.bus);
    bus?.sortBreadthfirst((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
    expect([...(bus?.devices() ?? [])].map((dev) => dev.name)).to.deep.equal(['a', 'b', 'c']);
  });
});
