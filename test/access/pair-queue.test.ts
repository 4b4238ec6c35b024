import { expect } from 'chai';
import fc from 'fast-check';
import { pairQueue } from '../../lib/access/styles/mapped/guest-pair-ends';
import { SHARED } from '../../lib/access/styles/mapped/layout';
import { Kernel } from '../../lib/base/kernel';
import { errno } from '../../lib/errno';
import { GuestMemory } from '../../lib/hypervisor';
import { World } from '../../lib/world';

const BYTES = 4096;
const PIECE = 1000;

/** Two ends of one ring; what is signalled is counted. */
function ends(memory = new GuestMemory(2 * 4096, 'ring')) {
  const kernel = new Kernel(new World());
  const signals = { sender: 0, receiver: 0, wakes: 0, callbacks: 0 };
  const make = (index: number, who: 'sender' | 'receiver') =>
    pairQueue({
      kernel,
      index,
      spec: { name: who, callback: () => (signals.callbacks += 1) },
      size: 16,
      memory,
      ring: { offset: 0, bytes: BYTES, piece: PIECE },
      signal: () => (signals[who] += 1) > 0,
      wakeMe: () => (signals.wakes += 1),
    });
  return { memory, kernel, signals, to: make(1, 'sender'), from: make(0, 'receiver') };
}

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe('a queue between two guests', () => {
  it('takes a piece of at most the size that the host says, and nothing to write into', () => {
    const { to, from } = ends();
    expect(to.add({ out: [filled(PIECE + 1, 1)] }, 1)).to.equal(-errno.EINVAL);
    expect(to.add({ out: [] }, 1)).to.equal(-errno.EINVAL);
    expect(to.add({ out: [filled(1, 1)], in: [1] }, 1)).to.equal(-errno.EINVAL);
    expect(from.add({ out: [filled(1, 1)], in: [1] }, 1)).to.equal(-errno.EINVAL);
    expect(from.add({ in: [0] }, 1)).to.equal(-errno.EINVAL);
    expect(to.add({ out: [filled(PIECE, 1)] }, 1)).to.equal(0);
  });

  it('is full when the ring is, and calls the sender when there is room again', () => {
    const { to, from, signals } = ends();
    while (to.add({ out: [filled(PIECE, 1)] }, 'token') === 0);
    expect(to.numFree).to.equal(0);
    expect(to.add({ out: [filled(PIECE, 1)] }, 1)).to.equal(-errno.ENOSPC);
    to.kick();
    while (to.getBuf() !== undefined);
    to.vqInterrupt();
    expect(signals.callbacks, 'nothing happened').to.equal(0);
    from.add({ in: [PIECE] }, 1);
    from.getBuf();
    from.kick();
    expect(signals.receiver).to.equal(1);
    to.vqInterrupt();
    expect(signals.callbacks).to.equal(1);
    expect(to.numFree).to.equal(1);
  });

  it('wakes a receiver that gives its first buffer when something waits already', () => {
    const { to, from, signals } = ends();
    to.add({ out: [filled(10, 1)] }, 1);
    to.kick();
    from.vqInterrupt();
    expect(signals.callbacks, 'no buffer').to.equal(0);
    from.add({ in: [100] }, 1);
    from.kick();
    from.kick();
    expect(signals.wakes).to.equal(1);
    from.vqInterrupt();
    expect(signals.callbacks).to.equal(1);
  });

  it('asks for no interrupts while callbacks are off, and says what came meanwhile', () => {
    const { to, from, signals } = ends();
    from.add({ in: [100] }, 1);
    from.disableCb();
    to.add({ out: [filled(10, 1)] }, 1);
    to.kick();
    expect(signals.sender).to.equal(0);
    expect(from.enableCb()).to.equal(false);
    from.getBuf();
    expect(from.enableCb()).to.equal(true);
  });

  it('goes on for a receiver that comes anew where the last one stopped, within a piece too', () => {
    const { to, from, memory } = ends();
    to.add({ out: [Uint8Array.of(1, 2, 3, 4, 5, 6)] }, 1);
    to.add({ out: [Uint8Array.of(7)] }, 1);
    to.kick();
    from.add({ in: [2] }, 1);
    expect(from.getBuf()?.data).to.deep.equal([Uint8Array.of(1, 2)]);
    const next = ends(memory).from;
    for (const area of [3, 9, 9]) next.add({ in: [area] }, 1);
    const got = [1, 2, 3].flatMap(() => [...(next.getBuf()?.data[0] ?? [])]);
    expect(got).to.deep.equal([3, 4, 5, 6, 7]);
  });

  for (const word of [SHARED.HEAD, SHARED.TAIL]) {
    it(`begins with an empty ring where the indices make no sense (word ${String(word)})`, () => {
      const { memory } = ends();
      memory.setU32(word, 0x8000_0000);
      const { to } = ends(memory);
      expect(to.add({ out: [filled(5, 9)] }, 1)).to.equal(0);
      to.kick();
      const { from, kernel } = ends(memory);
      from.add({ in: [9] }, 1);
      expect(from.getBuf()?.data).to.deep.equal([filled(5, 9)]);
      expect(kernel.log.entries).to.have.length(0);
    });
  }

  it('breaks, with a line in the log, for a sender whose receiver takes more than there is', () => {
    const { to, memory, kernel, signals } = ends();
    to.add({ out: [filled(5, 9)] }, 1);
    to.kick();
    memory.setU32(SHARED.TAIL, 10);
    to.vqInterrupt();
    expect(to.broken).to.equal(true);
    expect(signals.callbacks, 'the driver sees it').to.equal(1);
    expect(kernel.log.entries.map(({ text }) => text)).to.deep.equal([
      'sender: the other end took out what was not put in',
    ]);
    expect(to.add({ out: [filled(5, 9)] }, 1)).to.equal(-errno.EIO);
    expect(to.kick()).to.equal(false);
  });

  it('gives bytes as they were put in, whatever the sizes of pieces and buffers, and where the ring ends', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: PIECE }), { maxLength: 40 });
    const areas = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 4 });
    const start = fc.constantFrom(0, BYTES - 3, 0xffff_fffe, 0xffff_f001);
    fc.assert(
      fc.property(pieces, areas, start, (lengths, rooms, index) => {
        const memory = new GuestMemory(2 * 4096, 'ring');
        memory.setU32(SHARED.HEAD, index);
        memory.setU32(SHARED.TAIL, index);
        const { to, from } = ends(memory);
        const [sent, got]: [number[], number[]] = [[], []];
        const drain = (): void => {
          for (;;) {
            while (from.numFree > 0) from.add({ in: rooms }, 1);
            const done = from.getBuf();
            if (done === undefined) return;
            got.push(...done.data.flatMap((part) => [...part]));
          }
        };
        for (const [i, length] of lengths.entries()) {
          const bytes = Uint8Array.from({ length }, (_, at) => at + i);
          while (to.add({ out: [bytes.subarray(0, length >> 1), bytes.subarray(length >> 1)] }, i) !== 0) {
            to.kick();
            drain();
            while (to.getBuf() !== undefined);
          }
          sent.push(...bytes);
        }
        to.kick();
        drain();
        expect(got).to.deep.equal(sent);
        expect(to.broken || from.broken).to.equal(false);
      }),
      { numRuns: 60 },
    );
  });
});
