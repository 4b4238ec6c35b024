import { expect } from 'chai';
import { COMMAND, LV1, field, firstField } from '../../buses/ps3-handle/layout';
import { errno } from '../../lib/errno';
import { STATUS } from '../../lib/virtio/spec';
import { BLK, Caller, EchoModel, LIVE, Ps3Machine, RNG, text, type Ps3MachineOptions } from './support';

const VERSION_1 = 1n << 32n;

function rigWith(count: number, options: Ps3MachineOptions = {}) {
  const rig = new Ps3Machine(options);
  rig.rngs(count);
  return { rig, g1: new Caller(rig.guest('g1')), g2: new Caller(rig.guest('g2')) };
}

describe('ps3-handle host', () => {
  describe('allocation', () => {
    it('gives a handle to an unused device of the class', () => {
      const { rig, g1 } = rigWith(2);
      rig.blks(1);
      expect(rig.deviceOf(g1.alloc(BLK))).to.equal('disk0');
      expect(rig.deviceOf(g1.alloc(RNG))).to.equal('rng0');
      expect(rig.claims).to.deep.equal(['disk0:g1', 'rng0:g1']);
    });

    it('lowest: gives the device with the lowest id', () => {
      const { rig, g1 } = rigWith(3);
      const [a, b, c] = [g1.alloc(), g1.alloc(), g1.alloc()];
      expect([a, b, c].map((h) => rig.deviceOf(h))).to.deep.equal(['rng0', 'rng1', 'rng2']);
      for (const handle of [c, a]) g1.free(handle);
      expect(rig.deviceOf(g1.alloc())).to.equal('rng0');
    });

    it('recent: gives the device that became free last', () => {
      const { rig, g1 } = rigWith(3, { policy: 'recent' });
      const [a, b, c] = [g1.alloc(), g1.alloc(), g1.alloc()];
      expect([a, b, c].map((h) => rig.deviceOf(h))).to.deep.equal(['rng2', 'rng1', 'rng0']);
      for (const handle of [c, a, b]) g1.free(handle);
      expect([g1.alloc(), g1.alloc(), g1.alloc()].map((h) => rig.deviceOf(h))).to.deep.equal(['rng1', 'rng2', 'rng0']);
    });

    it('random: gives each of the free devices now and then, the same for the same seed', () => {
      const draw = (seed: number): string[] => {
        const { rig, g1 } = rigWith(4, { policy: 'random', world: { seed } });
        return Array.from({ length: 40 }, () => {
          const handle = g1.alloc();
          const name = rig.deviceOf(handle) ?? '';
          g1.free(handle);
          return name;
        });
      };
      expect(new Set(draw(1)).size).to.equal(4);
      expect(draw(1)).to.deep.equal(draw(1));
      expect(draw(1)).not.to.deep.equal(draw(2));
    });

    it('refuses with EBUSY when all are used, with ENODEV when the class has none', () => {
      const { rig, g1, g2 } = rigWith(1);
      g1.alloc();
      expect(g2.alloc(RNG)).to.equal(-errno.EBUSY);
      expect(g2.alloc(BLK)).to.equal(-errno.ENODEV);
      expect(rig.refusals).to.deep.equal([
        'no free device of class 4 (rng) for guest g2: 1 in use',
        'no free device of class 2 (blk) for guest g2: 0 in use',
      ]);
    });

    it('lets two guests share one pool', () => {
      const { rig, g1, g2 } = rigWith(2);
      const first = g1.alloc();
      g2.alloc();
      expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g2']);
      g1.free(first);
      expect(rig.deviceOf(g2.alloc())).to.equal('rng0');
      expect(rig.claims).to.deep.equal(['rng1:g2', 'rng0:g2']);
    });
  });

  describe('handles', () => {
    it('are refused to a guest that does not own them', () => {
      const { rig, g1, g2 } = rigWith(1);
      const handle = g1.alloc();
      for (const status of [g2.free(handle), g2.command(handle, COMMAND.GET_STATUS).status]) {
        expect(status).to.equal(-errno.EPERM);
      }
      const what = `guest g2 does not own handle ${String(handle)}`;
      expect(rig.refusals).to.deep.equal([what, what]);
      expect(rig.hv.log.refusals.map(({ guest, name }) => `${String(guest)} ${String(name)}`)).to.deep.equal([
        'g2 lv1_free_device',
        'g2 lv1_device_command',
      ]);
      expect(rig.claims).to.deep.equal(['rng0:g1']);
    });

    it('end when they are given back, and never come again', () => {
      const { rig, g1 } = rigWith(1);
      const handle = g1.alloc();
      expect(g1.free(handle)).to.equal(0);
      expect(g1.free(handle)).to.equal(-errno.EBADF);
      expect(g1.command(handle, COMMAND.GET_STATUS).status).to.equal(-errno.EBADF);
      expect(g1.command(99, COMMAND.GET_STATUS).status).to.equal(-errno.EBADF);
      expect(g1.alloc()).not.to.equal(handle);
      const gone = `handle ${String(handle)} was given back`;
      expect(rig.refusals).to.deep.equal([gone, gone, 'handle 99 was never given']);
    });

    it('bring back the state after power-on', () => {
      const { g1, g2 } = rigWith(1);
      const handle = g1.alloc();
      g1.start(handle);
      expect(g1.command(handle, COMMAND.GET_STATUS).values).to.deep.equal([LIVE]);
      g1.free(handle);
      expect(g2.command(g2.alloc(), COMMAND.GET_STATUS).values).to.deep.equal([0]);
    });

    it('of a dead guest stay until the host takes them back', () => {
      const { rig, g1, g2 } = rigWith(1);
      g1.alloc();
      g1.guest.destroy();
      expect(rig.claims).to.deep.equal(['rng0:g1']);
      expect(g2.alloc()).to.equal(-errno.EBUSY);
      expect(rig.bus.host.reclaim(g1.guest)).to.equal(1);
      expect(rig.deviceOf(g2.alloc())).to.equal('rng0');
    });
  });

  describe('opening what the repository lists', () => {
    it('is exclusive, for the same guest too', () => {
      const { rig, g1, g2 } = rigWith(2);
      expect(rig.deviceOf(g1.open(2))).to.equal('rng1');
      expect(g2.open(2)).to.equal(-errno.EBUSY);
      expect(g1.open(2)).to.equal(-errno.EBUSY);
      expect(rig.refusals).to.deep.equal(['device rng1 belongs to guest g1', 'device rng1 belongs to guest g1']);
    });

    it('competes with allocation for the same pool', () => {
      const { rig, g1, g2 } = rigWith(2);
      g1.open(1);
      expect(rig.deviceOf(g2.alloc())).to.equal('rng1');
      expect(g1.open(2)).to.equal(-errno.EBUSY);
      expect(g2.alloc()).to.equal(-errno.EBUSY);
    });

    it('refuses a device that is not listed', () => {
      const { rig, g1 } = rigWith(1);
      expect(g1.open(2)).to.equal(-errno.ENOENT);
      expect(g1.open(1, 7)).to.equal(-errno.ENOENT);
      expect(rig.refusals).to.deep.equal(['there is no device 1.2', 'there is no device 7.1']);
    });

    it('is ended by who opened it, once', () => {
      const { rig, g1, g2 } = rigWith(1);
      const handle = g1.open(1);
      expect(g2.call(LV1.CLOSE_DEVICE, 1, 1).status).to.equal(-errno.EPERM);
      expect(g1.call(LV1.CLOSE_DEVICE, 1, 1).status).to.equal(0);
      expect(g1.call(LV1.CLOSE_DEVICE, 1, 1).status).to.equal(-errno.EINVAL);
      expect(g1.command(handle, COMMAND.GET_STATUS).status).to.equal(-errno.EBADF);
      expect(rig.claims).to.deep.equal([]);
      expect(g2.open(1)).to.be.greaterThan(handle);
    });
  });

  describe('repository', () => {
    const read = (g: Caller, lpar: number, ...name: bigint[]) =>
      g.call(LV1.READ_REPOSITORY_NODE, lpar, ...[0, 1, 2, 3].map((i) => name[i] ?? 0n));

    it('lists the bus and its devices under the names of the PS3', () => {
      const { rig, g1 } = rigWith(1);
      rig.blks(1);
      const bus = firstField('bus', 0);
      expect(bus).to.equal(0x62757300n);
      expect(field('type')).to.equal(0x7479706500000000n);
      expect(field('dev', 1)).to.equal(0x6465760000000001n);
      const values = [
        read(g1, 1, bus, field('type')),
        read(g1, 1, bus, field('id')),
        read(g1, 1, bus, field('num_dev')),
        read(g1, 1, bus, field('dev', 0), field('type')),
        read(g1, 1, bus, field('dev', 0), field('id')),
        read(g1, 1, bus, field('dev', 1), field('type')),
        read(g1, 1, bus, field('dev', 1), field('id')),
      ].map(({ status, values: [v1, v2] }) => [status, v1, v2]);
      expect(values).to.deep.equal([4n, 1n, 2n, 0x104n, 1n, 0x102n, 2n].map((v1) => [0, v1, 0n]));
    });

    it('has no other node', () => {
      const { g1 } = rigWith(1);
      const bus = firstField('bus', 0);
      const names = [
        [firstField('bus', 1), field('type')],
        [bus, field('num_dev'), field('type')],
        [bus, field('dev', 1), field('id')],
        [bus, field('dev', 0), field('intr')],
        [bus, field('dev', 0), field('id'), 1n],
        [0n],
      ];
      for (const name of names) expect(read(g1, 1, ...name).status).to.equal(-errno.ENOENT);
      expect(read(g1, 2, bus, field('type')).status).to.equal(-errno.ENOENT);
    });

    it('shows devices that somebody has, and none that is gone; ids stay', () => {
      const rig = new Ps3Machine();
      const g1 = new Caller(rig.guest('g1'));
      const first = rig.bus.plug(new EchoModel('e0'), g1.guest);
      rig.rngs(1);
      g1.alloc();
      first.unplug();
      const bus = firstField('bus', 0);
      expect(read(g1, 1, bus, field('num_dev')).values[0]).to.equal(1n);
      expect(read(g1, 1, bus, field('dev', 0), field('id')).values[0]).to.equal(2n);
    });

    it('tells a guest its own number', () => {
      const { g1, g2 } = rigWith(0);
      expect([g1, g2].map((g) => g.call(LV1.GET_LOGICAL_PARTITION_ID).values)).to.deep.equal([[2], [3]]);
    });
  });

  describe('commands', () => {
    function started() {
      const rig = new Ps3Machine();
      const model = new EchoModel('e0');
      const plugged = rig.plug(model);
      const g1 = new Caller(rig.guest('g1', 64 << 10));
      return { rig, model, plugged, g1, handle: g1.alloc(), memory: g1.guest.memory };
    }

    it('climb the status of VIRTIO 1.2 §3.1.1 and refuse other steps', () => {
      const { rig, g1, handle } = started();
      expect(g1.command(handle, COMMAND.SET_STATUS, STATUS.DRIVER_OK).status).to.equal(-errno.EINVAL);
      expect(rig.refusals).to.deep.equal(['device e0: status 0x0 to 0x4: sets DRIVER_OK before 0xb']);
      g1.start(handle);
      expect(g1.command(handle, COMMAND.GET_STATUS).values).to.deep.equal([LIVE]);
      expect(g1.command(handle, COMMAND.SET_FEATURES, VERSION_1).status).to.equal(-errno.EINVAL);
      g1.command(handle, COMMAND.SET_STATUS, 0);
      expect(g1.command(handle, COMMAND.GET_STATUS).values).to.deep.equal([0]);
    });

    it('keep FEATURES_OK clear for features that were not offered, and without VERSION_1', () => {
      const { g1, handle } = started();
      expect(g1.command(handle, COMMAND.GET_FEATURES).values).to.deep.equal([VERSION_1]);
      for (const features of [VERSION_1 | 2n, 0n]) {
        g1.command(handle, COMMAND.SET_STATUS, 0);
        g1.command(handle, COMMAND.SET_STATUS, 3);
        g1.command(handle, COMMAND.SET_FEATURES, features);
        g1.command(handle, COMMAND.SET_STATUS, 11);
        expect(g1.command(handle, COMMAND.GET_STATUS).values).to.deep.equal([3]);
      }
    });

    it('read and write the configuration in guest memory', () => {
      const { g1, handle, memory, model } = started();
      expect(g1.command(handle, COMMAND.GET_CONFIG, 1, 3, 0x2000).values).to.deep.equal([0]);
      expect([...memory.read(0x2000, 4)]).to.deep.equal([2, 3, 4, 0]);
      memory.write(0x3000, new Uint8Array([9, 8]));
      expect(g1.command(handle, COMMAND.SET_CONFIG, 2, 2, 0x3000).status).to.equal(0);
      expect([...model.bytes]).to.deep.equal([1, 2, 9, 8]);
      expect(g1.guest.counters.bytesCopiedHost).to.equal(5);
    });

    it('refuse configuration beyond its end and memory beyond its end', () => {
      const { rig, g1, handle } = started();
      expect(g1.command(handle, COMMAND.GET_CONFIG, 2, 3, 0x2000).status).to.equal(-errno.EINVAL);
      expect(g1.command(handle, COMMAND.GET_CONFIG, 0, 4, 0xfffe).status).to.equal(-errno.EFAULT);
      expect(rig.refusals).to.deep.equal([
        'device e0: 3 bytes at 2 of a configuration of 4',
        '4 bytes at 0xfffe lie outside the memory of guest g1',
      ]);
    });

    it('tell the size of a queue', () => {
      const { g1, handle } = started();
      expect(g1.command(handle, COMMAND.QUEUE_INFO, 0).values).to.deep.equal([8]);
      expect(g1.command(handle, COMMAND.QUEUE_INFO, 1).status).to.equal(-errno.ENOENT);
    });

    it('serve a request and interrupt with the handle', async () => {
      const { rig, g1, handle, memory } = started();
      const interrupts: [number, bigint][] = [];
      g1.guest.port.connect((vector, value) => interrupts.push([vector, value]));
      g1.start(handle);
      memory.write(0x1000, text('hello '));
      memory.write(0x1100, text('world'));
      const areas = [0x1000, 6, 0x1100, 5, 0x2000, 4, 0x2100, 100];
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 77, 2, ...areas).status).to.equal(0);
      expect(g1.command(handle, COMMAND.COMPLETIONS).values).to.deep.equal([0]);
      await rig.world.advance(10000);
      expect(interrupts).to.deep.equal([[5, BigInt(handle)]]);
      expect(g1.command(handle, COMMAND.COMPLETIONS).values).to.deep.equal([0, 0, 77, 11]);
      expect(memory.read(0x2000, 4)).to.deep.equal(text('hell'));
      expect(memory.read(0x2100, 7)).to.deep.equal(text('o world'));
    });

    it('interrupt once until the guest asks', async () => {
      const { rig, g1, handle } = started();
      let interrupts = 0;
      g1.guest.port.connect(() => (interrupts += 1));
      g1.start(handle);
      for (const cookie of [1, 2, 3]) g1.command(handle, COMMAND.SUBMIT, 0, cookie, 0, 0x2000, 1);
      await rig.world.advance(100000);
      expect(interrupts).to.equal(1);
      expect(g1.command(handle, COMMAND.COMPLETIONS).values).to.deep.equal([0, 0, 1, 0, 0, 2, 0, 0, 3, 0]);
      g1.command(handle, COMMAND.SUBMIT, 0, 4, 0, 0x2000, 1);
      await rig.world.advance(100000);
      expect(interrupts).to.equal(2);
    });

    it('refuse a request that points outside memory, with address and length', () => {
      const { rig, g1, handle } = started();
      g1.start(handle);
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, 0xff00, 0x200).status).to.equal(-errno.EFAULT);
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 1, 1, 0x1000, 4, 0x40000000, 4).status).to.equal(-errno.EFAULT);
      expect(rig.refusals).to.deep.equal([
        '512 bytes at 0xff00 lie outside the memory of guest g1',
        '4 bytes at 0x40000000 lie outside the memory of guest g1',
      ]);
      expect(g1.guest.counters.bytesCopiedHost).to.equal(0);
    });

    it('refuse requests that cannot be', () => {
      const { g1, handle } = started();
      const submit = (...args: number[]) => g1.command(handle, COMMAND.SUBMIT, ...args).status;
      expect(submit(0, 1, 0, 0x1000, 4), 'before DRIVER_OK').to.equal(-errno.EAGAIN);
      g1.start(handle);
      expect(submit(1, 1, 0, 0x1000, 4), 'no such queue').to.equal(-errno.ENOENT);
      expect(submit(0, 1, 0), 'no areas').to.equal(-errno.EINVAL);
      expect(submit(0, 1, 2, 0x1000, 4), 'more areas to read than areas').to.equal(-errno.EINVAL);
      expect(submit(0, 1, 0, 0x1000), 'half an area').to.equal(-errno.EINVAL);
      const many = Array.from({ length: 9 }, () => [0x1000, 1]).flat();
      expect(submit(0, 1, 0, ...many), 'more areas than the queue holds').to.equal(-errno.ENOSPC);
      const all = Array.from({ length: 2 }, () => [0, 0xffff]).flat();
      expect(submit(0, 1, 0, ...all), 'more than memory').to.equal(-errno.EINVAL);
      expect(g1.command(handle, 99).status, 'no such command').to.equal(-errno.EINVAL);
    });

    it('break a device whose model throws, and nothing else', async () => {
      const { rig, g1, handle, model } = started();
      model.serve = () => {
        throw new Error('boom');
      };
      g1.start(handle);
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 5, 0, 0x2000, 1).status).to.equal(0);
      expect(g1.command(handle, COMMAND.COMPLETIONS).values).to.deep.equal([1, 0, 5, 0]);
      expect(g1.command(handle, COMMAND.GET_STATUS).values).to.deep.equal([LIVE | STATUS.DEVICE_NEEDS_RESET]);
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 6, 0, 0x2000, 1).status).to.equal(-errno.EIO);
      expect(rig.hv.log.errors.map(({ message }) => message)).to.deep.equal(['device e0: queue 0 threw']);
      expect(g1.free(handle)).to.equal(0);
      await rig.world.advance(10000);
      expect(g1.command(g1.alloc(), COMMAND.GET_STATUS).values).to.deep.equal([0]);
    });

    it('never reach the memory of a guest that has reset the device or given it back', async () => {
      for (const end of ['reset', 'free'] as const) {
        const { rig, g1, handle, memory } = started();
        g1.start(handle);
        memory.write(0x1000, text('x'));
        g1.command(handle, COMMAND.SUBMIT, 0, 1, 1, 0x1000, 1, 0x2000, 1);
        if (end === 'reset') g1.command(handle, COMMAND.SET_STATUS, 0);
        else g1.free(handle);
        await rig.world.advance(100000);
        expect(memory.getU8(0x2000), end).to.equal(0);
      }
    });

    it('tell nothing to a dead guest, and say so', async () => {
      const { rig, g1, handle } = started();
      g1.start(handle);
      g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, 0x2000, 1);
      g1.guest.destroy();
      await rig.world.advance(100000);
      const what = 'device e0, queue 0 reaches for memory of guest g1 at 0x2000, but the guest is gone';
      expect(rig.refusals).to.deep.equal([what]);
    });

    it('end when the device is unplugged: the guest is interrupted, and each call is refused', async () => {
      const { rig, g1, handle, plugged } = started();
      const interrupts: bigint[] = [];
      g1.guest.port.connect((_vector, value) => interrupts.push(value));
      g1.start(handle);
      g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, 0x2000, 1);
      plugged.unplug();
      plugged.unplug();
      await rig.world.advance(100000);
      expect(interrupts).to.deep.equal([BigInt(handle)]);
      expect(g1.command(handle, COMMAND.COMPLETIONS).status).to.equal(-errno.ENODEV);
      expect(rig.refusals).to.deep.equal([`device e0 of handle ${String(handle)} is gone`]);
      expect(rig.claims).to.deep.equal([]);
      expect(g1.alloc()).to.equal(-errno.ENODEV);
      expect(g1.free(handle)).to.equal(0);
      expect(g1.free(handle)).to.equal(-errno.EBADF);
    });
  });

  it('refuses two devices of one name', () => {
    const rig = new Ps3Machine();
    rig.plug(new EchoModel('same'));
    expect(() => rig.plug(new EchoModel('same'))).to.throw("EEXIST: File exists, plug_device 'same'");
  });

  it('lets nothing but numbers, bigints and bytes cross', () => {
    const { rig, g1 } = rigWith(1, { world: { isolate: true } });
    const handle = g1.alloc();
    g1.start(handle);
    expect(g1.command(handle, COMMAND.GET_STATUS).values).to.deep.equal([LIVE]);
    expect(rig.refusals).to.deep.equal([]);
  });
});
