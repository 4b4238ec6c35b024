import { expect } from 'chai';
import fc from 'fast-check';
import { HypercallQueue } from '../../lib/access/styles/channel/guest-queue';
import { Kernel } from '../../lib/base/kernel';
import { errno } from '../../lib/errno';
import { Hypervisor } from '../../lib/hypervisor/index';
import { World } from '../../lib/world/index';
import { text } from '../ps3-handle/support';

interface Sent {
  readonly cookie: number;
  readonly out: string;
  readonly segments: readonly { address: number; length: number; write: boolean }[];
}

/** A queue, what it sent, and what the device is to answer. */
function machine(size = 8, memory = 1 << 16) {
  const world = new World();
  const guest = new Hypervisor(world).createGuest({ memory });
  const kernel = new Kernel(world, { port: guest.port });
  const state = { status: 0, callbacks: 0 };
  const sent: Sent[] = [];
  const queue = new HypercallQueue({
    kernel,
    index: 0,
    size,
    spec: { name: 'q', callback: () => (state.callbacks += 1) },
    submit: (_queue, cookie, segments) => {
      const read = segments.filter(({ write }) => !write).map((s) => guest.memory.read(s.address, s.length));
      const out = read.map((bytes) => String.fromCharCode(...bytes)).join('|');
      if (state.status === 0) sent.push({ cookie, out, segments });
      return state.status;
    },
  });
  return { kernel, guest, queue, sent, state };
}

