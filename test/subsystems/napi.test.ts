import { expect } from 'chai';
import fc from 'fast-check';
import { Kernel, Napi, World } from '../../lib';
import { timeSqueeze } from '../../lib/subsystems/napi';

const TICK_NS = 4_000_000;

/** A device with so many frames, which is polled. */
class Card {
  readonly napi: Napi;
  readonly polls: number[] = [];

  constructor(
    readonly kernel: Kernel,
    public frames: number,
    readonly name = 'card',
    readonly log: string[] = [],
    readonly onPoll: () => void = () => undefined,
  ) {
    this.napi = new Napi(kernel, name, (budget) => this.#poll(budget));
  }

  #poll(budget: number): number {
    this.onPoll();
    const work = Math.min(budget, this.frames);
    this.frames -= work;
    this.polls.push(work);
    this.log.push(this.name);
    if (work < budget) this.napi.completeDone();
    return work;
  }

  interrupt(): void {
    this.kernel.softirqs.interrupt(() => {
      if (this.napi.schedulePrep()) this.napi.schedule();
    });
  }
}

function rig(frames: number) {
  const kernel = new Kernel(new World());
  const card = new Card(kernel, frames);
  card.napi.enable();
  return { kernel, world: kernel.world, card };
}

describe('napi', () => {
  it('is polled with 64 frames at a time until there are fewer', () => {
    const { card } = rig(150);
    card.interrupt();
    expect(card.polls).to.deep.equal([64, 64, 22]);
    card.frames = 1;
    card.interrupt();
    expect(card.polls).to.deep.equal([64, 64, 22, 1]);
  });

  it('warns of a poll that takes more than it may, and of none that takes all', () => {
    for (const [extra, warnings] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const kernel = new Kernel(new World());
      let polls = 0;
      const napi: Napi = new Napi(kernel, 'greedy', (budget) => {
        if (polls++ === 0) return budget + extra;
        napi.completeDone();
        return 0;
      });
      napi.enable();
      kernel.softirqs.interrupt(() => {
        if (napi.schedulePrep()) napi.schedule();
      });
      expect(kernel.log.entries.filter(({ text }) => text.includes('greedy')).length).to.equal(warnings);
    }
  });

  it('has ten polls in a go, one a round; ksoftirqd goes on a tick later', async () => {
    const { kernel, world, card } = rig(Infinity);
    card.interrupt();
    expect(card.polls).to.deep.equal(Array.from({ length: 10 }, () => 64));
    await world.settle();
    card.interrupt();
    expect(card.polls.length).to.equal(10);
    expect(timeSqueeze(kernel)).to.equal(0);
    await world.advance(TICK_NS);
    expect(card.polls.length).to.equal(20);
    card.frames = 0;
    await world.advance(TICK_NS);
    // Once more, for the interrupt that came meanwhile.
    expect(card.polls.slice(20)).to.deep.equal([0, 0]);
  });

  it('takes 300 frames in a round, of all devices together; those behind are the first in the next', () => {
    const { kernel } = rig(0);
    const log: string[] = [];
    const cards = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => new Card(kernel, 128, name, log));
    for (const { napi } of cards) napi.enable();
    kernel.softirqs.interrupt(() => {
      for (const { napi } of cards) if (napi.schedulePrep()) napi.schedule();
    });
    expect(log.join('')).to.equal('abcde' + 'fabcd' + 'efabc' + 'def');
    expect(timeSqueeze(kernel)).to.equal(2);
  });

  it('is polled in turn with others', () => {
    const { kernel } = rig(0);
    const log: string[] = [];
    const cards = ['a', 'b'].map((name) => new Card(kernel, 128, name, log));
    for (const { napi } of cards) napi.enable();
    kernel.softirqs.interrupt(() => {
      for (const { napi } of cards) if (napi.schedulePrep()) napi.schedule();
    });
    expect(log).to.deep.equal(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('ends a round after eight ms, whatever is left', () => {
    const kernel = new Kernel(new World());
    const log: string[] = [];
    const slow = (): void => kernel.world.consume(5_000_000);
    const cards = ['a', 'b', 'c'].map((name) => new Card(kernel, 1, name, log, slow));
    for (const { napi } of cards) napi.enable();
    kernel.softirqs.interrupt(() => {
      for (const { napi } of cards) if (napi.schedulePrep()) napi.schedule();
    });
    expect(log).to.deep.equal(['a', 'b']);
    expect(timeSqueeze(kernel)).to.equal(1);
  });

  it('that is scheduled while it is polled is polled once more', () => {
    const kernel = new Kernel(new World());
    let again = 1;
    const card: Card = new Card(kernel, 0, 'card', [], () => {
      if (again-- > 0) expect(card.napi.schedulePrep()).to.equal(false);
    });
    card.napi.enable();
    card.interrupt();
    expect(card.polls).to.deep.equal([0, 0]);
  });

  it('is not polled before it is enabled, nor when it is disabled', async () => {
    const { world, card } = rig(5);
    const idle = new Card(card.kernel, 5);
    idle.interrupt();
    expect(idle.polls).to.deep.equal([]);
    await world.run(() => card.napi.disable());
    card.interrupt();
    expect(card.polls).to.deep.equal([]);
    card.napi.enable();
    card.interrupt();
    expect(card.polls).to.deep.equal([5, 0]);
  });

  it('can be disabled though its work never ends', async () => {
    const { world, card } = rig(Infinity);
    card.interrupt();
    await world.run(() => card.napi.disable(), 'ndo_stop');
    const { length } = card.polls;
    await world.advance(10 * TICK_NS);
    expect(card.polls.length).to.equal(length);
    expect(world.timerCount + world.taskCount).to.equal(0);
  });

  it('tells of a driver that takes more than it may, once', () => {
    const kernel = new Kernel(new World());
    const greedy = new Napi(kernel, 'greedy_poll', (budget) => {
      greedy.completeDone();
      return budget + 1;
    });
    greedy.enable();
    for (let i = 0; i < 2; i++) {
      kernel.softirqs.interrupt(() => {
        if (greedy.schedulePrep()) greedy.schedule();
      });
    }
    const texts = kernel.log.entries.map(({ text }) => text);
    expect(texts).to.deep.equal(['NAPI poll function greedy_poll returned 65, exceeding its budget of 64.']);
  });

  it('takes every frame, and no poll more than its budget, whenever frames come', async () => {
    const bursts = fc.array(
      fc.record({ frames: fc.integer({ min: 0, max: 700 }), ns: fc.integer({ min: 0, max: 2 * TICK_NS }) }),
      {
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(bursts, async (list) => {
        const { world, card } = rig(0);
        for (const { frames, ns } of list) {
          card.frames += frames;
          card.interrupt();
          await world.advance(ns);
        }
        await world.advance(100 * TICK_NS);
        expect(card.frames).to.equal(0);
        expect(card.polls.every((work) => work <= 64)).to.equal(true);
        expect(world.timerCount + world.taskCount).to.equal(0);
      }),
      { numRuns: 50 },
    );
  });
});
