import { expect } from 'chai';
import { attrRo, Device, Kernel, World, type BusType, type DeviceDriver } from '../../lib';
import type { Slot } from '../../lib/sysfs/dir';
import { Layout } from '../../lib/sysfs/layout';
import { heapUsed } from '../../tools/heap';

const lab: BusType = { name: 'lab', match: () => true };

async function rig(driver: DeviceDriver): Promise<{ kernel: Kernel; dev: Device }> {
  const kernel = new Kernel(new World());
  await kernel.registerBus(lab);
  await kernel.registerDriver({ ...driver, bus: lab });
  const dev = new Device(kernel, { name: 'd0', bus: lab, release: () => undefined });
  await dev.add();
  return { kernel, dev };
}

/** Of the layouts that a device has had while it was bound and unbound again and again: how many are still there? */
async function leftBy(rebinds: number, { kernel, dev }: { kernel: Kernel; dev: Device }): Promise<number> {
  const seen: WeakRef<Layout<Slot>>[] = [];
  for (let i = 0; i < rebinds; i++) {
    for (const name of ['unbind', 'bind']) {
      await kernel.fs.writeFile(`/sys/bus/lab/drivers/led/${name}`, 'd0');
      if (dev.sd !== null) seen.push(new WeakRef(dev.sd.layout));
    }
  }
  expect(seen).to.have.length(2 * rebinds);
  // Until the end of a turn a WeakRef holds what it was made with.
  await new Promise(setImmediate);
  heapUsed();
  return new Set(seen.flatMap((ref) => ref.deref() ?? [])).size;
}

describe('layouts of directories', () => {
  it('regression: are not left behind by attributes that a driver makes anew for each bind', async () => {
    const made = await rig({
      name: 'led',
      bus: lab,
      probe(dev) {
        dev.createFile(attrRo<Device>('fresh', () => 'x\n'));
      },
      remove: (dev) => dev.removeFile('fresh'),
    });
    expect(await leftBy(50, made)).to.be.at.most(5);
    expect(await made.kernel.fs.readFile('/sys/devices/d0/fresh', 'utf8')).to.equal('x\n');
  });

  it('regression: are the same ones again when names come and go in another order', () => {
    const slot = (name: string): Slot => ({ kind: 'link', name, target: () => null });
    const empty = new Layout<Slot>();
    const keys = ['a', 'b', 'c'].map((name) => ({ name }));
    const add = (to: Layout<Slot>, key: { name: string }): Layout<Slot> =>
      to.known(key) ?? to.extend(key, slot(key.name));
    const all = keys.reduce(add, empty);
    expect(all.slots.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
    const [, b, c] = keys.map((key) => add(empty, key));
    expect(all.without('a').without('b')).to.equal(c);
    expect(all.without('c').without('a')).to.equal(b);
    expect(all.without('a').without('b').without('c')).to.equal(empty);
    expect(all.without('b').slots.map(({ name }) => name)).to.deep.equal(['a', 'c']);
    expect(all.without('d')).to.equal(all);
  });

  it('are shared by devices whose files are the same', async () => {
    const kernel = new Kernel(new World());
    await kernel.registerBus({ ...lab, devGroups: [{ attrs: [attrRo<Device>('x', () => '')] }] });
    const add = async (name: string): Promise<Device> => {
      const dev = new Device(kernel, { name, groups: [{ name: 'power', attrs: [SHARED] }], release: () => undefined });
      await dev.add();
      return dev;
    };
    const first = await add('a');
    const others = await Promise.all(['b', 'c', 'd'].map(add));
    for (const other of others) expect(other.sd?.layout).to.equal(first.sd?.layout);
  });
});

const SHARED = attrRo<Device>('control', () => 'auto\n');
