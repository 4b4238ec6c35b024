import { expect } from 'chai';
import { GuestDead, SoftLockup, World } from '../../lib/world';
import { watchForeignWaits, whileIn, type ForeignWait } from '../../lib/world/foreign-wait';
import { Random } from '../../lib/world/random';
import type { InMotion, Task } from '../../lib/world/task';
import { errorOf } from '../support/errors';

/** splitmix32, in numbers that do not overflow. */
function* splitmix(seed: bigint): Generator<number> {
  const word = (n: bigint): bigint => BigInt.asUintN(32, n);
  for (let state = seed; ;) {
    state = word(state + 0x9e3779b9n);
    let z = word((state ^ (state >> 16n)) * 0x21f0aaadn);
    z = word((z ^ (z >> 15n)) * 0x735a2d97n);
    yield Number(z ^ (z >> 15n));
  }
}

describe('a world at its edges', () => {
  it('begins at no time', () => expect(new World().now).to.equal(0));

  it('draws the numbers of splitmix32', () => {
    for (const seed of [0, 1, 0xffffffff]) {
      const [random, known] = [new Random(seed), splitmix(BigInt(seed))];
      for (let i = 0; i < 20; i++) expect(random.uint32()).to.equal(known.next().value);
    }
  });

  it('draws below a limit, and bytes', () => {
    const [random, again] = [new Random(7), new Random(7)];
    const drawn = Array.from({ length: 50 }, () => random.below(3));
    expect(new Set(drawn)).to.deep.equal(new Set([0, 1, 2]));
    expect(again.bytes(50).length).to.equal(50);
  });

  it('has a task that is runnable wait for a thousand events at most', async () => {
    const world = new World();
    let events = 0;
    let seen = -1;
    const again = (): void => {
      events += 1;
      if (seen < 0) world.after(0, again);
    };
    world.after(0, again);
    world.after(0, () => void world.spawn(() => void (seen = events)));
    await world.settle();
    expect(seen).to.be.within(2, 1001);
    expect(events).to.be.within(2, 1002);
  });

  it('gives what a task throws to who waits for it, and to nobody else', async () => {
    const world = new World();
    const failed = new Error('task');
    const task = world.spawn(() => {
      throw failed;
    });
    const error: unknown = await task.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.equal(failed);
    await world.settle();
  });

  it('has an exception of an event thrown by the next settle(), once, and reports it', async () => {
    const world = new World();
    const failed = new Error('event');
    world.after(5, () => {
      throw failed;
    });
    expect(await errorOf(() => world.advance(5))).to.equal(failed);
    expect(world.oopses.map(({ error, time }) => [error, time])).to.deep.equal([[failed, 5]]);
    await world.settle();
  });

  it('runs what was queued by itself, when its caller calls no more', async () => {
    const world = new World();
    let ran = false;
    void world.run(() => void world.spawn(() => void (ran = true)));
    expect(ran).to.equal(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).to.equal(true);
  });

  it('counts what the host does among the turns', async () => {
    for (const [turns, locked] of [
      [3, false],
      [20, true],
    ] as const) {
      const world = new World({ maxTurns: 10 });
      const busy = async (): Promise<void> => {
        for (let i = 0; i < turns; i++) world.countTurn();
        await world.sleep(0);
      };
      void world.spawn(busy);
      const settled = Promise.resolve(world.settle()).then(
        () => false,
        (error: unknown) => error instanceof SoftLockup,
      );
      expect(await settled).to.equal(locked);
    }
  });

  it('stands still after a soft lockup until it is called again', async () => {
    const world = new World({ maxTurns: 50 });
    let turns = 0;
    void world.spawn(async () => {
      for (;;) {
        turns += 1;
        await world.sleep(0);
      }
    });
    const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    expect(await errorOf(() => world.settle())).to.be.instanceOf(SoftLockup);
    const before = turns;
    for (let i = 0; i < 3; i++) await immediate();
    expect(turns).to.equal(before);
    expect(await errorOf(() => world.settle())).to.be.instanceOf(SoftLockup);
    expect(turns).to.be.greaterThan(before);
  });

  it('fires no event of a kernel that was killed, and ends its tasks', async () => {
    const [world, kernel] = [new World(), {}];
    let fired = 0;
    world.after(1, () => void fired++, kernel);
    world.after(1, () => void fired++);
    const dead = errorOf(() => world.run(() => world.sleep(9), 'sleeps', kernel));
    world.kill(kernel);
    await world.advance(10);
    expect(await dead).to.be.instanceOf(GuestDead);
    expect(fired).to.equal(1);
  });

  it('refuses a time that is none', () => {
    for (const ns of [NaN, Infinity]) expect(() => new World().after(ns, () => undefined)).to.throw(RangeError);
  });
});

describe('a task in a callback', () => {
  for (const [title, settled] of [
    ['fulfilled', () => Promise.resolve()],
    ['rejected', () => Promise.reject(new Error('callback'))],
  ] as const) {
    it(`has left it when its promise is ${title}`, async () => {
      const world = new World();
      const where: (string | null)[] = [];
      let goOn = (): void => undefined;
      const done = world.run(async () => {
        const gate = new Promise<void>((resolve) => (goOn = resolve));
        const nothing = (): void => undefined;
        await whileIn(world, { what: () => 'cb', isOwn: true }, gate.then(settled), nothing, nothing);
        where.push(world.inMotion().where);
      });
      where.push(world.inMotion().where);
      goOn();
      await done;
      expect(where).to.deep.equal(['cb', null]);
    });
  }

  /** Looks so often at a world that is as `motions` say, one after the other. */
  function looksAt(motions: readonly InMotion[]): { readonly reported: ForeignWait | null; readonly looks: number } {
    let at = 0;
    const reports: ForeignWait[] = [];
    const stop = { done: false };
    let looked = (): void => undefined;
    const time = {
      every: (_ms: number, look: () => void) => {
        looked = look;
        return { stop: () => void (stop.done = true) };
      },
    };
    watchForeignWaits({ inMotion: () => motions[at]! }, time, (error) => reports.push(error));
    let looks = 0;
    for (at = 1; at < motions.length && !stop.done; at++, looks++) looked();
    return { reported: reports[0] ?? null, looks };
  }
  const [a, b] = ['a', 'b'].map((name) => ({ name }) as Task) as [Task, Task];
  const still = (count: number, motion: Partial<InMotion> = {}): InMotion[] =>
    Array.from({ length: count }, () => ({ task: a, turn: 1, where: null, ...motion }));

  it('that nothing moves is reported after twenty equal looks, once', () => {
    const { reported, looks } = looksAt(still(40, { where: 'probe' }));
    expect(reported?.message).to.equal("task 'a' waits in probe for a promise that the world does not know");
    expect(looks).to.equal(20);
    expect(looksAt(still(20)).reported).to.equal(null);
  });

  it('is none while the world moves, another task has its turn, or none is there', () => {
    expect(looksAt([...still(20), ...still(20, { turn: 2 })]).reported).to.equal(null);
    expect(looksAt([...still(20), ...still(20, { task: b })]).reported).to.equal(null);
    expect(looksAt(still(60, { task: null })).reported).to.equal(null);
  });
});
