import { expect } from 'chai';
import fc from 'fast-check';
import { COSTS, Hypervisor, done, failed, formatEntry, type Crossing, type Width } from '../../lib/hypervisor/index';
import { ErrnoError } from '../../lib/errno';
import { World } from '../../lib/world/index';
import { thrownBy } from '../support/errors';

const BASE = 0xe0000000;

function machine(options: { isolate?: boolean } = {}) {
  const world = new World(options);
  const hv = new Hypervisor(world);
  const g1 = hv.createGuest({ memory: 1 << 20 });
  const g2 = hv.createGuest({ memory: 1 << 20 });
  return { world, hv, g1, g2 };
}

/** Bytes that answer as device memory, little endian. */
function registers(size: number) {
  const bytes = new Uint8Array(size);
  return {
    bytes,
    read: (offset: number, width: Width) =>
      Array.from({ length: width }, (_, i) => (bytes[offset + i] ?? 0) * 256 ** i).reduce((a, b) => a + b, 0),
    write: (offset: number, width: Width, value: number) => {
      for (let i = 0; i < width; i += 1) bytes[offset + i] = value >>> (8 * i);
    },
  };
}

describe('Hypervisor', () => {
  describe('guests', () => {
    it('have names, ids, 16 MiB and a plugged port by default', () => {
      const hv = new Hypervisor(new World());
      const guest = hv.createGuest();
      expect(guest.name).to.equal('g1');
      expect(hv.createGuest({ name: 'other' }).id).to.equal(2);
      expect(guest.port.memory.size).to.equal(16 << 20);
      expect(guest.port.plugged).to.equal(true);
      expect(hv.guests.map((g) => g.name)).to.deep.equal(['g1', 'other']);
    });

    it('refuses a name that lives and a memory that is not whole pages', () => {
      const hv = new Hypervisor(new World());
      hv.createGuest({ name: 'a' }).destroy();
      hv.createGuest({ name: 'a' });
      expect(thrownBy(() => hv.createGuest({ name: 'a' })).code).to.equal('EEXIST');
      expect(thrownBy(() => hv.createGuest({ name: 'b', memory: 1000 })).code).to.equal('EINVAL');
      expect(hv.guests.length).to.equal(1);
    });

    it('have memories of their own', () => {
      const { hv, g1, g2 } = machine();
      g1.port.memory.setU32(0x1000, 0x11111111);
      g2.port.memory.setU32(0x1000, 0x22222222);
      expect(g1.port.memory.getU32(0x1000)).to.equal(0x11111111);
      const { code, message } = thrownBy(() => g2.port.memory.read(1 << 20, 4));
      expect(code).to.equal('EFAULT');
      expect(hv.log.refusals.map((e) => [e.guest, e.refused])).to.deep.equal([['g2', message]]);
    });
  });

  describe('device memory', () => {
    it('answers in the guest it is mapped into', () => {
      const { hv, g1 } = machine();
      hv.mapMmio(g1, BASE, 0x100, registers(0x100));
      g1.port.write(BASE + 8, 4, 0x89abcdef);
      expect(g1.port.read(BASE + 8, 4)).to.equal(0x89abcdef);
      expect(g1.port.read(BASE + 9, 2)).to.equal(0xabcd);
      expect(g1.port.read(BASE + 11, 1)).to.equal(0x89);
    });

    it('of another guest is out of reach: all ones, dropped, logged', () => {
      const { hv, g1, g2 } = machine();
      const device = registers(0x100);
      hv.mapMmio(g1, BASE, 0x100, device);
      expect(g2.port.read(BASE, 1)).to.equal(0xff);
      expect(g2.port.read(BASE, 2)).to.equal(0xffff);
      expect(g2.port.read(BASE, 4)).to.equal(0xffffffff);
      g2.port.write(BASE, 4, 1);
      expect([...device.bytes].every((byte) => byte === 0)).to.equal(true);
      expect(hv.log.refusals.map((e) => e.refused)).to.deep.equal([
        'guest g2 has no device memory at 0xe0000000 (read of 1 bytes)',
        'guest g2 has no device memory at 0xe0000000 (read of 2 bytes)',
        'guest g2 has no device memory at 0xe0000000 (read of 4 bytes)',
        'guest g2 has no device memory at 0xe0000000 (write of 4 bytes)',
      ]);
    });

    it('does not answer an access that runs over its end', () => {
      const { hv, g1 } = machine();
      hv.mapMmio(g1, BASE, 0x10, registers(0x20));
      expect(g1.port.read(BASE + 0xe, 4)).to.equal(0xffffffff);
      expect(g1.port.read(BASE + 0xc, 4)).to.equal(0);
    });

    it('finds the right one of many regions', () => {
      const { hv, g1 } = machine();
      const order = [3, 0, 5, 1, 4, 2];
      for (const n of order) hv.mapMmio(g1, BASE + n * 0x1000, 0x800, { read: () => n, write: () => undefined });
      expect(order.map((n) => g1.port.read(BASE + n * 0x1000 + 0x7fc, 4))).to.deep.equal(order);
      expect(g1.port.read(BASE + 0x800, 4)).to.equal(0xffffffff);
      expect(g1.port.read(BASE - 4, 4)).to.equal(0xffffffff);
    });

    it('refuses a mapping over RAM, over another and one that is no range', () => {
      const { hv, g1, g2 } = machine();
      const device = registers(0x100);
      hv.mapMmio(g1, BASE, 0x100, device);
      expect(thrownBy(() => hv.mapMmio(g1, BASE + 0xff, 1, device)).code).to.equal('EBUSY');
      expect(thrownBy(() => hv.mapMmio(g1, BASE - 1, 2, device)).code).to.equal('EBUSY');
      expect(thrownBy(() => hv.mapMmio(g1, 0xff000, 0x1000, device)).code).to.equal('EBUSY');
      expect(thrownBy(() => hv.mapMmio(g1, BASE + 0x100, 0, device)).code).to.equal('EINVAL');
      expect(thrownBy(() => hv.mapMmio(g1, NaN, 4, device)).code).to.equal('EINVAL');
      expect(g1.port.counters().memoryMapped).to.equal(0x100);
      hv.mapMmio(g2, BASE, 0x100, device);
      hv.mapMmio(g1, BASE + 0x100, 0x100, device);
      hv.mapMmio(g1, BASE - 0x100, 0x100, device);
      expect(g1.port.counters().memoryMapped).to.equal(0x300);
    });

    it('is gone after unmap, which may come twice', () => {
      const { hv, g1 } = machine();
      const mapping = hv.mapMmio(g1, BASE, 0x100, registers(0x100));
      mapping.unmap();
      mapping.unmap();
      expect(g1.port.read(BASE, 4)).to.equal(0xffffffff);
      expect(g1.port.counters().memoryMapped).to.equal(0);
    });

    it('cuts values to the width, whatever a handler or a guest gives', () => {
      const { hv, g1 } = machine();
      let written = -1;
      hv.mapMmio(g1, BASE, 0x10, { read: () => -1, write: (_offset, _width, value) => void (written = value) });
      expect(g1.port.read(BASE, 1)).to.equal(0xff);
      expect(g1.port.read(BASE, 4)).to.equal(0xffffffff);
      g1.port.write(BASE, 2, 0x12345678);
      expect(written).to.equal(0x5678);
    });

    it('that throws gives all ones and an error in the log, nothing to the guest', () => {
      const { hv, g1 } = machine();
      const defect = new Error('defect');
      const broken = () => {
        throw defect;
      };
      hv.mapMmio(g1, BASE, 0x10, { read: broken, write: broken });
      expect(g1.port.read(BASE, 2)).to.equal(0xffff);
      g1.port.write(BASE, 2, 0);
      expect(hv.log.errors.map((e) => [e.guest, e.error])).to.deep.equal([
        ['g1', defect],
        ['g1', defect],
      ]);
    });
  });

  describe('hypercalls', () => {
    it('are logged: who, what, arguments, result, simulated time', () => {
      const { hv, g1, world } = machine();
      world.consume(500);
      hv.defineHypercall({ nr: 7, name: 'add', call: (_guest, [a, b]) => done(Number(a) + Number(b), 5n) });
      expect(g1.port.hypercall(7, [1, 2])).to.deep.equal({ status: 0, values: [3, 5n] });
      expect(hv.log.calls()).to.deep.equal([
        { kind: 'hypercall', time: 500, guest: 'g1', nr: 7, name: 'add', args: [1, 2], status: 0, values: [3, 5n] },
      ]);
      expect(hv.log.entries.map(formatEntry)).to.deep.equal(['[500 ns] g1: add(1, 2) = 0 [3, 5]']);
    });

    it('say who calls', () => {
      const { hv, g1, g2 } = machine();
      hv.defineHypercall({ nr: 1, name: 'who', call: (guest) => done(guest.id) });
      expect(g2.port.hypercall(1, []).values).to.deep.equal([2]);
      expect(g1.port.hypercall(1, []).values).to.deep.equal([1]);
      expect(hv.log.calls('g2').map((e) => e.values)).to.deep.equal([[2]]);
    });

    it('with an unknown number give ENOSYS and are logged too', () => {
      const { hv, g1 } = machine();
      expect(g1.port.hypercall(99, [1])).to.deep.equal({ status: -38, values: [] });
      expect(hv.log.calls().map((e) => [e.nr, e.name, e.status])).to.deep.equal([[99, 'unknown', -38]]);
    });

    it('that throw give the errno, or EIO and an error in the log', () => {
      const { hv, g1 } = machine();
      const defect = new TypeError('defect');
      hv.defineHypercall({
        nr: 1,
        name: 'refuses',
        call: () => {
          throw new ErrnoError('ENOSPC');
        },
      });
      hv.defineHypercall({
        nr: 2,
        name: 'breaks',
        call: () => {
          throw defect;
        },
      });
      expect(g1.port.hypercall(1, []).status).to.equal(-28);
      expect(hv.log.errors).to.deep.equal([]);
      expect(g1.port.hypercall(2, []).status).to.equal(-5);
      expect(hv.log.errors.map((e) => [e.message, e.error])).to.deep.equal([['hypercall breaks threw', defect]]);
      expect(hv.log.calls().map((e) => e.status)).to.deep.equal([-28, -5]);
    });

    it('keep in the log the bytes as they were', () => {
      const { hv, g1 } = machine();
      hv.defineHypercall({ nr: 1, name: 'send', call: () => done() });
      const bytes = new Uint8Array([1, 2]);
      g1.port.hypercall(1, [bytes]);
      bytes[0] = 99;
      expect(hv.log.calls()[0]?.args).to.deep.equal([new Uint8Array([1, 2])]);
      expect(hv.log.entries.map(formatEntry)).to.deep.equal(['[0 ns] g1: send(<01 02>) = 0']);
    });

    it('refuse a number that is taken', () => {
      const { hv } = machine();
      hv.defineHypercall({ nr: 1, name: 'one', call: () => done() });
      const { code, message } = thrownBy(() => hv.defineHypercall({ nr: 1, name: 'two', call: () => done() }));
      expect(code).to.equal('EEXIST');
      expect(message).to.include('1 (two) is one');
      expect(hv.hypercalls.map((h) => h.name)).to.deep.equal(['one']);
    });

    it('never throw at the guest, whatever crosses, and every one is logged', () => {
      const { hv, g1 } = machine({ isolate: true });
      hv.defineHypercall({ nr: 1, name: 'wild', call: (_guest, args) => done(...args) });
      hv.defineHypercall({ nr: 2, name: 'picky', call: (_guest, [a]) => failed((a as Uint8Array).at(0) ?? 1) });
      const crossing = fc.oneof(fc.double(), fc.bigInt(), fc.uint8Array());
      let calls = 0;
      fc.assert(
        fc.property(fc.integer(), fc.nat(3), fc.array(crossing), (other, nr, args) => {
          const { status } = g1.port.hypercall(nr === 3 ? other : nr, args);
          calls += 1;
          expect(status).to.be.at.most(0);
          expect(hv.log.calls().length).to.equal(calls);
        }),
      );
    });
  });

  describe('refusals', () => {
    it('within a hypercall stand in its line', () => {
      const { hv, g2 } = machine();
      hv.defineHypercall({
        nr: 1,
        name: 'close',
        call: (guest, [n]) => failed(hv.refuse(guest, `guest ${guest.name} does not own handle ${String(n)}`)),
      });
      expect(g2.port.hypercall(1, [7])).to.deep.equal({ status: -1, values: [] });
      expect(hv.log.entries.map(formatEntry)).to.deep.equal([
        '[0 ns] g2: close(7) = -1, refused: guest g2 does not own handle 7',
      ]);
      expect(hv.log.refusals.length).to.equal(1);
    });

    it('elsewhere stand in a line of their own', () => {
      const { hv, g2 } = machine();
      expect(hv.refuse(g2, 'guest g2 may not do that', 13)).to.equal(-13);
      expect(hv.log.entries).to.deep.equal([
        { kind: 'refusal', time: 0, guest: 'g2', status: -13, refused: 'guest g2 may not do that' },
      ]);
      expect(hv.log.entries.map(formatEntry)).to.deep.equal(['[0 ns] g2: refused: guest g2 may not do that']);
    });

    it('of one hypercall do not hide each other', () => {
      const { hv, g1, g2 } = machine();
      hv.defineHypercall({
        nr: 1,
        name: 'try',
        call: (guest) => {
          hv.refuse(guest, 'first');
          hv.refuse(g2, 'of another');
          return failed(hv.refuse(guest, 'second'));
        },
      });
      g1.port.hypercall(1, []);
      expect(hv.log.refusals.map((e) => [e.kind, e.guest, e.refused])).to.deep.equal([
        ['hypercall', 'g1', 'first'],
        ['refusal', 'g2', 'of another'],
        ['refusal', 'g1', 'second'],
      ]);
    });
  });

  describe('interrupts', () => {
    it('come from a world event after their cost, never inside a call of the guest', async () => {
      const { hv, g1, world } = machine();
      const got: [number, number, bigint][] = [];
      g1.port.connect((vector, value) => got.push([world.now, vector, value]));
      hv.defineHypercall({
        nr: 1,
        name: 'poke',
        call: (guest) => {
          guest.interrupt(3, 77n);
          return done();
        },
      });
      g1.port.hypercall(1, []);
      expect(got).to.deep.equal([]);
      await world.advance(COSTS.interrupt);
      expect(got).to.deep.equal([[COSTS.hypercall + COSTS.interrupt, 3, 77n]]);
    });

    it('reach only their guest, and nobody where no entry is set', async () => {
      const { g1, g2, world } = machine();
      const got: number[] = [];
      g1.port.connect((vector) => got.push(vector));
      g1.interrupt(1);
      g2.interrupt(2);
      await world.advance(10 * COSTS.interrupt);
      expect(got).to.deep.equal([1]);
      expect(g2.port.counters().interrupts).to.equal(0);
    });

    it('whose entry throws are an oops that the next settle tells, and the host goes on', async () => {
      const { g1, world } = machine();
      const defect = new Error('defect');
      g1.port.connect((vector) => {
        if (vector === 1) throw defect;
      });
      g1.interrupt(1);
      g1.interrupt(2);
      const thrown = await world.advance(COSTS.interrupt).then(
        () => null,
        (error: unknown) => error,
      );
      expect(thrown).to.equal(defect);
      expect(world.oopses.map((o) => o.where)).to.deep.equal(['do_IRQ: guest g1, vector 1']);
      await world.advance(1);
      expect(g1.port.counters().interrupts).to.equal(2);
    });
  });

  describe('an unplugged port', () => {
    it('refuses every call with ENXIO and logs it', () => {
      const { hv, g1 } = machine();
      hv.mapMmio(g1, BASE, 0x100, registers(0x100));
      g1.unplugPort();
      expect(g1.port.plugged).to.equal(false);
      expect(thrownBy(() => g1.port.read(BASE, 4)).code).to.equal('ENXIO');
      expect(thrownBy(() => g1.port.write(BASE, 4, 1)).code).to.equal('ENXIO');
      expect(g1.port.hypercall(1, [])).to.deep.equal({ status: -6, values: [] });
      expect(hv.log.refusals.map((e) => [e.kind, e.refused])).to.deep.equal([
        ['refusal', 'the port of guest g1 is unplugged'],
        ['refusal', 'the port of guest g1 is unplugged'],
        ['hypercall', 'the port of guest g1 is unplugged'],
      ]);
      expect(g1.port.counters().exits).to.equal(0);
    });

    it('loses interrupts that are under way, and cannot be connected again', async () => {
      const { g1, world } = machine();
      const got: number[] = [];
      g1.port.connect((vector) => got.push(vector));
      g1.interrupt(1);
      g1.unplugPort();
      g1.port.connect((vector) => got.push(vector));
      await world.advance(2 * COSTS.interrupt);
      expect(got).to.deep.equal([]);
    });

    it('leaves the guest its memory; a destroyed guest is out of reach for the host as well', () => {
      const { hv, g1 } = machine();
      g1.unplugPort();
      g1.copyTo(0x1000, new Uint8Array([5]), 'disk0');
      expect(g1.port.memory.getU8(0x1000)).to.equal(5);
      g1.destroy();
      expect(thrownBy(() => g1.copyFrom(0x1000, 1, 'disk0')).code).to.equal('ENXIO');
      expect(thrownBy(() => g1.copyTo(0x1000, new Uint8Array(1), 'disk0')).code).to.equal('ENXIO');
      expect(hv.log.refusals.map((e) => e.refused)).to.deep.equal([
        'disk0 reaches for memory of guest g1 at 0x1000, but the guest is gone',
        'disk0 reaches for memory of guest g1 at 0x1000, but the guest is gone',
      ]);
      expect(hv.guests.map((g) => g.name)).to.deep.equal(['g2']);
    });
  });

  describe('counters', () => {
    it('count exits, hypercalls, interrupts, copies, mapped bytes and time', async () => {
      const { hv, g1, g2, world } = machine();
      hv.mapMmio(g1, BASE, 0x100, registers(0x100));
      hv.defineHypercall({ nr: 1, name: 'nop', call: () => done() });
      g1.port.connect(() => undefined);
      g1.port.read(BASE, 4);
      g1.port.write(BASE, 4, 1);
      g1.port.read(0xf0000000, 4);
      g1.port.hypercall(1, []);
      g1.port.hypercall(2, []);
      g1.port.countCopy(12);
      g1.copyTo(0x1000, g1.copyFrom(0x2000, 30, 'disk0'), 'disk0');
      g1.interrupt(0);
      await world.advance(COSTS.interrupt);
      expect(g1.port.counters()).to.deep.equal({
        hypercalls: 2,
        exits: 5,
        accessExits: 0,
        accessCalls: 0,
        accessNs: 0,
        interrupts: 1,
        bytesCopiedHost: 60,
        bytesCopiedGuest: 12,
        memoryMapped: 0x100,
        latencyNs: 3 * COSTS.exit + 2 * COSTS.hypercall + COSTS.interrupt,
      });
      expect(world.now).to.equal(g1.port.counters().latencyNs);
      expect(Object.values(g2.port.counters()).every((n) => n === 0)).to.equal(true);
    });

    it('are a copy: what a guest does to it changes nothing', () => {
      const { g1 } = machine();
      Object.assign(g1.port.counters(), { exits: 99 });
      expect(g1.port.counters().exits).to.equal(0);
    });

    it('have exits traced for those who listen', () => {
      const { hv, g1, world } = machine();
      hv.mapMmio(g1, BASE, 0x10, registers(0x10));
      const seen: string[] = [];
      const stop = hv.log.onExit((e) =>
        seen.push([e.time, e.guest, e.kind, e.address.toString(16), e.width, e.value, e.claimed].join(' ')),
      );
      g1.port.write(BASE, 2, 0x1ffff);
      g1.port.read(BASE, 4);
      g1.port.read(BASE + 0x10, 1);
      stop();
      g1.port.read(BASE, 4);
      expect(seen).to.deep.equal([
        '1000 g1 write e0000000 2 65535 true',
        '2000 g1 read e0000000 4 65535 true',
        '3000 g1 read e0000010 1 255 false',
      ]);
      expect(world.now).to.equal(4000);
    });
  });

  describe('in an isolated world', () => {
    const echo = (options: { isolate?: boolean }) => {
      const parts = machine(options);
      const kept: Crossing[] = [];
      const own = new Uint8Array([1, 2, 3]);
      parts.hv.defineHypercall({
        nr: 1,
        name: 'keep',
        call: (_guest, args) => {
          kept.push(...args);
          return done(own);
        },
      });
      return { ...parts, kept, own };
    };

    it('no reference crosses in either direction', () => {
      const { g1, kept, own } = echo({ isolate: true });
      const sent = new Uint8Array([9, 9]);
      const [got] = g1.port.hypercall(1, [sent, 5, 6n]).values;
      expect(kept).to.deep.equal([sent, 5, 6n]);
      expect(kept[0]).to.not.equal(sent);
      expect(got).to.deep.equal(own);
      expect(got).to.not.equal(own);
      expect((got as Uint8Array).buffer.byteLength).to.equal(3);
    });

    it('a view takes nothing of the buffer behind it along', () => {
      const { g1, kept } = echo({ isolate: true });
      g1.port.hypercall(1, [new Uint8Array(1000).subarray(10, 14)]);
      expect((kept[0] as Uint8Array).buffer.byteLength).to.equal(4);
    });

    it('what may not cross is a defect, told at once', () => {
      const { g1 } = echo({ isolate: true });
      const smuggled = { any: 'thing' } as unknown as Crossing;
      expect(() => g1.port.hypercall(1, [smuggled])).to.throw(TypeError, 'type object cannot cross a port');
    });

    it('otherwise values pass as they are', () => {
      const { g1, own } = echo({ isolate: false });
      expect(g1.port.hypercall(1, []).values[0]).to.equal(own);
    });
  });

  it('shows a guest nothing but its port', () => {
    const { g1 } = machine();
    expect(Object.keys(g1.port)).to.deep.equal([]);
    expect(Object.keys(g1.port.memory)).to.deep.equal(['size', 'name']);
  });
});
