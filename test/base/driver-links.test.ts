import { expect } from 'chai';
import { attrRo } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine } from './support';

/** Names in a directory that are links to devices of these tests. */
function links(bench: CoreMachine, dir: string): string[] {
  return bench.ls(dir).filter((name) => name.startsWith('d'));
}

describe("links from a driver's directory to its devices", () => {
  const DRIVER = 'bus/b/drivers/r';
  const BUS = 'bus/b/devices';

  it('are there while the devices are bound, each under its name', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    const d1 = await bench.add('d1');
    await bench.add('d2');
    expect(links(bench, DRIVER)).to.deep.equal(['d1', 'd2']);
    expect(await bench.kernel.fs.readlink(`/sys/${DRIVER}/d1`)).to.equal('../../../../devices/d1');
    await d1.releaseDriver();
    expect(links(bench, DRIVER)).to.deep.equal(['d2']);
    expect(await errorOf(() => bench.kernel.fs.readlink(`/sys/${DRIVER}/d1`))).to.include({ code: 'ENOENT' });
  });

  it('are no links of another driver of the bus', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    await bench.register(bench.driver('other', { ids: ['y'] }));
    await bench.add('d1', {}, 'y');
    expect(links(bench, DRIVER)).to.deep.equal([]);
    expect(links(bench, 'bus/b/drivers/other')).to.deep.equal(['d1']);
  });

  it('keep the old name when a device is renamed, and stay behind when it leaves, as those of the bus do', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    const dev = await bench.add('d1');
    await dev.rename('d2');
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
    expect(links(bench, BUS)).to.deep.equal(['d1']);
    await dev.releaseDriver();
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
    await dev.attach();
    expect(links(bench, DRIVER)).to.deep.equal(['d1', 'd2']);
    await dev.unregister();
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
    expect(links(bench, BUS)).to.deep.equal(['d1']);
  });

  it('regression: a device that was renamed takes away the link with its present name, whosever it is', async () => {
    const bench = await CoreMachine.make();
    await bench.register(bench.driver('r'));
    const first = await bench.add('d1');
    const parent = await bench.add('p', {}, 'none');
    const second = await bench.add('d2', { parent });
    await first.rename('d2');
    expect(links(bench, DRIVER)).to.deep.equal(['d1', 'd2']);
    await first.releaseDriver();
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
    await second.releaseDriver();
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
    await second.attach();
    expect(await bench.kernel.fs.readlink(`/sys/${DRIVER}/d2`)).to.equal('../../../../devices/p/d2');
    expect(await errorOf(() => first.attach())).to.include({ code: 'EEXIST' });
    expect(await bench.kernel.fs.readlink(`/sys/${DRIVER}/d1`)).to.equal('../../../../devices/d2');
  });

  it('regression: go when a file of their name is refused, with the other names of its group', async () => {
    const bench = await CoreMachine.make({ drvGroups: [{ attrs: [attrRo('dx', () => ''), attrRo('d1', () => '')] }] });
    const dev = await bench.add('d1');
    const drv = await bench.register(bench.driver('r'));
    expect(dev.driver === drv).to.equal(true);
    expect(links(bench, DRIVER)).to.deep.equal([]);
    await dev.releaseDriver();
    await dev.attach();
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
  });

  it("are there until the driver has left, though the bus's link is gone", async () => {
    const slow = { name: 'slow', mode: 0o444, show: () => bench.world.sleep(1).then(() => '1\n') };
    const bench = await CoreMachine.make({ devGroups: [{ attrs: [slow] }] });
    await bench.register(bench.driver('r'));
    const dev = await bench.add('d1');
    const reading = bench.read('bus/b/devices/d1/slow').catch(() => undefined);
    await bench.world.settle();
    const going = dev.unregister();
    expect(links(bench, DRIVER)).to.deep.equal(['d1']);
    expect(links(bench, BUS)).to.deep.equal([]);
    await Promise.all([reading, going]);
    expect(links(bench, DRIVER)).to.deep.equal([]);
  });

  it('make a file of such a name impossible', async () => {
    const bench = await CoreMachine.make();
    await bench.add('d1');
    const groups = [{ attrs: [attrRo('d1', () => '1\n')] }];
    expect(await errorOf(() => bench.register(bench.driver('r', { groups })))).to.include({ code: 'EEXIST' });
  });

  it('are refused where a file has the name', async () => {
    const bench = await CoreMachine.make();
    const groups = [{ attrs: [attrRo('d1', () => '1\n')] }];
    await bench.register(bench.driver('r', { groups }));
    const dev = await bench.add('d1');
    expect(dev.driver).to.equal(null);
    expect(bench.log).to.deep.equal([]);
  });
});
