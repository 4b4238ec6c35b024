import { expect } from 'chai';
import { CoreMachine, type TestDriver } from './support';

/** A kernel with CONFIG_DEBUG_TEST_DRIVER_REMOVE. */
const configured = (): Promise<CoreMachine> => CoreMachine.make({}, { kernel: { testDriverRemove: true } });

/** A driver whose probes give these results, one after the other. */
function probing(bench: CoreMachine, results: readonly number[], extra: Partial<TestDriver> = {}): TestDriver {
  let call = 0;
  return bench.probing('r', () => results[call++] ?? 0, extra);
}

describe('CONFIG_DEBUG_TEST_DRIVER_REMOVE (DD-14)', () => {
  it('is off in a kernel that says nothing of it', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    await bench.add('d');
    expect(bench.log).to.deep.equal(['probe r d']);
  });

  it('makes of each bind a probe, a remove and a probe, with one bind event', async () => {
    const bench = (await configured()).listen();
    await bench.register(bench.driver('r'));
    await bench.add('d');
    expect(bench.log.filter((line) => !line.includes('/bus/'))).to.deep.equal([
      'notify add-device d -',
      'uevent add /devices/d',
      'notify bind-driver d r',
      'probe r d',
      'remove r d',
      'notify bind-driver d r',
      'probe r d',
      'notify bound-driver d r',
      'uevent bind /devices/d',
    ]);
    expect(bench.ls('devices/d')).to.contain('driver');
    expect(bench.ls('bus/b/drivers/r')).to.contain('d');
  });

  it('releases what the first probe took, and its driver data', async () => {
    const bench = await configured();
    const seen: unknown[] = [];
    await bench.register(
      bench.probing('r', (dev) => {
        seen.push(dev.drvdata);
        dev.drvdata = 'mine';
        dev.devm.addAction(() => bench.note('released'), 'test');
      }),
    );
    const dev = await bench.add('d');
    expect(bench.log).to.deep.equal(['probe r d', 'remove r d', 'released', 'probe r d']);
    expect(seen).to.deep.equal([null, null]);
    expect(dev.drvdata).to.equal('mine');
  });

  it('does it again for each bind, by hand too', async () => {
    const bench = await configured();
    await bench.register(bench.driver('r'));
    await bench.add('d');
    await bench.write('bus/b/drivers/r/unbind', 'd');
    await bench.write('bus/b/drivers/r/bind', 'd');
    expect(bench.log).to.deep.equal([
      'probe r d',
      'remove r d',
      'probe r d',
      'remove r d',
      'probe r d',
      'remove r d',
      'probe r d',
    ]);
  });

  it('leaves out drivers without bind and unbind files', async () => {
    const bench = await configured();
    await bench.register(bench.driver('r', { suppressBindAttrs: true }));
    await bench.add('d');
    expect(bench.log).to.deep.equal(['probe r d']);
  });

  it('does not remove what refused the first time', async () => {
    const bench = await configured();
    await bench.register(probing(bench, [-5]));
    const dev = await bench.add('d');
    expect(bench.log).to.deep.equal(['probe r d']);
    expect(dev.driver).to.equal(null);
  });

  it('leaves the device as it was when the second probe refuses', async () => {
    const bench = await configured();
    await bench.register(probing(bench, [0, -5]));
    const dev = await bench.add('d');
    expect(bench.log).to.deep.equal(['probe r d', 'remove r d', 'probe r d']);
    expect(dev.driver).to.equal(null);
    expect(dev.drvdata).to.equal(null);
    expect(bench.ls('devices/d')).not.to.contain('driver');
    expect(bench.ls('bus/b/drivers/r')).not.to.contain('d');
  });
});
