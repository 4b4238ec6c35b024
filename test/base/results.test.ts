import { expect } from 'chai';
import { errno } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine } from './support';

/** What a program may give where a result is expected, and is none. */
const NO_RESULTS: readonly [string, unknown][] = [
  ['NaN', NaN],
  ['1.5', 1.5],
  ['Infinity', -Infinity],
  ['the number of an unknown name', -(errno as Record<string, number>)['ENOSUCH']!],
  ['a name instead of a number', 'ENODEV'],
];

describe('a result that is no number', () => {
  for (const [what, given] of NO_RESULTS) {
    const number = given as number;

    for (const [how, give] of [
      ['returned', () => number],
      ['returned late', async () => number],
    ] as const) {
      it(`regression: ${what}, ${how} by probe, is an oops that names the driver, the device and the number`, async () => {
        const bench = await CoreMachine.make();
        const dev = await bench.add('d');
        const error = await errorOf(() => bench.register(bench.driver('r', { probe: give })));
        expect(error).to.be.instanceOf(RangeError);
        expect(error.message).to.contain(`${String(given)} is no result of a callback`);
        expect(bench.world.oopses.map(({ where }) => where)).to.deep.equal(['call_driver_probe: driver r, device d']);
        expect(dev.isBound).to.equal(false);
      });
    }

    it(`${what} is an error where an oops is one`, async () => {
      const bench = await CoreMachine.make({}, { world: { oops: 'error' } });
      const dev = await bench.add('d');
      await bench.register(bench.driver('r', { probe: async () => number }));
      expect(dev.isBound).to.equal(false);
      await bench.register(bench.driver('next'));
      expect(dev.driver?.name).to.equal('next');
    });
  }

  it('is an oops from a callback of a bus as well', async () => {
    for (const give of [() => NaN, async () => NaN]) {
      const bench = await CoreMachine.make({ dmaConfigure: give });
      await bench.add('d');
      await errorOf(() => bench.register(bench.driver('r')));
      expect(bench.world.oopses.map(({ where }) => where)).to.deep.equal(['dma_configure: bus b, device d']);
    }
  });

  it('is an oops from show and store', async () => {
    const bench = await CoreMachine.make();
    const file = { name: 'f', mode: 0o644, show: () => NaN, store: () => 0.5 };
    await bench.add('d', { groups: [{ attrs: [file] }] });
    const path = '/sys/devices/d/f';
    expect((await errorOf(() => bench.kernel.fs.readFile(path))).message).to.match(/^NaN is no result/);
    expect((await errorOf(() => bench.kernel.fs.writeFile(path, 'x'))).message).to.match(/^0\.5 is no result/);
    expect(bench.world.oopses.map(({ where }) => where)).to.deep.equal([path, path]);
  });

  it('does not matter where there is no result', async () => {
    const bench = await CoreMachine.make();
    const dev = await bench.add('d');
    const drv = await bench.kernel.registerDriver(
      bench.driver('r', { remove: () => NaN as never, shutdown: () => 1.5 as never }),
    );
    expect(dev.isBound).to.equal(true);
    await bench.kernel.shutdownDevices();
    await drv.unregister();
    expect(bench.world.oopses).to.deep.equal([]);
    expect(dev.isBound).to.equal(false);
  });
});
