import { expect } from 'chai';
import { devErrProbe, errnoText, setDeferredProbeReason, why } from '../../lib';
import { EIO, ENOMEM, ENXIO, EPROBE_DEFER } from '../../lib/errno';
import { CoreMachine } from './support';

const messages = (bench: CoreMachine): string[] =>
  bench.kernel.log.entries.map(({ level, text }) => `${level} ${text}`);

async function probing(error: number, text: string, options: { readonly debug?: boolean } = {}) {
  const bench = await CoreMachine.make({}, { kernel: options });
  await bench.register({ ...bench.driver('user'), probe: (dev) => devErrProbe(dev, error, text) });
  return { bench, dev: await bench.add('d') };
}

describe('dev_err_probe', () => {
  it('regression: a deferral keeps its reason, with the name of the driver, and is not in the log', async () => {
    const { bench } = await probing(-EPROBE_DEFER, 'no clock yet');
    expect(bench.kernel.deferred.lines()).to.deep.equal(['d\tuser: no clock yet']);
    expect(messages(bench)).to.deep.equal([]);
  });

  it('a deferral is in the log of a kernel that keeps debug messages', async () => {
    const { bench } = await probing(-EPROBE_DEFER, 'no clock yet', { debug: true });
    expect(messages(bench)).to.include('debug user d: error -EPROBE_DEFER: no clock yet');
  });

  it('the reason is gone when the device is tried again', async () => {
    const bench = await CoreMachine.make();
    let tries = 0;
    await bench.register({
      ...bench.driver('user'),
      probe: (dev) => (tries++ === 0 ? devErrProbe(dev, -EPROBE_DEFER, 'no clock yet') : -EPROBE_DEFER),
    });
    await bench.add('d');
    await bench.kernel.triggerDeferredProbe();
    await bench.world.settle();
    expect(bench.kernel.deferred.lines()).to.deep.equal(['d\t']);
  });

  it('regression: any other error is told with its name, and is what probe gives', async () => {
    const { bench, dev } = await probing(-EIO, 'no answer');
    expect(messages(bench)).to.deep.equal([
      'err user d: error -EIO: no answer',
      'warn user: probe of d failed with error -5',
    ]);
    expect(dev.driver).to.equal(null);
  });

  it('of ENOMEM nothing is told', async () => {
    const { bench } = await probing(-ENOMEM, 'no room');
    expect(messages(bench)).to.deep.equal(['warn user: probe of d failed with error -12']);
  });

  it('`why` tells the reason', async () => {
    const { bench, dev } = await probing(-EPROBE_DEFER, 'no clock yet');
    const [drv] = bench.kernel.busOf(bench.bus)?.drivers() ?? [];
    if (drv === undefined) throw new Error('no driver');
    expect(JSON.stringify(why(dev, drv))).to.include('user: no clock yet');
  });

  it('a reason can be set alone', async () => {
    const { bench, dev } = await probing(-EPROBE_DEFER, 'no clock yet');
    setDeferredProbeReason(dev, 'no regulator either');
    expect(bench.kernel.deferred.lines()).to.deep.equal(['d\tb: no regulator either']);
  });

  it('a supplier that is not ready is told in the same way', async () => {
    const bench = await CoreMachine.make({}, { kernel: { debug: true } });
    const [con, sup] = [await bench.add('con'), await bench.add('sup', {}, 'none')];
    await con.linkTo(sup);
    await bench.register(bench.driver('user', { ids: ['x'] }));
    expect(messages(bench)).to.include('debug b con: error -EPROBE_DEFER: supplier sup not ready');
  });
});

describe('errnoText', () => {
  it('is the symbol of a negative number that has one, else the number', () => {
    expect([-ENXIO, -EPROBE_DEFER, -4321, ENXIO, 0].map(errnoText)).to.deep.equal([
      '-ENXIO',
      '-EPROBE_DEFER',
      '-4321',
      '6',
      '0',
    ]);
  });
});
