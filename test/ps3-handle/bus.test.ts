import { expect } from 'chai';
import {
  bootPs3,
  MATCH_ID_VIRTIO,
  ps3AtProbe,
  ps3Handle,
  ps3Modalias,
  ps3Repository,
  ps3SystemBus,
  Ps3System,
} from '../../buses/ps3-handle/index';
import type { Ps3Device, Ps3Driver, Ps3Strategy } from '../../buses/ps3-handle/index';
import { Kernel } from '../../lib/base/kernel';
import { ErrnoError } from '../../lib/errno';
import { Hypervisor } from '../../lib/hypervisor/index';
import { World } from '../../lib/world/index';
import { boot, device, echoDriver, EchoModel, Ps3Machine, text, virtioDevices } from './support';
import { codeOf } from '../support/errors';

/** No devices of its own, no handles. */
const bare: Ps3Strategy = {
  name: 'bare',
  scan: () => undefined,
  probe: (_dev, next) => next(),
  remove: (_dev, next) => next(),
};

function machine(strategy = bare) {
  const world = new World();
  const guest = new Hypervisor(world).createGuest({ memory: 1 << 16 });
  const kernel = new Kernel(world, { port: guest.port });
  return { world, guest, kernel, system: new Ps3System(kernel, strategy, ps3SystemBus) };
}

async function withBus(strategy = bare) {
  const made = machine(strategy);
  await made.system.register();
  await made.kernel.registerBus(ps3SystemBus);
  return made;
}

const driver = (name: string, matchId: number, matchSubId?: number, more: Partial<Ps3Driver> = {}): Ps3Driver => ({
  name,
  bus: ps3SystemBus,
  matchId,
  ...(matchSubId === undefined ? {} : { matchSubId }),
  ...more,
});

