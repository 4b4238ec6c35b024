import { expect } from 'chai';
import type { DmaBuffer } from '../../lib/access';
import { Kernel } from '../../lib/base/kernel';
import type { ErrnoError } from '../../lib/errno';
import { FEATURE, featureBit, SplitVirtqueue, STATUS } from '../../lib/virtio';
import type { SplitVirtqueueInit } from '../../lib/virtio/split-virtqueue';
import { World } from '../../lib/world';
import { HeldDevice } from '../support/held-device';
import { VirtioMachine } from '../support/virtio';

const V1 = featureBit(FEATURE.VERSION_1);
const INDIRECT = featureBit(FEATURE.RING_INDIRECT_DESC);
const EVENT = featureBit(FEATURE.RING_EVENT_IDX);

/** A queue that is in use, with the device behind it. */
async function queue(features = V1, size = 8, callback?: () => void) {
  const machine = new VirtioMachine();
  const model = new HeldDevice([size]);
  const transport = machine.transport(model);
  for (const status of [1, 3]) await transport.setStatus(status);
  await transport.finalizeFeatures(features);
  await transport.setStatus(11);
  const [vq] = await transport.findVqs([callback === undefined ? { name: 'q' } : { name: 'q', callback }]);
  await transport.setStatus(15);
  if (!(vq instanceof SplitVirtqueue)) throw new Error('no queue');
  const memory = machine.guest.memory;
  const forgeUsed = (id: number, length = 0): void => {
    const index = memory.getU16(vq.device + 2);
    memory.setU32(vq.device + 4 + 8 * (index % size), id);
    memory.setU32(vq.device + 8 + 8 * (index % size), length);
    memory.setU16(vq.device + 2, index + 1);
  };
  return { machine, model, transport, vq, memory, forgeUsed };
}

const text = (string: string): Uint8Array => Uint8Array.from(string, (c) => c.charCodeAt(0));

