import { expect } from 'chai';
import { HungTask, SoftLockup, World } from '../../lib';
import { errorOf } from '../support/errors';

/** An event that is followed by another one at the same time, for ever. */
function tickAtOnce(world: World): void {
  world.after(0, () => tickAtOnce(world));
}

describe('a world that is never idle', () => {
  it('rejects settle() and names who had the last turns', async () => {
    const world = new World({ maxTurns: 1000 });
    let stop = false;
    const spin = async (): Promise<void> => {
      while (!stop) await world.sleep(0);
    };
    void world.spawn(spin, 'spinner');
    const error = await errorOf(() => world.settle());
    expect(error).to.be.instanceOf(SoftLockup);
    expect(String(error)).to.equal(
      'SoftLockup: soft lockup: the world was never idle in 1000 turns of tasks and ' +
        "events, the last: an event, task 'spinner'",
    );
    stop = true;
    await world.settle();
  });

  it('goes on with nothing until somebody calls', async () => {
    const world = new World({ maxTurns: 1000 });
    let turns = 0;
    const spin = async (): Promise<void> => {
      for (;;) {
        turns += 1;
        await world.sleep(0);
      }
    };
    void world.spawn(spin, 'spinner', world);
    await errorOf(() => world.settle());
    const before = turns;
    await new Promise((resolve) => setImmediate(resolve));
    expect(turns).to.equal(before);
    world.kill(world);
    await world.settle();
  });

  it('lets tasks have their turn between events that are always due', async () => {
    const world = new World({ maxTurns: 100 });
    tickAtOnce(world);
    const steps: number[] = [];
    await world.run(async () => {
      for (let i = 0; i < 3; i++) {
        await world.sleep(0);
        steps.push(i);
      }
    });
    expect(steps).to.deep.equal([0, 1, 2]);
  });

  it('reports a hung task though events go on for ever', async () => {
    const world = new World({ maxTurns: 1000 });
    const tick = (): void => void world.after(1000, tick);
    tick();
    const error = await errorOf(() => world.run(() => world.block('nothing'), 'waiter'));
    expect(error).to.be.instanceOf(HungTask);
    expect(error.message).to.match(
      /^task 'waiter' blocked for \d+ ns on nothing, while 1000 tasks and events had their turn$/,
    );
  });

  it('gives a task that goes on now and then all the time that it needs', async () => {
    const world = new World({ maxTurns: 100 });
    const tick = (): void => void world.after(1, tick);
    tick();
    const done = await world.run(async () => {
      for (let i = 0; i < 50; i++) await world.sleep(20);
      return 'done';
    });
    expect(done).to.equal('done');
  });
});
