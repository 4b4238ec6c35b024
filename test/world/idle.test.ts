import { expect } from 'chai';
import { World } from '../../lib';
import { Budget } from '../../lib/world';

describe('an idle world', () => {
  it('counts how often it is: nothing is runnable and no event is due', async () => {
    const world = new World();
    const before = world.idleCount;
    await world.settle();
    expect(world.idleCount).to.equal(before + 1);
    world.after(10, () => undefined);
    world.after(20, () => undefined);
    await world.advance(30);
    expect(world.idleCount).to.be.greaterThan(before + 3);
  });

  it('has what is postponed happen after it is idle, counted from there', async () => {
    const world = new World();
    const fired: number[] = [];
    await world.run(async () => {
      world.afterIdle(100, () => void fired.push(world.now));
      world.consume(1000);
      await world.sleep(0);
    });
    await world.settle();
    expect(fired).to.deep.equal([]);
    await world.advance(99);
    expect(fired).to.deep.equal([]);
    await world.advance(1);
    expect(fired).to.deep.equal([1100]);
  });

  it('takes back what was postponed, before it is idle and after, once', async () => {
    const world = new World();
    const fired: string[] = [];
    const first = world.afterIdle(1, () => void fired.push('first'));
    expect(first.at).to.equal(Infinity);
    expect(first.cancel()).to.equal(true);
    expect(first.cancel()).to.equal(false);
    const second = world.afterIdle(1, () => void fired.push('second'));
    await world.settle();
    expect(second.at).to.equal(1);
    expect(second.cancel()).to.equal(true);
    expect(second.cancel()).to.equal(false);
    await world.advance(10);
    expect(fired).to.deep.equal([]);
  });

  it('is reached though something is postponed each time', async () => {
    const world = new World();
    let fired = 0;
    const again = (): void => {
      fired += 1;
      // The clock runs on: an ordinary event would be due at once.
      world.consume(1_000_000);
      world.afterIdle(1000, again);
    };
    world.after(0, again);
    await world.settle();
    expect(fired).to.equal(1);
    await world.advance(999);
    expect(fired).to.equal(1);
    await world.advance(100_000);
    expect(fired).to.equal(2);
  });

  it('forgets what a kernel has postponed when that is killed', async () => {
    const world = new World();
    const owner = {};
    let fired = false;
    world.afterIdle(1, () => void (fired = true), owner);
    world.kill(owner);
    await world.advance(10);
    expect(fired).to.equal(false);
  });

  it('refuses what is no time', () => {
    const world = new World();
    for (const ns of [NaN, Infinity, -Infinity])
      expect(() => world.after(ns, () => undefined)).to.throw(RangeError, 'is no time');
  });
});

describe('a budget', () => {
  it('is used up in one go of the world, and full again when it was idle', async () => {
    const world = new World();
    const budget = new Budget(world, 2);
    const take = (): boolean[] => [budget.take(), budget.take(), budget.take()];
    expect(await world.run(take)).to.deep.equal([true, true, false]);
    expect(await world.run(take)).to.deep.equal([false, false, false]);
    await world.settle();
    expect(await world.run(take)).to.deep.equal([true, true, false]);
    let inEvent: boolean[] = [];
    world.after(5, () => void (inEvent = take()));
    await world.advance(10);
    expect(inEvent).to.deep.equal([true, true, false]);
  });

  it('does not count what is done from outside', () => {
    const budget = new Budget(new World(), 1);
    expect(budget.take()).to.equal(true);
    expect(budget.take()).to.equal(true);
    expect(budget.take()).to.equal(true);
  });
});