describe('HypercallQueue', () => {
  it('sends each request with a hypercall of its own, at the kick, in order', () => {
    const { queue, sent, guest } = machine();
    expect(queue.add({ out: [text('ab'), text('c')], in: [4] }, 'one')).to.equal(0);
    expect(queue.add({ in: [1] }, 'two')).to.equal(0);
    expect(sent).to.deep.equal([]);
    expect(queue.kick()).to.equal(true);
    const seen = sent.map(({ cookie, out, segments }) => [cookie, out, segments.length]);
    expect(seen).to.deep.equal([
      [1, 'ab|c', 3],
      [2, '', 1],
    ]);
    expect(guest.counters.bytesCopiedGuest).to.equal(3);
    expect(queue.numFree).to.equal(4);
  });

  it('gives what the device has written, as far as it has, and the memory back', () => {
    const { queue, sent, guest, kernel, state } = machine();
    queue.add({ out: [text('x')], in: [2, 3] }, 'token');
    queue.kick();
    guest.memory.write(sent[0]?.segments[1]?.address ?? 0, text('abcde'));
    queue.complete(1, 3);
    queue.notify();
    expect(state.callbacks).to.equal(1);
    const done = queue.getBuf();
    expect(done?.token).to.equal('token');
    expect(done?.length).to.equal(3);
    expect(done?.data).to.deep.equal([text('ab'), text('c')]);
    expect(queue.getBuf()).to.equal(undefined);
    expect(queue.numFree).to.equal(8);
    expect(kernel.dma?.inUse).to.equal(0);
  });

  it('is full when the pieces are, and has room again after getBuf', () => {
    const { queue } = machine(3);
    expect(queue.add({ out: [text('a')], in: [1] }, 1)).to.equal(0);
    expect(queue.add({ out: [text('a')], in: [1] }, 2)).to.equal(-errno.ENOSPC);
    queue.kick();
    queue.complete(1, 0);
    expect(queue.add({ out: [text('a')], in: [1] }, 2)).to.equal(-errno.ENOSPC);
    queue.getBuf();
    expect(queue.add({ out: [text('a')], in: [1] }, 2)).to.equal(0);
  });

  it('refuses nothing at all with EINVAL, and what does not fit into memory with ENOMEM', () => {
    const { queue } = machine();
    expect(queue.add({}, 1)).to.equal(-errno.EINVAL);
    expect(queue.add({ out: [new Uint8Array(0)], in: [0] }, 1)).to.equal(-errno.EINVAL);
    expect(queue.add({ in: [1 << 20] }, 1)).to.equal(-errno.ENOMEM);
    expect(queue.numFree).to.equal(8);
  });

  it('keeps what a device does not take yet for the next kick', () => {
    const { queue, sent, state } = machine();
    state.status = -errno.EAGAIN;
    queue.add({ in: [1] }, 1);
    expect(queue.kick()).to.equal(true);
    state.status = 0;
    expect(queue.kick()).to.equal(true);
    expect(sent.map(({ cookie }) => cookie)).to.deep.equal([1]);
  });

  it('breaks when the device refuses', () => {
    const { queue, state } = machine();
    state.status = -errno.ENODEV;
    queue.add({ in: [1] }, 1);
    expect(queue.kick()).to.equal(false);
    expect(queue.broken).to.equal(true);
    expect(queue.add({ in: [1] }, 2)).to.equal(-errno.EIO);
    expect(queue.enableCb()).to.equal(true);
  });

  it('does not call back while callbacks are off, and says what came meanwhile', () => {
    const { queue, state } = machine();
    queue.add({ in: [1] }, 1);
    queue.kick();
    queue.disableCb();
    queue.complete(1, 1);
    queue.notify();
    expect(state.callbacks).to.equal(0);
    expect(queue.enableCb()).to.equal(false);
    queue.getBuf();
    expect(queue.enableCb()).to.equal(true);
    queue.notify();
    expect(state.callbacks).to.equal(0);
  });

  it('gives the tokens of what was not used, whatever had become of it', () => {
    const { queue, kernel, state } = machine();
    for (const token of ['done', 'flying', 'waiting']) {
      if (token === 'waiting') state.status = -errno.EAGAIN;
      queue.add({ in: [1] }, token);
      queue.kick();
    }
    queue.complete(1, 1);
    const tokens = [1, 2, 3].map(() => queue.detachUnused());
    expect(tokens).to.deep.equal(['done', 'flying', 'waiting']);
    expect(queue.detachUnused()).to.equal(undefined);
    expect(queue.numFree).to.equal(8);
    expect(kernel.dma?.inUse).to.equal(0);
  });

  for (const [what, answer] of [
    ['a request that it does not have', (q: HypercallQueue) => q.complete(2, 0)],
    [
      'a request twice',
      (q: HypercallQueue) => {
        q.complete(1, 1);
        q.complete(1, 1);
      },
    ],
    ['more bytes than there is room for', (q: HypercallQueue) => q.complete(1, 5)],
    ['no number', (q: HypercallQueue) => q.complete(Number.NaN, 0)],
    ['with no number of bytes', (q: HypercallQueue) => q.complete(1, Number.NaN)],
    ['with less than no bytes', (q: HypercallQueue) => q.complete(1, -1)],
  ] as const) {
    it(`breaks when the device completes ${what}, and tells the driver`, () => {
      const { queue, kernel, state } = machine();
      queue.add({ in: [4] }, 1);
      queue.kick();
      answer(queue);
      queue.notify();
      expect(queue.broken).to.equal(true);
      expect(queue.getBuf()).to.equal(undefined);
      expect(state.callbacks).to.equal(1);
      expect(kernel.log.entries.length).to.equal(1);
      queue.free();
      expect(kernel.dma?.inUse).to.equal(0);
    });
  }

  it('never throws, leaks or miscounts, whatever a driver does and a device answers', () => {
    const lengths = fc.array(fc.nat(40), { maxLength: 3 });
    const step = fc.oneof(
      fc.record({ op: fc.constant('add' as const), out: lengths, in: lengths }),
      fc.record({ op: fc.constant('kick' as const) }),
      fc.record({ op: fc.constant('get' as const) }),
      fc.record({ op: fc.constant('notify' as const) }),
      fc.record({ op: fc.constant('detach' as const) }),
      fc.record({ op: fc.constant('complete' as const), cookie: fc.nat(12), length: fc.nat(130) }),
      fc.record({ op: fc.constant('status' as const), status: fc.constantFrom(0, 0, 0, -errno.EAGAIN, -errno.EIO) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { queue, kernel, state } = machine(6, 1 << 14);
        for (const one of steps) {
          if (one.op === 'add') queue.add({ out: one.out.map((n) => new Uint8Array(n)), in: one.in }, {});
          else if (one.op === 'kick') queue.kick();
          else if (one.op === 'get') queue.getBuf();
          else if (one.op === 'notify') queue.notify();
          else if (one.op === 'detach') queue.detachUnused();
          else if (one.op === 'complete') queue.complete(one.cookie, one.length);
          else state.status = one.status;
          expect(queue.numFree).to.be.within(0, 6);
        }
        queue.free();
        expect(queue.numFree).to.equal(6);
        expect(kernel.dma?.inUse).to.equal(0);
      }),
    );
  });
});