describe('the ps3_system_bus', () => {
  it('matches by match id, and by sub id only if the device has one (PS-02)', async () => {
    const { kernel, system } = await withBus();
    for (const [name, matchId, matchSubId] of [
      ['a', 10, 0],
      ['b', 10, 1],
      ['c', 10, 2],
      ['d', 6, 0],
    ] as const) {
      await system.addDevice({ name, matchId, matchSubId, classId: 0 });
    }
    const bound = async (def: Ps3Driver): Promise<string> => {
      const registered = await kernel.registerDriver(def);
      const names = [...registered.devices()].map((dev) => dev.name).join('');
      await registered.unregister();
      return names;
    };
    expect(await bound(driver('fb', 10, 1))).to.equal('ab');
    expect(await bound(driver('ramdisk', 10, 2))).to.equal('ac');
    expect(await bound(driver('any', 10))).to.equal('a');
    expect(await bound(driver('stor', 6, 7))).to.equal('d');
    expect(await bound(driver('none', 11))).to.equal('');
  });

  it('tells userspace the alias ps3:ID:SUBID, in a file and in events', async () => {
    const { kernel, system } = await withBus();
    const events: string[] = [];
    kernel.uevents.subscribe(({ env }) => events.push(env.join(' ')));
    await system.addDevice({ name: 'gpu', matchId: 10, matchSubId: 2, classId: 0 });
    expect(events).to.deep.equal([
      'ACTION=add DEVPATH=/devices/ps3_system/gpu SUBSYSTEM=ps3_system_bus MODALIAS=ps3:10:2 ' +
        `SEQNUM=${String(kernel.uevents.seqnum)}`,
    ]);
    expect(await kernel.sysfs.open('/sys/bus/ps3_system_bus/devices/gpu/modalias', 'r').read()).to.equal('ps3:10:2\n');
    expect(ps3Modalias({ matchId: 6, matchSubId: 0 })).to.equal('ps3:6:0');
  });

  it('has its devices below /sys/devices/ps3_system, which is on no bus', async () => {
    const { kernel } = await boot(new Ps3Machine(), 'g1');
    expect(kernel.sysfs.readdir('/sys/devices/ps3_system')).to.deep.equal(['uevent']);
    expect(kernel.sysfs.readdir('/sys/bus/ps3_system_bus/drivers')).to.deep.equal(['ps3_virtio']);
  });

  it('calls remove at shutdown for a driver without one (PS-08), and the device stays bound', async () => {
    const { system, kernel } = await withBus();
    const calls: string[] = [];
    await system.addDevice({ name: 'a', matchId: 1, classId: 0 });
    await system.addDevice({ name: 'b', matchId: 2, classId: 0 });
    await system.addDevice({ name: 'c', matchId: 3, classId: 0 });
    const remove = (dev: Ps3Device): void => void calls.push(`remove ${String(dev.name)}`);
    const shutdown = (dev: Ps3Device): void => void calls.push(`shutdown ${String(dev.name)}`);
    await kernel.registerDriver(driver('one', 1, 0, { remove }));
    await kernel.registerDriver(driver('two', 2, 0, { remove, shutdown }));
    for (const dev of system.devices()) await ps3SystemBus.shutdown?.(dev);
    expect(calls).to.deep.equal(['remove a', 'shutdown b']);
    expect(system.devices().map((dev) => dev.isBound)).to.deep.equal([true, true, false]);
    await kernel.registerDriver(driver('three', 3));
    const [, , c] = system.devices();
    expect(() => c && ps3SystemBus.shutdown?.(c)).to.throw('driver three has neither shutdown nor remove');
  });

  it('has the strategy stand around probe and remove', async () => {
    const calls: string[] = [];
    const around: Ps3Strategy = {
      ...bare,
      probe: (_dev, next) => {
        calls.push('claim');
        return next();
      },
      remove: async (_dev, next) => {
        await next();
        calls.push('give back');
      },
    };
    const { system, kernel } = await withBus(around);
    await system.addDevice({ name: 'a', matchId: 1, classId: 0 });
    const probe = (): void => void calls.push('probe');
    const remove = (): void => void calls.push('remove');
    const registered = await kernel.registerDriver(driver('one', 1, 0, { probe, remove }));
    await registered.unregister();
    expect(calls).to.deep.equal(['claim', 'probe', 'remove', 'give back']);
    expect(kernel.warnings).to.equal(0);
  });

  for (const [how, refuse] of [
    [
      'throws',
      () => {
        throw new ErrnoError('EIO');
      },
    ],
    [
      'rejects',
      async () => {
        throw new ErrnoError('EIO');
      },
    ],
  ] as const) {
    it(`regression: a driver's remove that ${how} does not keep the strategy from its part`, async () => {
      const calls: string[] = [];
      const remove: Ps3Strategy['remove'] = async (_dev, next) => {
        await next();
        calls.push('give back');
      };
      const { system, kernel } = await withBus({ ...bare, remove });
      await system.addDevice({ name: 'a', matchId: 1, classId: 0 });
      const registered = await kernel.registerDriver(driver('one', 1, 0, { remove: refuse }));
      await registered.unregister();
      expect(calls).to.deep.equal(['give back']);
    });
  }

  it('gives an interrupt to the handler of its handle, and counts the others', async () => {
    const { world, kernel, guest, system } = await withBus();
    const seen: string[] = [];
    kernel.irq.request(5, () => void seen.push('seven'), 'seven', 7);
    kernel.irq.request(5, () => void seen.push('eight'), 'eight', 8);
    kernel.irq.free(5, 8);
    for (const value of [7n, 8n, 9n, 1n << 63n]) guest.interrupt(5, value);
    await world.advance(10000);
    expect(seen).to.deep.equal(['seven']);
    expect(system.strayInterrupts).to.equal(3);
  });

  it(
    'takes a strategy of one file: here all devices are allocated at the scan, and ' + 'given back by release',
    async () => {
      const rig = new Ps3Machine();
      for (const name of ['e0', 'e1']) rig.plug(new EchoModel(name, 42));
      const eager: Ps3Strategy = {
        ...bare,
        async scan(system) {
          const { lv1 } = system;
          for (let handle = lv1.allocDevice(42); handle > 0; handle = lv1.allocDevice(42)) {
            const release = (): void => void lv1.freeDevice(handle);
            const name = `echo${String(handle)}`;
            await system.addDevice({ name, matchId: MATCH_ID_VIRTIO, classId: 42, handle, release });
          }
        },
      };
      const guest = rig.guest('g1');
      const kernel = new Kernel(rig.world, { port: guest.port });
      const booted = { guest, kernel, bus: await bootPs3(kernel, eager) };
      expect(rig.claims).to.deep.equal(['e0:g1', 'e1:g1']);
      await kernel.registerDriver(booted.bus.transport);
      const echo = echoDriver();
      await kernel.registerDriver(echo);
      for (let round = 0; round < 2; round += 1) {
        const [vdev] = virtioDevices(booted);
        if (vdev === undefined) throw new Error('no virtio device');
        const { vq, got } = echo.echoOf(vdev);
        vq.add({ out: [text('hi')], in: [2] }, round);
        vq.kick();
        // The second time the answer is under way when the driver leaves.
        if (round === 0) await rig.world.advance(100000);
        expect(got.map((done) => done.text)).to.deep.equal(round === 0 ? ['hi'] : []);
        await device(booted, 'echo1').reprobe();
      }
      await rig.world.advance(100000);
      expect(kernel.dma?.list().map(({ owner }) => owner)).to.deep.equal(['transport echo1', 'transport echo2']);
      await device(booted, 'echo1').unregister();
      expect(rig.claims).to.deep.equal(['e1:g1']);
    },
  );

  it('has a fixture for each strategy, which says what it models', () => {
    expect(new Set(ps3Handle.map(({ strategy }) => strategy)).size).to.equal(ps3Handle.length);
    expect(ps3AtProbe.description).to.include('style (c) of the mail');
    expect(ps3Repository.description).to.include('what Linux on the PS3 really did');
  });

  it('needs a hypervisor', () => {
    expect(() => bootPs3(new Kernel(new World()), bare)).to.throw('ENODEV');
  });

  it('refuses to boot twice in one kernel', async () => {
    const { kernel } = await boot(new Ps3Machine(), 'g1');
    expect(await codeOf(() => bootPs3(kernel, bare))).to.equal('EBUSY');
  });
});
