import { expect } from 'chai';
import { attrRo, Completion, errno, HungTask } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine } from './support';

const ASYNC = { probeType: 'prefer-asynchronous' } as const;

describe('asynchronous probes', () => {
  it('regression: run beside each other, and start in the order of the devices', async () => {
    const bench = await CoreMachine.make();
    for (const name of ['d1', 'd2', 'd3']) await bench.add(name);
    const slow = bench.probing(
      'r',
      async (dev) => {
        await bench.world.sleep(dev.name === 'd1' ? 300 : 100);
        bench.note(`done ${dev.name ?? ''}`);
      },
      ASYNC,
    );
    await bench.register(slow);
    await bench.kernel.waitForDeviceProbe();
    expect(bench.log).to.deep.equal(['probe r d1', 'probe r d2', 'probe r d3', 'done d2', 'done d3', 'done d1']);
  });

  it('end in another order with another schedule', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      const bench = await CoreMachine.make({}, { world: { seed } });
      for (const name of ['d1', 'd2', 'd3']) await bench.add(name);
      await bench.register(bench.driver('r', ASYNC));
      await bench.kernel.waitForDeviceProbe();
      expect(bench.log).to.have.members(['probe r d1', 'probe r d2', 'probe r d3']);
      orders.add(bench.log.join());
    }
    expect(orders.size).to.be.greaterThan(1);
  });

  it(
    'regression: a driver whose own files are refused takes back what it bound before a ' +
      'deferred device is tried again',
    async () => {
      const taken = [{ attrs: [attrRo('own', () => '')] }];
      const bench = await CoreMachine.make({ drvGroups: taken });
      await bench.register(bench.probing('waits', -errno.EPROBE_DEFER, { ids: ['y'] }));
      await bench.add('e', {}, 'y');
      await bench.add('d');
      bench.taken();
      const error = await errorOf(() => bench.register(bench.driver('r', { ...ASYNC, groups: taken })));
      expect(error).to.include({ code: 'EEXIST' });
      expect(bench.taken()).to.deep.equal(['probe r d', 'remove r d']);
      await bench.world.settle();
      expect(bench.taken()).to.deep.equal(['probe waits e']);
    },
  );

  it('who waits for a probe that never ends is told', async () => {
    const bench = await CoreMachine.make();
    await bench.add('d');
    await bench.register(bench.probing('r', () => new Completion().wait(bench.world, 'doom'), ASYNC));
    const error = await errorOf(() => bench.kernel.waitForDeviceProbe());
    expect(error).to.be.instanceOf(HungTask);
  });
});