describe('a split virtqueue', () => {
  it('lies aligned in memory of its kernel, and gives all of it back', async () => {
    const { machine, transport, vq } = await queue();
    // VIRTIO 1.2 §2.7: descriptor table 16, driver area 2, device area 4.
    expect(vq.desc % 16).to.equal(0);
    expect(vq.driver % 2).to.equal(0);
    expect(vq.device % 4).to.equal(0);
    expect(vq.driver - vq.desc).to.equal(128);
    expect(vq.device - vq.driver).to.equal(24);
    expect(machine.held.bytes).to.equal(128 + 24 + 6 + 64);
    vq.add({ out: [text('left')] }, 'left');
    await transport.delVqs();
    expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
  });

  const impossible: [string, Partial<SplitVirtqueueInit>, string][] = [
    ['a size that is no power of two', { size: 3 }, 'EINVAL'],
    ['no descriptors', { size: 0 }, 'EINVAL'],
    ['a size above 32768', { size: 65536 }, 'EINVAL'],
    ['more memory than there is', { size: 32768 }, 'ENOMEM'],
    ['a kernel without memory for devices', { kernel: new Kernel(new World()) }, 'ENODEV'],
  ];
  for (const [title, over, code] of impossible) {
    it(`is refused with ${code} for ${title}`, () => {
      const machine = new VirtioMachine({ memory: 1 << 16 });
      const init = {
        kernel: machine.kernel,
        index: 0,
        spec: { name: 'q' },
        size: 8,
        features: V1,
        notify: () => true,
        ...over,
      };
      let error: ErrnoError | undefined;
      try {
        new SplitVirtqueue(init);
      } catch (thrown) {
        error = thrown as ErrnoError;
      }
      expect(error?.code).to.equal(code);
      expect(machine.held.bytes).to.equal(0);
    });
  }

  for (const [title, features, descriptors] of [
    ['', V1, 4],
    [' in an indirect table', V1 | INDIRECT, 1],
  ] as const) {
    it(`hands over what is to read and what is to write${title}, in order`, async () => {
      const { machine, model, vq } = await queue(features);
      const bytes = machine.held.bytes;
      expect(vq.add({ out: [text('ab'), text('c')], in: [2, 3] }, 'token')).to.equal(0);
      expect(vq.numFree).to.equal(8 - descriptors);
      expect(model.held.length).to.equal(0);
      expect(vq.kick()).to.equal(true);
      expect(model.held.map(({ readable, writable }) => [String.fromCharCode(...readable), writable])).to.deep.equal([
        ['abc', 5],
      ]);
      expect(vq.getBuf()).to.equal(undefined);
      model.complete(text('1234'));
      expect(vq.getBuf()).to.deep.equal({ token: 'token', length: 4, data: [text('12'), text('34')] });
      expect(vq.getBuf()).to.equal(undefined);
      expect(vq.numFree).to.equal(8);
      expect(machine.held.bytes).to.equal(bytes);
      expect(machine.hv.log.refusals).to.deep.equal([]);
    });
  }

  it('counts the bytes that it copied itself', async () => {
    const { machine, model, vq } = await queue();
    vq.add({ out: [text('abc')], in: [10] }, 1);
    vq.kick();
    model.complete(text('1234'));
    vq.getBuf();
    expect(machine.guest.port.counters().bytesCopiedGuest).to.equal(7);
  });

  it('copies what it is given: the driver may use its bytes again at once', async () => {
    const { model, vq } = await queue();
    const bytes = text('ab');
    vq.add({ out: [bytes] }, 1);
    bytes.fill(0);
    vq.kick();
    expect(model.held[0]?.readable).to.deep.equal(text('ab'));
  });

  it('gives completions in the order of the device', async () => {
    const { model, vq } = await queue();
    for (const token of ['a', 'b', 'c']) vq.add({ in: [1] }, token);
    vq.kick();
    model.complete(text('B'), 1);
    model.complete(text('C'), 1);
    model.complete(text('A'));
    expect([vq.getBuf(), vq.getBuf(), vq.getBuf()].map((done) => done?.token)).to.deep.equal(['b', 'c', 'a']);
  });

  it('shows no more than an area holds when the device claims more', async () => {
    const { vq, forgeUsed } = await queue();
    vq.add({ in: [2, 2] }, 'x');
    forgeUsed(0, 0xffffffff);
    const done = vq.getBuf();
    expect(done?.length).to.equal(0xffffffff);
    expect(done?.data.map((part) => part.length)).to.deep.equal([2, 2]);
  });

  it('leaves out empty pieces, and refuses to hold nothing', async () => {
    const { model, vq } = await queue();
    expect(vq.add({}, 1)).to.equal(-22);
    expect(vq.add({ out: [text('')], in: [0] }, 1)).to.equal(-22);
    expect(vq.add({ out: [text(''), text('a')], in: [0, 1] }, 1)).to.equal(0);
    expect(vq.numFree).to.equal(6);
    vq.kick();
    model.complete(text('z'));
    expect(vq.getBuf()?.data).to.deep.equal([text(''), text('z')]);
  });

  it('is full with -ENOSPC, and tells the device of what it has to read', async () => {
    const { machine, model, vq } = await queue(V1, 2);
    expect(vq.add({ out: [text('a')] }, 1)).to.equal(0);
    const bytes = machine.held.bytes;
    expect(vq.add({ in: [1, 1] }, 2)).to.equal(-28);
    expect(model.held.length).to.equal(0);
    expect(vq.add({ out: [text('b'), text('c')] }, 2)).to.equal(-28);
    expect(model.held.length).to.equal(1);
    expect(machine.held.bytes).to.equal(bytes);
  });

  it('refuses with -ENOMEM what does not fit into memory, and is as before', async () => {
    const { machine, vq } = await queue();
    const bytes = machine.held.bytes;
    expect(vq.add({ in: [64 << 20] }, 1)).to.equal(-12);
    expect(vq.numFree).to.equal(8);
    expect(machine.held.bytes).to.equal(bytes);
  });

  describe('that is broken', () => {
    it('takes nothing, gives nothing and is told so', async () => {
      const { model, vq } = await queue();
      vq.add({ in: [1] }, 1);
      vq.kick();
      model.complete();
      vq.markBroken();
      expect(vq.broken).to.equal(true);
      expect(vq.add({ in: [1] }, 2)).to.equal(-5);
      expect(vq.kick()).to.equal(false);
      expect(vq.getBuf()).to.equal(undefined);
      expect(vq.enableCb()).to.equal(true);
    });

    it('by a used id that is out of range', async () => {
      const { machine, vq, forgeUsed } = await queue();
      forgeUsed(8);
      expect(vq.getBuf()).to.equal(undefined);
      expect(vq.broken).to.equal(true);
      expect(machine.kernel.log.entries.map(({ text: line }) => line)).to.deep.equal(['q:id 8 out of range']);
    });

    it('by a used id that nobody has made available', async () => {
      const { machine, vq, forgeUsed } = await queue();
      vq.add({ in: [1, 1] }, 1);
      forgeUsed(1);
      expect(vq.getBuf()).to.equal(undefined);
      expect(vq.broken).to.equal(true);
      expect(machine.kernel.log.entries.map(({ text: line }) => line)).to.deep.equal(['q:id 1 is not a head!']);
    });

    it('by an id that comes back twice', async () => {
      const { vq, forgeUsed } = await queue();
      vq.add({ in: [1] }, 'once');
      forgeUsed(0);
      forgeUsed(0);
      expect(vq.getBuf()?.token).to.equal('once');
      expect(vq.getBuf()).to.equal(undefined);
      expect(vq.broken).to.equal(true);
    });

    it('by a device that cannot be told, be it by a refusal', async () => {
      const gone = await queue();
      gone.transport.present = false;
      gone.vq.add({ in: [1] }, 1);
      expect(gone.vq.kick()).to.equal(false);
      expect(gone.vq.broken).to.equal(true);
    });
  });

  describe('calls back', () => {
    it('from an interrupt, if there is something', async () => {
      let calls = 0;
      const { machine, model, transport, vq } = await queue(V1, 8, () => (calls += 1));
      vq.add({ in: [1] }, 1);
      vq.kick();
      machine.guest.interrupt(transport.vector + 1);
      await machine.world.advance(10_000);
      expect(calls).to.equal(0);
      expect(vq.vqInterrupt()).to.equal(false);
      model.complete();
      await machine.world.advance(10_000);
      expect(calls).to.equal(1);
      expect(vq.vqInterrupt()).to.equal(true);
    });

    it('no more when it is broken', async () => {
      let calls = 0;
      const { vq, forgeUsed } = await queue(V1, 8, () => (calls += 1));
      vq.markBroken();
      forgeUsed(0);
      expect(vq.vqInterrupt()).to.equal(true);
      expect(calls).to.equal(0);
    });

    for (const [title, features] of [
      ['the flag', V1],
      ['the event index', V1 | EVENT],
    ] as const) {
      it(`not while that is switched off, by ${title}`, async () => {
        const { machine, model, vq } = await queue(features, 8, () => undefined);
        const interrupts = async (): Promise<number> => {
          vq.add({ in: [1] }, 1);
          vq.kick();
          const before = machine.guest.port.counters().interrupts;
          model.complete();
          await machine.world.advance(10_000);
          return machine.guest.port.counters().interrupts - before;
        };
        expect(await interrupts()).to.equal(1);
        vq.getBuf();
        vq.disableCb();
        expect(await interrupts()).to.equal(0);
        expect(vq.enableCb()).to.equal(false);
        vq.getBuf();
        expect(vq.enableCb()).to.equal(true);
        expect(await interrupts()).to.equal(1);
      });
    }

    it('never without a callback', async () => {
      const { machine, model, vq } = await queue();
      vq.add({ in: [1] }, 1);
      vq.kick();
      model.complete();
      await machine.world.advance(10_000);
      expect(machine.guest.port.counters().interrupts).to.equal(0);
    });
  });

  describe('kicks', () => {
    it('not while the device has said by the flag that it looks anyway', async () => {
      const { memory, model, vq } = await queue();
      memory.setU16(vq.device, 1);
      vq.add({ in: [1] }, 1);
      expect(vq.kick()).to.equal(true);
      expect(model.held.length).to.equal(0);
      memory.setU16(vq.device, 0);
      vq.kick();
      expect(model.held.length).to.equal(1);
    });

    it('when the index passes the event index of the device', async () => {
      const { memory, transport, model, vq } = await queue(V1 | EVENT);
      const [ring] = transport.backend.queues;
      expect(ring?.ready).to.equal(true);
      memory.setU16(vq.device + 4 + 8 * 8, 1);
      vq.add({ in: [1] }, 1);
      vq.kick();
      expect(model.held.length).to.equal(0);
      vq.add({ in: [1] }, 2);
      vq.kick();
      expect(model.held.length).to.equal(2);
    });
  });

  it('gives back what the device has not used, after a reset', async () => {
    const { machine, transport, vq } = await queue();
    const bytes = machine.held.bytes;
    vq.add({ in: [1] }, 'a');
    vq.add({ out: [text('b'), text('c')] }, 'b');
    await transport.reset();
    expect(vq.detachUnused()).to.equal('a');
    expect(vq.detachUnused()).to.equal('b');
    expect(vq.detachUnused()).to.equal(undefined);
    expect(vq.numFree).to.equal(8);
    expect(machine.held.bytes).to.equal(bytes);
  });

  it('writes an event index only where that was agreed on, and only while callbacks are on', async () => {
    for (const [features, disabled, expected] of [
      [V1, false, 0],
      [V1 | EVENT, false, 1],
      [V1 | EVENT, true, 0xffff],
    ] as const) {
      const { memory, vq, model } = await queue(features, 8, () => undefined);
      vq.add({ in: [1] }, 'a');
      vq.kick();
      if (disabled) vq.disableCb();
      model.complete();
      expect(vq.getBuf()?.token).to.equal('a');
      expect(memory.getU16(vq.driver + 4 + 2 * 8)).to.equal(expected);
    }
  });

  it('uses its own descriptors when there is no memory for a table', async () => {
    const { machine, model, vq } = await queue(V1 | INDIRECT);
    const dma = machine.kernel.dma!;
    const held: DmaBuffer[] = [];
    const takesOne = (size: number): boolean => {
      try {
        return held.push(dma.alloc(size, 16, 'test')) > 0;
      } catch {
        return false;
      }
    };
    for (const size of [1 << 20, 1 << 12, 256, 48, 16]) while (takesOne(size));
    held.at(-1)?.free();
    const buffers = { out: [text('a'), text('b')], in: [1] };
    expect(vq.add(buffers, 'x')).to.equal(0);
    expect(vq.numFree).to.equal(5);
    vq.kick();
    model.complete(Uint8Array.of(7));
    expect(vq.getBuf()?.data).to.deep.equal([Uint8Array.of(7)]);
    expect(vq.numFree).to.equal(8);
  });

  it('refuses with -ENOMEM what would need a table and has fewer descriptors of its own', async () => {
    const { vq } = await queue(V1 | INDIRECT, 2);
    const size = 64 << 20;
    expect(vq.add({ in: [size, size, size] }, 'x')).to.equal(-12);
    expect(vq.numFree).to.equal(2);
  });

  it('gives back what was taken again meanwhile, each once', async () => {
    const { model, vq } = await queue();
    for (const token of ['a', 'b', 'c']) vq.add({ in: [1] }, token);
    vq.kick();
    model.complete(undefined, 1);
    expect(vq.getBuf()?.token).to.equal('b');
    expect(vq.detachUnused()).to.equal('a');
    vq.add({ in: [1] }, 'd');
    expect(new Set([vq.detachUnused(), vq.detachUnused()])).to.deep.equal(new Set(['c', 'd']));
    expect(vq.detachUnused()).to.equal(undefined);
    expect(vq.numFree).to.equal(8);
  });

  it('is dead once it is freed: it takes nothing, gives nothing, tells nobody', async () => {
    const { transport, model, vq } = await queue();
    vq.add({ in: [1] }, 'a');
    await transport.delVqs();
    expect(vq.add({ in: [1] }, 'b')).to.equal(-5);
    expect(vq.getBuf()).to.equal(undefined);
    expect(vq.kick()).to.equal(false);
    expect(model.held.length).to.equal(0);
    expect(vq.broken).to.equal(true);
  });

  it('tells the device by itself when the distance from the last notification would not fit into 16 bits', () => {
    const { kernel, guest } = new VirtioMachine();
    const told: number[] = [];
    let added = 0;
    const notify = (): boolean => told.push(added) > 0;
    const vq = new SplitVirtqueue({ kernel, index: 0, spec: { name: 'q' }, size: 1, features: V1 | EVENT, notify });
    for (added = 1; added < 0x10001; added += 1) {
      vq.add({ in: [1] }, added);
      // A device that looks without being told.
      guest.memory.setU16(vq.device + 2, added);
      vq.getBuf();
    }
    expect(told).to.deep.equal([0xffff]);
    vq.free();
  });

  it('goes round its ring for ever', async () => {
    const { model, vq } = await queue(V1, 2);
    for (let i = 0; i < 70_000; i += 1) {
      if (vq.add({ in: [1] }, i) !== 0 || !vq.kick()) throw new Error(`refused at ${String(i)}`);
      model.complete();
      if (vq.getBuf()?.token !== i) throw new Error(`lost at ${String(i)}`);
    }
    expect(vq.broken).to.equal(false);
    expect(vq.numFree).to.equal(2);
  });

  it('is not ready before the device has agreed', async () => {
    const machine = new VirtioMachine();
    const transport = machine.transport(new HeldDevice());
    await transport.findVqs([{ name: 'q' }]);
    expect(transport.backend.queues[0]?.ready).to.equal(false);
    expect(transport.backend.status & STATUS.DEVICE_NEEDS_RESET).to.equal(0);
  });
});
