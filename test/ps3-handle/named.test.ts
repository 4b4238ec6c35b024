import { expect } from 'chai';
import fc from 'fast-check';
import { LV1 } from '../../buses/ps3-handle/index';
import {
  boot,
  boundNames,
  calls,
  device,
  devicesOf,
  diskWorks,
  EchoModel,
  backingDevice,
  read,
  Ps3Machine,
  write,
  type Ps3MachineOptions,
} from './support';

/** Nothing is created at boot. */
function rigWith(rngs: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine({ strategy: 'named', placeholders: 0, ...options });
  rig.rngs(rngs);
  return rig;
}

const TYPE = '/sys/devices/ps3_system/mdev_supported_types/rng';
const CREATE = `${TYPE}/create`;

describe('ps3-handle, strategy named', () => {
  it('has a type for each class and no device until a name is written', async () => {
    const rig = rigWith(2);
    rig.blks(1);
    const g1 = await boot(rig, 'g1');
    expect(g1.kernel.sysfs.readdir('/sys/devices/ps3_system/mdev_supported_types')).to.have.members(['rng', 'blk']);
    expect(g1.kernel.sysfs.readdir(TYPE)).to.have.members(['available_instances', 'create']);
    expect(devicesOf(g1).size).to.equal(0);
    expect(rig.hv.log.calls()).to.deep.equal([]);
    expect(await write(g1, CREATE, 'dice\n')).to.equal('');
    expect([...devicesOf(g1).keys()]).to.deep.equal(['dice']);
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    expect(boundNames(g1)).to.deep.equal(['dice']);
  });

  it('shows how many are unused, whoever has the others', async () => {
    const rig = rigWith(3);
    const [g1, g2] = [await boot(rig, 'g1'), await boot(rig, 'g2')];
    await write(g1, CREATE, 'a');
    await write(g2, CREATE, 'a');
    expect(await read(g1, `${TYPE}/available_instances`)).to.equal('1\n');
    expect(await read(g2, `${TYPE}/available_instances`)).to.equal('1\n');
  });

  it('refuses with EUSERS when all are used, EEXIST for a name in use, EINVAL for what is no name', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1');
    await write(g1, CREATE, 'a');
    expect(await write(g1, CREATE, 'a')).to.equal('EEXIST');
    expect(calls(rig, LV1.ALLOC_DEVICE)).to.equal(1);
    await write(g1, CREATE, 'b');
    expect(await write(g1, CREATE, 'c')).to.equal('EUSERS');
    expect(await write(g1, CREATE, 'b')).to.equal('EEXIST');
    for (const name of ['\n', '.', '..', 'a/b', ' a', 'a b', 'x'.repeat(65)])
      expect(await write(g1, CREATE, name)).to.equal('EINVAL');
    expect([...devicesOf(g1).keys()]).to.deep.equal(['a', 'b']);
  });

  it('regression: a name ends at a NUL, and a number for remove is one of C', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    expect(await write(g1, CREATE, '\0a')).to.equal('EINVAL');
    expect(await write(g1, CREATE, 'a\0b\n')).to.equal('');
    expect([...devicesOf(g1).keys()]).to.deep.equal(['a']);
    const remove = '/sys/bus/ps3_system_bus/devices/a/remove';
    for (const text of ['08', '-1', ' 1', '1\n\n']) expect(await write(g1, remove, text), text).to.equal('EINVAL');
    expect(await write(g1, remove, '0x0\n')).to.equal('');
    expect(devicesOf(g1).size).to.equal(1);
    expect(await write(g1, remove, '+0x2\0')).to.equal('');
    expect(devicesOf(g1).size).to.equal(0);
  });

  it('a name in use in one type is in use in all', async () => {
    const rig = rigWith(1);
    rig.blks(1);
    const g1 = await boot(rig, 'g1');
    await write(g1, CREATE, 'a');
    expect(await write(g1, '/sys/devices/ps3_system/mdev_supported_types/blk/create', 'a')).to.equal('EEXIST');
    expect(rig.claims).to.deep.equal(['rng0:g1']);
  });

  it('takes what is any text from a user: a device and a handle, or neither', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 70 }), { maxLength: 8 }), async (names) => {
        const rig = rigWith(3);
        const g1 = await boot(rig, 'g1', { transport: false });
        for (const name of names) await write(g1, CREATE, name);
        expect(rig.claims.length).to.equal(devicesOf(g1).size);
        expect(g1.kernel.warnings).to.equal(0);
      }),
      { numRuns: 60 },
    );
  });

  it('remove gives it back, also while it is bound; 0 does nothing', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    await write(g1, CREATE, 'a');
    const remove = '/sys/bus/ps3_system_bus/devices/a/remove';
    expect(await write(g1, remove, '0')).to.equal('');
    expect(await write(g1, remove, 'yes')).to.equal('EINVAL');
    expect(boundNames(g1)).to.deep.equal(['a']);
    expect(await write(g1, remove, '1')).to.equal('');
    expect(devicesOf(g1).size).to.equal(0);
    expect(rig.claims).to.deep.equal([]);
    expect(g1.kernel.dma?.inUse).to.equal(0);
    expect(g1.kernel.warnings).to.equal(0);
    expect(await write(g1, CREATE, 'a')).to.equal('');
  });

  it('gives device and name back with the last reference', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    await write(g1, CREATE, 'a');
    const dev = device(g1, 'a').get();
    await dev.unregister();
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    expect(await write(g1, CREATE, 'a')).to.equal('EEXIST');
    expect(await write(g1, CREATE, 'b')).to.equal('EUSERS');
    dev.put();
    expect(await write(g1, CREATE, 'a')).to.equal('');
  });

  it('two removes and a create at the same time leave as many handles as devices', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rig = rigWith(2, { world: { seed } });
      const g1 = await boot(rig, 'g1');
      await write(g1, CREATE, 'a');
      const remove = '/sys/bus/ps3_system_bus/devices/a/remove';
      const jobs = [
        [remove, '1'],
        [remove, '1'],
        [CREATE, 'b'],
      ] as const;
      const done = jobs.map(([path, data], i) => rig.world.spawn(() => write(g1, path, data), `write ${String(i)}`));
      for (const one of done) await one;
      await rig.world.settle();
      expect([...devicesOf(g1).keys()]).to.deep.equal(['b']);
      expect(rig.claims.length).to.equal(1);
    }
  });

  it('keeps its device through unbind and bind', async () => {
    const rig = rigWith(4, { policy: 'random' });
    const g1 = await boot(rig, 'g1');
    await write(g1, CREATE, 'a');
    const before = backingDevice(rig, g1, 'a');
    for (let i = 0; i < 5; i += 1) {
      await device(g1, 'a').reprobe();
      expect(backingDevice(rig, g1, 'a')).to.equal(before);
    }
  });

  it('two guests: what one removes the other creates', async () => {
    const rig = rigWith(1);
    const [g1, g2] = [await boot(rig, 'g1'), await boot(rig, 'g2')];
    await write(g1, CREATE, 'a');
    expect(await write(g2, CREATE, 'a')).to.equal('EUSERS');
    await write(g1, '/sys/bus/ps3_system_bus/devices/a/remove', '1');
    expect(await write(g2, CREATE, 'a')).to.equal('');
    expect(rig.claims).to.deep.equal(['rng0:g2']);
  });

  it(
    'creates at boot what is configured: the share of the guest, or a number of each ' +
      'class, as far as there are devices',
    async () => {
      const rig = new Ps3Machine({ strategy: 'named' });
      const [a, b] = [rig.guest('a'), rig.guest('b')];
      for (const [i, guest] of [a, b, a].entries()) rig.bus.plug(new EchoModel(`e${String(i)}`), guest);
      const [g1, g2] = [await boot(rig, a), await boot(rig, b)];
      expect(boundNames(g1)).to.deep.equal(['rng_00', 'rng_01']);
      expect(rig.claims).to.deep.equal(['e0:a', 'e1:a', 'e2:b']);
      await g2.bus.rescan();
      expect(boundNames(g2)).to.deep.equal(['rng_00']);
      expect([...devicesOf(await boot(rigWith(2, { placeholders: 3 }), 'g3')).keys()]).to.deep.equal([
        'rng_00',
        'rng_01',
      ]);
    },
  );

  it('a revoked device loses its driver and stays until it is removed', async () => {
    const rig = rigWith(0);
    const gone = rig.plug(new EchoModel('gone'));
    const g1 = await boot(rig, 'g1');
    await write(g1, CREATE, 'a');
    gone.unplug();
    await rig.world.advance(1_000_000);
    expect(boundNames(g1)).to.deep.equal([]);
    expect([...devicesOf(g1).keys()]).to.deep.equal(['a']);
    expect(await write(g1, '/sys/bus/ps3_system_bus/devices/a/remove', '1')).to.equal('');
    expect(rig.bus.host.handles.list()).to.deep.equal([]);
    expect(g1.kernel.warnings).to.equal(0);
  });

  it('does real I/O with virtio_blk', async () => {
    const rig = new Ps3Machine({ strategy: 'named' });
    const image = rig.disk();
    expect(await diskWorks(rig, await boot(rig, 'g1', { subsystems: true }), image)).to.equal(true);
  });
});
