import { expect } from 'chai';
import { errno } from '../../lib';
import { CoreMachine, type TestDevice } from './support';

async function setUp(): Promise<{ bench: CoreMachine; dev: TestDevice; add: (...names: string[]) => void }> {
  const bench = await CoreMachine.make();
  const dev = await bench.add('d');
  const add = (...names: string[]): void => {
    for (const name of names) dev.devm.addAction(() => bench.note(name), name, name);
  };
  return { bench, dev, add };
}

describe('devres', () => {
  it('DV-01 all are released in reverse', async () => {
    const { bench, dev, add } = await setUp();
    add('a', 'b', 'c');
    expect(dev.devm.names()).to.deep.equal(['a', 'b', 'c']);
    expect(dev.devm.releaseAll()).to.equal(3);
    expect(bench.log).to.deep.equal(['c', 'b', 'a']);
    expect(dev.devm.isEmpty).to.equal(true);
    expect(dev.devm.releaseAll()).to.equal(0);
  });

  describe('DV-02 when', () => {
    it('a probe fails', async () => {
      const bench = await CoreMachine.make();
      await bench.register(
        bench.probing('r', (dev) => {
          dev.devm.addAction(() => bench.note('devm'));
          return -5;
        }),
      );
      await bench.add('d');
      expect(bench.log).to.deep.equal(['probe r d', 'devm']);
    });

    it('the driver has left', async () => {
      const bench = await CoreMachine.make();
      await bench.register(bench.probing('r', (dev) => dev.devm.addAction(() => bench.note('devm'))));
      const dev = await bench.add('d');
      await dev.releaseDriver();
      expect(bench.log).to.deep.equal(['probe r d', 'remove r d', 'devm']);
    });

    it('the device is deleted', async () => {
      const { bench, dev, add } = await setUp();
      add('a');
      await dev.del();
      expect(bench.log).to.deep.equal(['a']);
    });

    it('the device is released', async () => {
      const { bench, dev, add } = await setUp();
      await dev.del();
      add('a');
      dev.put();
      expect(bench.log).to.deep.equal(['a', 'release d']);
    });
  });

  it('DV-03 is searched from the newest; remove does not call, release does', async () => {
    const { bench, dev, add } = await setUp();
    add('a', 'b');
    dev.devm.addAction(() => bench.note('newer a'), 'newer', 'a');
    expect(dev.devm.has('a')).to.equal(true);
    expect(dev.devm.releaseAction('a')).to.equal(0);
    expect(bench.taken()).to.deep.equal(['newer a']);
    expect(dev.devm.removeAction('b')).to.equal(0);
    expect(bench.taken()).to.deep.equal([]);
    expect(dev.devm.names()).to.deep.equal(['a']);
  });

  it('DV-04 a missing one is ENOENT and warned of', async () => {
    const { bench, dev } = await setUp();
    expect(dev.devm.removeAction('x')).to.equal(-2);
    expect(dev.devm.releaseAction('x')).to.equal(-2);
    expect(dev.devm.has('x')).to.equal(false);
    expect(bench.kernel.warnings).to.equal(2);
  });

  it('what an action adds while all are released stays for the next time', async () => {
    const { bench, dev, add } = await setUp();
    dev.devm.addAction(() => add('later'));
    expect(dev.devm.releaseAll()).to.equal(1);
    expect(bench.log).to.deep.equal([]);
    expect(dev.devm.names()).to.deep.equal(['later']);
  });

  it(
    'an action finds the drvdata that probe has set, when probe refuses and when the ' +
      'driver leaves; then it is gone',
    async () => {
      const bench = await CoreMachine.make();
      const seen: unknown[] = [];
      await bench.register(
        bench.probing('r', (dev) => {
          dev.devm.addAction(() => void seen.push(dev.drvdata));
          dev.drvdata = `of ${dev.name ?? ''}`;
          return dev.name === 'refused' ? -errno.EIO : 0;
        }),
      );
      const refused = await bench.add('refused');
      const bound = await bench.add('bound');
      await bound.releaseDriver();
      expect(seen).to.deep.equal(['of refused', 'of bound']);
      expect(refused.drvdata).to.equal(null);
      expect(bound.drvdata).to.equal(null);
    },
  );

  describe('DV-05 groups', () => {
    it('release takes what is in the group, in reverse, and gives the number', async () => {
      const { bench, dev, add } = await setUp();
      add('before');
      dev.devm.openGroup('g');
      add('a', 'b');
      dev.devm.closeGroup('g');
      add('after');
      expect(dev.devm.releaseGroup('g')).to.equal(2);
      expect(bench.log).to.deep.equal(['b', 'a']);
      expect(dev.devm.names()).to.deep.equal(['before', 'after']);
    });

    it('an open group reaches to the end', async () => {
      const { bench, dev, add } = await setUp();
      add('before');
      dev.devm.openGroup('g');
      add('a', 'b');
      expect(dev.devm.releaseGroup('g')).to.equal(2);
      expect(bench.log).to.deep.equal(['b', 'a']);
    });

    it('a group inside goes too, one that only overlaps stays', async () => {
      const { dev, add } = await setUp();
      dev.devm.openGroup('outer');
      dev.devm.openGroup('inner');
      add('a');
      dev.devm.closeGroup('inner');
      dev.devm.openGroup('overlap');
      add('b');
      dev.devm.closeGroup('outer');
      add('c');
      dev.devm.closeGroup('overlap');
      expect(dev.devm.releaseGroup('outer')).to.equal(2);
      expect(dev.devm.names()).to.deep.equal(['c']);
      expect(dev.devm.releaseGroup('overlap')).to.equal(1);
      expect(dev.devm.isEmpty).to.equal(true);
    });

    it('remove forgets the group and keeps what is in it', async () => {
      const { bench, dev, add } = await setUp();
      dev.devm.openGroup('g');
      add('a');
      dev.devm.closeGroup('g');
      dev.devm.removeGroup('g');
      expect(bench.log).to.deep.equal([]);
      expect(dev.devm.names()).to.deep.equal(['a']);
      expect(dev.devm.releaseGroup('g')).to.equal(0);
      expect(bench.kernel.warnings).to.equal(1);
    });

    it('null is the latest open group', async () => {
      const { dev, add } = await setUp();
      dev.devm.openGroup('outer');
      add('a');
      dev.devm.openGroup('inner');
      add('b');
      dev.devm.closeGroup(null);
      add('c');
      dev.devm.closeGroup(null);
      expect(dev.devm.releaseGroup('inner')).to.equal(1);
      expect(dev.devm.names()).to.deep.equal(['a', 'c']);
      expect(dev.devm.releaseGroup('outer')).to.equal(2);
    });

    it('a missing group is 0 and a warning, without any resource not even that', async () => {
      const { bench, dev, add } = await setUp();
      expect(dev.devm.releaseGroup('g')).to.equal(0);
      expect(bench.kernel.warnings).to.equal(0);
      add('a');
      dev.devm.closeGroup('g');
      dev.devm.removeGroup('g');
      expect(dev.devm.releaseGroup('g')).to.equal(0);
      expect(bench.kernel.warnings).to.equal(3);
    });
  });
});
