import { expect } from 'chai';
import { LV1, ps3SystemBus, type Ps3Driver } from '../../buses/ps3-handle/index';
import { ErrnoError, errno } from '../../lib/errno';
import { formatEntry } from '../../lib/hypervisor/index';
import {
  boot,
  boundNames,
  Caller,
  device,
  devicesOf,
  EchoModel,
  Ps3Machine,
  virtioDevices,
  type Ps3MachineOptions,
} from './support';
import { codeOf } from '../support/errors';

function rigWith(rngs: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine({ strategy: 'repository', ...options });
  rig.rngs(rngs);
  return rig;
}

const calls = (rig: Ps3Machine, nr: number): number => rig.hv.log.calls().filter((entry) => entry.nr === nr).length;

/** Reads of one walk over so many devices: type and id of the bus, three for each device, the end. */
const walkCost = (devices: number): number => 2 + 3 * devices + 1;

/** The name that a read asks for, as text: bus0.dev1.id. */
function nodeName(args: readonly unknown[]): string {
  return args
    .slice(1)
    .filter((word) => word !== 0n)
    .map((word, i) => {
      const bytes = Array.from({ length: 8 }, (_, at) => Number(((word as bigint) >> BigInt(8 * (7 - at))) & 0xffn));
      if (i === 0) return 'bus' + String(bytes[7]);
      const word8 = String.fromCharCode(...bytes.slice(0, 7)).replace(/\0+$/, '');
      return word8 === 'dev' ? `dev${String(bytes[7])}` : word8;
    })
    .join('.');
}

