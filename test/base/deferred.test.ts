import { expect } from 'chai';
import { Device } from '../../lib';
import { CoreMachine, type TestDevice } from './support';

const EPROBE_DEFER = -517;

/** A bench with a driver `con` whose probe waits for a device `sup` to be bound. */
async function waiting(): Promise<CoreMachine> {
  const bench = await CoreMachine.make();
  await bench.register(
    bench.probing('con', () => (bench.kernel.busOf(bench.bus)?.findDevice('sup')?.isBound === true ? 0 : EPROBE_DEFER)),
  );
  return bench;
}

describe('deferred probe', () => {
  it('DP-01 pending devices are tried again in order, by one work item, after the operation', async () => {
    const bench = await waiting();
    for (const name of ['c2', 'c1', 'c3']) await bench.add(name);
    expect(bench.kernel.deferred.lines()).to.deep.equal(['c2\t', 'c1\t', 'c3\t']);
    bench.taken();
    await bench.register(bench.driver('sup', { ids: ['s'] }));
    expect(bench.device('sup', {}, 's').add()).to.equal(undefined);
    expect(bench.taken()).to.deep.equal(['probe sup sup']);
    await bench.world.settle();
    expect(bench.taken()).to.deep.equal(['probe con c2', 'probe con c1', 'probe con c3']);
    expect(bench.kernel.deferred.lines()).to.deep.equal([]);
  });

  describe('DP-02 any successful bind triggers', () => {
    it('a bind of an unrelated device', async () => {
      const bench = await waiting();
      await bench.add('c');
      await bench.register(bench.driver('other', { ids: ['o'] }));
      bench.taken();
      await bench.add('o', {}, 'o');
      await bench.world.settle();
      expect(bench.taken()).to.deep.equal(['probe other o', 'probe con c']);
      expect(bench.kernel.deferred.lines()).to.deep.equal(['c\t']);
    });

    it('a bind by hand, and one without probe', async () => {
      const bench = await waiting();
      await bench.add('c');
      await bench.write('bus/b/drivers_autoprobe', '0');
      const other = await bench.register(bench.driver('other', { ids: ['o'] }));
      const [one, two] = [await bench.add('o1', {}, 'o'), await bench.add('o2', {}, 'o')];
      await bench.write('bus/b/drivers_autoprobe', '1');
      bench.taken();
      await one.driverAttach(other);
      await bench.world.settle();
      await two.bindDriver(other);
      await bench.world.settle();
      expect(bench.taken()).to.deep.equal(['probe other o1', 'probe con c', 'probe con c']);
    });
  });

  it('DP-03 nothing else triggers: no failed probe, no unbind, no new device, no time', async () => {
    const bench = await waiting();
    await bench.add('c');
    await bench.register(bench.probing('bad', -5, { ids: ['o'] }));
    const bound = await bench.register(bench.driver('ok', { ids: ['k'] }));
    const dev = await bench.add('k', {}, 'k');
    await bench.world.settle();
    bench.taken();
    await bench.add('o', {}, 'o');
    await dev.releaseDriver();
    await bound.unregister();
    await bench.add('nobody', {}, 'n');
    await bench.world.advance(3600e9);
    expect(bench.taken()).to.deep.equal(['probe bad o', 'remove ok k']);
  });

  it('DP-04 while the machine boots triggers are ignored; late_initcall runs two rounds', async () => {
    const bench = await CoreMachine.make({}, { kernel: { booting: true } });
    let chain = 2;
    await bench.register(bench.probing('con', () => (chain-- > 0 ? EPROBE_DEFER : 0)));
    await bench.add('c');
    await bench.register(bench.driver('other', { ids: ['o'] }));
    await bench.add('o', {}, 'o');
    await bench.world.settle();
    expect(bench.taken()).to.deep.equal(['probe con c', 'probe other o']);
    await bench.kernel.lateInitcall();
    expect(bench.taken()).to.deep.equal(['probe con c', 'probe con c']);
    expect(bench.kernel.deferred.lines()).to.deep.equal([]);
  });

  it('DP-05 only devices that a driver matched are kept', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.probing('r', EPROBE_DEFER));
    await bench.add('d');
    await bench.add('other', {}, 'y');
    expect(bench.kernel.deferred.lines()).to.deep.equal(['d\t']);
  });

  it('DP-06 a trigger during the probe causes another one', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('other', { ids: ['o'] }));
    let first = true;
    await bench.register(
      bench.probing('con', async () => {
        if (!first) return 0;
        first = false;
        await bench.add('o', {}, 'o');
        return EPROBE_DEFER;
      }),
    );
    const dev = await bench.add('c');
    await bench.world.settle();
    expect(bench.log).to.deep.equal(['probe con c', 'probe other o', 'probe con c']);
    expect(dev.isBound).to.equal(true);
  });

  describe('DP-07 a retry runs the whole walk over the drivers', () => {
    it('so another driver may take the device', async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.probing('picky', EPROBE_DEFER));
      const dev = await bench.add('d');
      await bench.write('bus/b/drivers_autoprobe', '0');
      await bench.register(bench.driver('eager'));
      await bench.write('bus/b/drivers_autoprobe', '1');
      bench.taken();
      await bench.kernel.triggerDeferredProbe();
      await bench.world.settle();
      expect(bench.taken()).to.deep.equal(['probe picky d', 'probe eager d']);
      expect(dev.driver?.name).to.equal('eager');
      expect(bench.kernel.deferred.lines()).to.deep.equal([]);
    });

    it('and respects drivers_autoprobe: then the device is forgotten', async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.probing('r', EPROBE_DEFER));
      await bench.add('d');
      await bench.write('bus/b/drivers_autoprobe', '0');
      bench.taken();
      await bench.kernel.triggerDeferredProbe();
      await bench.world.settle();
      expect(bench.taken()).to.deep.equal([]);
      expect(bench.kernel.deferred.lines()).to.deep.equal([]);
    });

    it("and tells the bus's interfaces again", async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.probing('r', EPROBE_DEFER));
      await bench.kernel
        .busOf(bench.bus)
        ?.registerInterface({ name: 'i', addDev: (dev) => bench.note(`add ${dev.name ?? ''}`) });
      await bench.add('d');
      await bench.kernel.triggerDeferredProbe();
      await bench.world.settle();
      expect(bench.log).to.deep.equal(['probe r d', 'add d', 'probe r d', 'add d']);
    });
  });

  it('DP-08 before the retry the device and all below it go to the end of both orders', async () => {
    const bench = await waiting();
    const late = await bench.add('late');
    const child = new Device(bench.kernel, { name: 'child', parent: late, release: () => undefined });
    await child.add();
    await bench.register(bench.driver('sup', { ids: ['s'] }));
    const sup = bench.device('sup', {}, 's');
    expect(sup.add()).to.equal(undefined);
    const names = (list: { [Symbol.iterator](): Iterator<{ name: string | null }> }): (string | null)[] =>
      [...list].map(({ name }) => name);
    expect(names(bench.kernel.dpm)).to.deep.equal(['late', 'child', 'sup']);
    await bench.world.settle();
    expect(names(bench.kernel.dpm)).to.deep.equal(['sup', 'late', 'child']);
    expect(names(bench.kernel.devicesKset.list)).to.deep.equal(['sup', 'late', 'child']);
    expect(sup.isBound).to.equal(true);
    expect(late.isBound).to.equal(true);
  });

  it('DP-01 a device leaves the list when it is bound or deleted', async () => {
    const bench = await waiting();
    const [one, two] = [await bench.add('c1'), await bench.add('c2')];
    await one.del();
    expect(bench.kernel.deferred.lines()).to.deep.equal(['c2\t']);
    const other = await bench.register(bench.driver('other', { ids: [] }));
    await two.driverAttach(other);
    expect(bench.kernel.deferred.lines()).to.deep.equal([]);
  });

  it('DP-13 blocked probing defers everything, and waits for what runs', async () => {
    const bench = await CoreMachine.make();
    await bench.register(
      bench.driver('r', {
        probe: async (dev) => {
          await bench.world.sleep(10);
          bench.note(`probe ${dev.name ?? ''}`);
        },
      }),
    );
    const adding = bench.add('d1');
    await bench.kernel.blockProbing();
    expect(bench.log).to.deep.equal(['probe d1']);
    await adding;
    const dev: TestDevice = await bench.add('d2');
    expect(bench.log).to.deep.equal(['probe d1']);
    expect(bench.kernel.deferred.lines()).to.deep.equal(['d2\t']);
    await bench.kernel.unblockProbing();
    await bench.kernel.waitForDeviceProbe();
    expect(dev.isBound).to.equal(true);
  });
});
