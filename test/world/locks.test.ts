import { expect } from 'chai';
import { Completion, HungTask, Mutex, WaitQueue, World } from '../../lib';
import { errorOf } from '../support/errors';

describe('Mutex', () => {
  it('is handed over in the order of asking', async () => {
    const world = new World();
    const mutex = new Mutex();
    const order: string[] = [];
    const critical = (name: string, ns: number) => async () => {
      await mutex.lock(world, 'm');
      order.push(`${name} in`);
      await world.sleep(ns);
      order.push(`${name} out`);
      mutex.unlock(world);
    };
    world.spawn(critical('a', 30));
    world.spawn(critical('b', 1));
    world.spawn(critical('c', 1));
    await world.advance(100);
    expect(order).to.deep.equal(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(mutex.isLocked).to.equal(false);
  });

  it('taken twice by one task is reported at once', async () => {
    const world = new World();
    const mutex = new Mutex();
    const error = await errorOf(() =>
      world.run(async () => {
        await mutex.lock(world, 'device_lock', 'd');
        await mutex.lock(world, 'device_lock', 'd');
      }, 'op'),
    );
    expect(error.message).to.equal("deadlock: task 'op' already holds device_lock(d)");
  });

  it('cannot be taken without a task', () => {
    expect(() => new Mutex().lock(new World(), 'm')).to.throw('cannot take m: no task is running');
  });

  it('tryLock takes it only if it is free', async () => {
    const world = new World();
    const mutex = new Mutex();
    const taken = await world.run(() => [mutex.tryLock(world), mutex.tryLock(world)]);
    expect(taken).to.deep.equal([true, false]);
  });

  it('stays with a task that ended, and who asks for it hangs', async () => {
    const world = new World();
    const mutex = new Mutex();
    await world.run(() => mutex.lock(world, 'm'));
    expect(mutex.isLocked).to.equal(true);
    expect(await errorOf(() => world.run(() => mutex.lock(world, 'm')))).to.be.instanceOf(HungTask);
  });

  it('two tasks that take two locks crosswise hang both', async () => {
    const world = new World();
    const [a, b] = [new Mutex(), new Mutex()];
    const cross = (first: Mutex, second: Mutex) => async () => {
      await first.lock(world, 'first');
      await world.sleep(1);
      await second.lock(world, 'second');
    };
    const tasks = [world.spawn(cross(a, b), 'ab'), world.spawn(cross(b, a), 'ba')];
    const errors = await Promise.all(tasks.map((task) => errorOf(() => task)));
    expect(errors.map((error) => error instanceof HungTask)).to.deep.equal([true, true]);
    expect(errors[0]?.message).to.match(/task 'ab' blocked .* held by task 'ba' \(blocked, waits for second\)/);
  });
});

describe('WaitQueue', () => {
  it('looks at the condition again after each waking', async () => {
    const world = new World();
    const queue = new WaitQueue();
    let count = 0;
    const waiting = world.spawn(() => queue.waitUntil(world, () => count >= 2, 'count'));
    await world.settle();
    for (let i = 0; i < 2; i++) {
      count++;
      queue.wakeAll(world);
      await world.settle();
      expect(waiting.task.state).to.equal(i === 0 ? 'blocked' : 'ended');
    }
  });

  it('does not sleep when the condition holds already', () => {
    const world = new World();
    expect(world.run(() => new WaitQueue().waitUntil(world, () => true, 'x'))).to.equal(undefined);
  });
});

describe('Completion', () => {
  it('lets all go who wait, and who comes later', async () => {
    const world = new World();
    const completion = new Completion();
    const woken: number[] = [];
    for (const n of [1, 2]) {
      world.spawn(async () => {
        await completion.wait(world, 'done');
        woken.push(n);
      });
    }
    await world.settle();
    expect(woken).to.deep.equal([]);
    completion.complete(world);
    await world.settle();
    expect(woken).to.deep.equal([1, 2]);
    expect(world.run(() => completion.wait(world, 'done'))).to.equal(undefined);
    completion.reinit();
    expect(completion.isDone).to.equal(false);
  });
});