describe('ps3-handle, strategy repository', () => {
  it('reads the repository as Linux does, one hypercall for each node', async () => {
    const rig = rigWith(2);
    await boot(rig, 'g1', { transport: false });
    const reads = rig.hv.log.calls('g1');
    expect(new Set(reads.map(({ name }) => name))).to.deep.equal(new Set(['lv1_read_repository_node']));
    expect(reads.map(({ args }) => nodeName(args ?? []))).to.deep.equal([
      'bus0.type',
      'bus0.id',
      'bus0.num_dev',
      'bus0.dev0.type',
      'bus0.dev0.id',
      'bus0.num_dev',
      'bus0.dev1.type',
      'bus0.dev1.id',
      'bus0.num_dev',
    ]);
    expect(reads.length).to.equal(walkCost(2));
    expect(rig.claims).to.deep.equal([]);
  });

  it('names devices in the order of finding them', async () => {
    const rig = rigWith(1);
    rig.blks(10);
    const g1 = await boot(rig, 'g1', { transport: false });
    const found = [...devicesOf(g1).values()].map(({ name, classId, address }) => [name, classId, address?.devId]);
    expect(found.length).to.equal(11);
    expect(found.slice(0, 2)).to.deep.equal([
      ['sb_01', 4, 1],
      ['sb_02', 2, 2],
    ]);
    expect(found.at(-1)).to.deep.equal(['sb_0b', 2, 11]);
  });

  it('finds only what is new in a rescan, at the cost of a walk', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1', { transport: false });
    await g1.bus.rescan();
    expect([...devicesOf(g1).keys()]).to.deep.equal(['sb_01', 'sb_02']);
    expect(calls(rig, LV1.READ_REPOSITORY_NODE)).to.equal(2 * walkCost(2));
    rig.bus.plug(new EchoModel('late'), g1.guest);
    await g1.bus.rescan();
    expect([...devicesOf(g1).keys()]).to.deep.equal(['sb_01', 'sb_02', 'sb_03']);
  });

  it('keeps a device that is listed no more (PS-09); its id is not given again, and it cannot be opened', async () => {
    const rig = rigWith(1);
    const gone = rig.plug(new EchoModel('gone'));
    rig.plug(new EchoModel('stays'));
    const g1 = await boot(rig, 'g1', { transport: false });
    gone.unplug();
    rig.plug(new EchoModel('new'));
    await g1.bus.rescan();
    const ids = [...devicesOf(g1).values()].map(({ name, address }) => [name, address?.devId]);
    expect(ids).to.deep.equal([
      ['sb_01', 1],
      ['sb_02', 2],
      ['sb_03', 3],
      ['sb_04', 4],
    ]);
    await g1.kernel.registerDriver(g1.bus.transport);
    expect(boundNames(g1)).to.deep.equal(['sb_01', 'sb_03', 'sb_04']);
  });

  it('two rescans at the same time find each device once', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rig = rigWith(0, { world: { seed } });
      const g1 = await boot(rig, 'g1', { transport: false });
      rig.rngs(3);
      const scans = [1, 2].map((n) => rig.world.spawn(() => g1.bus.rescan(), `rescan ${String(n)}`));
      for (const scan of scans) await scan;
      expect([...devicesOf(g1).values()].map(({ address }) => address?.devId).sort()).to.deep.equal([1, 2, 3]);
    }
  });

  it('opens at bind what the name stands for, and closes it after remove', async () => {
    const rig = rigWith(2);
    const g1 = await boot(rig, 'g1');
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1']);
    expect(virtioDevices(g1).map((dev) => dev.parent?.name)).to.deep.equal(['sb_01', 'sb_02']);
    await device(g1, 'sb_01').releaseDriver();
    expect(rig.claims).to.deep.equal(['rng1:g1']);
    expect(device(g1, 'sb_01').handle).to.equal(null);
    for (let i = 0; i < 3; i += 1) {
      await device(g1, 'sb_01').attach();
      expect(rig.deviceOf(device(g1, 'sb_01').handle ?? -1)).to.equal('rng0');
      await device(g1, 'sb_01').releaseDriver();
    }
    expect(calls(rig, LV1.OPEN_DEVICE)).to.equal(5);
    expect(calls(rig, LV1.CLOSE_DEVICE)).to.equal(4);
  });

  it('both guests list all devices; the second cannot open, and sees EPERM (PS-06)', async () => {
    const rig = rigWith(1);
    await boot(rig, 'g1');
    const g2 = await boot(rig, 'g2');
    expect([...devicesOf(g2).keys()]).to.deep.equal(['sb_01']);
    expect(boundNames(g2)).to.deep.equal([]);
    expect(g2.kernel.deferred.lines()).to.deep.equal([]);
    const [refused] = rig.hv.log.refusals;
    const line = refused === undefined ? '' : formatEntry(refused);
    expect(line).to.match(/g2: lv1_open_device\(1, 1, 0\) = -16, refused: device rng0 belongs to guest g1$/);
    const registered = g2.kernel.busOf(ps3SystemBus)?.findDriver('ps3_virtio');
    expect(await codeOf(() => device(g2, 'sb_01').driverAttach(registered as never))).to.equal('EPERM');
    expect(g2.kernel.log.entries.map(({ text }) => text)).to.deep.equal([
      'lv1_open_device dev=12.0(sb_01) failed: EBUSY',
      'ps3_virtio: probe of sb_01 failed with error -1',
      'lv1_open_device dev=12.0(sb_01) failed: EBUSY',
      'ps3_virtio: probe of sb_01 failed with error -1',
    ]);
  });

  for (const [how, refuse] of [
    ['returns', () => -errno.ENXIO],
    ['returns a positive number', () => errno.ENXIO],
    [
      'throws',
      () => {
        throw new ErrnoError('ENOMEM');
      },
    ],
    [
      'rejects',
      async () => {
        throw new ErrnoError('EIO');
      },
    ],
  ] as const) {
    it(`holds no handle after a probe that ${how}: one open, one close`, async () => {
      const rig = rigWith(1);
      const g1 = await boot(rig, 'g1', { transport: false });
      const driver: Ps3Driver = { name: 'refuses', bus: ps3SystemBus, matchId: 12, probe: refuse };
      await g1.kernel.registerDriver(driver);
      expect(calls(rig, LV1.OPEN_DEVICE)).to.equal(1);
      expect(calls(rig, LV1.CLOSE_DEVICE)).to.equal(1);
      expect(rig.claims).to.deep.equal([]);
      expect(device(g1, 'sb_01').handle).to.equal(null);
    });
  }

  it('regression: a close that fails is tried again and warned of, and the removal finishes (PS-07)', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    new Caller(g1.guest).call(LV1.CLOSE_DEVICE, 1, 1);
    const dev = device(g1, 'sb_01');
    await dev.releaseDriver();
    expect(dev.isBound).to.equal(false);
    const lines = g1.kernel.log.entries.map(({ text }) => text).filter((text) => text.includes('lv1_close_device'));
    const again = 'lv1_close_device failed: EINVAL; trying again';
    expect(lines).to.deep.equal([again, again, 'ps3_virtio sb_01: BUG: lv1_close_device failed: EINVAL']);
    expect(rig.world.oopses).to.deep.equal([]);
  });

  it('closes at shutdown, for shutdown is remove (PS-08)', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1');
    await rig.world.run(() => ps3SystemBus.shutdown?.(device(g1, 'sb_01')));
    expect(rig.claims).to.deep.equal([]);
    await device(g1, 'sb_01').releaseDriver();
    expect(calls(rig, LV1.CLOSE_DEVICE)).to.equal(1);
  });

  it('regression: a device that goes while it is read ends the walk, and nothing fails', async () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const rig = rigWith(0, { world: { seed } });
      const g1 = await boot(rig, 'g1', { transport: false });
      const plugged = rig.plug(new EchoModel('gone'));
      const scan = rig.world.spawn(() => g1.bus.rescan());
      const going = rig.world.spawn(() => plugged.unplug());
      expect(await codeOf(() => scan), `seed ${String(seed)}`).to.equal('');
      await going;
    }
  });

  it('fails to boot where the repository cannot be read', async () => {
    const rig = rigWith(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    g1.guest.unplugPort();
    expect(await codeOf(() => g1.bus.rescan())).to.equal('ENOENT');
  });
});
