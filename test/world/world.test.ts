import { expect } from 'chai';
import { ErrnoError, GuestDead, HungTask, Kernel, Mutex, Random, World } from '../../lib';
import { errorOf } from '../support/errors';

describe('World', () => {
  describe('run', () => {
    it('gives the result at once when nothing sleeps', () => {
      const world = new World();
      expect(world.run(() => 7)).to.equal(7);
      expect(world.current).to.equal(null);
    });

    it('gives a promise when the operation sleeps', async () => {
      const world = new World();
      const result = world.run(async () => {
        await world.sleep(10);
        return world.now;
      });
      expect(result).to.be.instanceOf(Promise);
      expect(await result).to.equal(10);
    });

    it('runs within the task in motion', () => {
      const world = new World();
      const same = world.run(() => {
        const outer = world.current;
        return world.run(() => world.current === outer);
      });
      expect(same).to.equal(true);
    });

    it('passes on what the operation throws, and ends the task', async () => {
      const world = new World();
      const error = new Error('no');
      expect(
        await errorOf(() =>
          world.run(() => {
            throw error;
          }),
        ),
      ).to.equal(error);
      expect(world.current).to.equal(null);
      expect(world.run(() => 'next')).to.equal('next');
    });

    it('keeps the world while an operation waits for something outside', async () => {
      const world = new World();
      const order: string[] = [];
      const first = world.run(async () => {
        await Promise.resolve();
        order.push('first');
      });
      const second = world.spawn(() => void order.push('second'));
      await first;
      await second;
      expect(order).to.deep.equal(['first', 'second']);
    });
  });

  describe('spawn', () => {
    it('starts tasks in the order of spawning, after the one in motion', async () => {
      const world = new World();
      const order: string[] = [];
      await world.run(() => {
        world.spawn(() => void order.push('a'));
        world.spawn(() => void order.push('b'));
        order.push('own');
      });
      await world.settle();
      expect(order).to.deep.equal(['own', 'a', 'b']);
    });

    it('runs what was woken first in, first out', async () => {
      const world = new World();
      const order: string[] = [];
      for (const name of ['a', 'b', 'c']) {
        world.spawn(async () => {
          await world.sleep(name === 'c' ? 1 : 2);
          order.push(name);
          await world.sleep(1);
          order.push(`${name}2`);
        });
      }
      await world.advance(10);
      expect(order).to.deep.equal(['c', 'a', 'b', 'c2', 'a2', 'b2']);
    });

    it('gives its result to who waits', async () => {
      const world = new World();
      expect(await world.spawn(() => 5)).to.equal(5);
      expect(
        await world.spawn(async () => {
          await world.sleep(3);
          return world.now;
        }),
      ).to.equal(3);
    });
  });

  describe('time', () => {
    it('does not move by settle()', async () => {
      const world = new World();
      let woken = false;
      world.spawn(async () => {
        await world.sleep(5);
        woken = true;
      });
      await world.settle();
      expect(world.now).to.equal(0);
      expect(woken).to.equal(false);
      await world.advance(4);
      expect(world.now).to.equal(4);
      expect(woken).to.equal(false);
      await world.advance(1);
      expect(world.now).to.equal(5);
      expect(woken).to.equal(true);
    });

    it('moves by itself when somebody waits for a sleeper', async () => {
      const world = new World();
      await world.run(() => world.sleep(1_000_000));
      expect(world.now).to.equal(1_000_000);
    });

    it('events happen in the order of their time, equal ones in the order of asking', async () => {
      const world = new World();
      const order: string[] = [];
      world.after(20, () => order.push('late'));
      world.after(10, () => order.push('early'));
      world.after(10, () => order.push('early2'));
      await world.advance(30);
      expect(order).to.deep.equal(['early', 'early2', 'late']);
    });

    it('a cancelled event does not happen, and cannot be cancelled twice', async () => {
      const world = new World();
      let happened = false;
      const timer = world.after(1, () => {
        happened = true;
      });
      expect(timer.cancel()).to.equal(true);
      expect(timer.cancel()).to.equal(false);
      await world.advance(5);
      expect(happened).to.equal(false);
    });

    it('advance() goes to the events at its end, and no further', async () => {
      const world = new World();
      const seen: number[] = [];
      for (const ns of [99, 100, 101]) world.after(ns, () => void seen.push(ns));
      await world.advance(100);
      expect(seen).to.deep.equal([99, 100]);
      expect(world.now).to.equal(100);
      await world.advance(1);
      expect(seen).to.deep.equal([99, 100, 101]);
      expect(world.now).to.equal(101);
    });

    it('an event may take back another that is due at the same time', async () => {
      const world = new World();
      const seen: string[] = [];
      world.after(5, () => void seen.push(`first ${String(second.cancel())}`));
      const second = world.after(5, () => void seen.push('second'));
      world.after(5, () => void seen.push('third'));
      await world.advance(10);
      expect(seen).to.deep.equal(['first true', 'third']);
    });

    it('an event that has happened cannot be cancelled', async () => {
      const world = new World();
      const timer = world.after(1, () => undefined);
      await world.advance(1);
      expect(timer.cancel()).to.equal(false);
    });

    it('consume() moves the clock without giving up the world', () => {
      const world = new World();
      const seen: number[] = [];
      world.after(5, () => seen.push(world.now));
      void world.run(() => {
        world.consume(100);
        seen.push(world.now);
      });
      expect(seen).to.deep.equal([100]);
    });
  });

  describe('block', () => {
    it('without a task is a clear error', async () => {
      const world = new World();
      expect((await errorOf(() => world.block('a lock'))).message).to.match(
        /cannot wait for a lock: no task is running/,
      );
    });
  });

  describe('what never comes back', () => {
    it('is reported as HungTask: what it waits for, who holds it, for how long', async () => {
      const world = new World();
      const mutex = new Mutex();
      await world.spawn(() => mutex.lock(world, 'device_lock', 'vda'), 'holder');
      world.consume(30);
      const waiter = world.spawn(() => mutex.lock(world, 'device_lock', 'vda'), 'waiter');
      world.after(70, () => undefined);
      const error = await errorOf(() => waiter);
      expect(error).to.be.instanceOf(HungTask);
      expect(error.message).to.equal(
        "task 'waiter' blocked for 70 ns on device_lock(vda), held by task 'holder' (ended)",
      );
    });

    it('regression: is reported also when a task that nobody waits for ends last', async () => {
      const world = new World();
      const mutex = new Mutex();
      await world.spawn(() => mutex.lock(world, 'lock'), 'holder');
      world.spawn(() => undefined, 'worker');
      const error = await errorOf(() => world.run(() => mutex.lock(world, 'lock'), 'waiter'));
      expect(error).to.be.instanceOf(HungTask);
    });

    it('names what the holder waits for itself', async () => {
      const world = new World();
      const mutex = new Mutex();
      world.spawn(async () => {
        await mutex.lock(world, 'lock');
        await world.block('nothing');
      }, 'holder');
      const error = await errorOf(() =>
        world.run(async () => {
          await world.sleep(1);
          await mutex.lock(world, 'lock');
        }, 'waiter'),
      );
      expect(error.message).to.equal(
        "task 'waiter' blocked for 0 ns on lock, held by task 'holder' (blocked, waits for nothing)",
      );
    });

    it('is no matter while nobody waits for it', async () => {
      const world = new World();
      world.spawn(() => world.block('for ever'));
      await world.settle();
      expect(world.run(() => 1)).to.equal(1);
    });
  });

  describe('seeds', () => {
    async function orderWith(seed: number | undefined): Promise<string> {
      const world = new World(seed === undefined ? {} : { seed });
      let order = '';
      for (const name of 'abcdefgh')
        world.spawn(() => {
          order += name;
        });
      await world.settle();
      return order;
    }

    it('without one, tasks run in order', async () => {
      expect(await orderWith(undefined)).to.equal('abcdefgh');
    });

    it('the same seed gives the same order, other seeds give others', async () => {
      const orders = await Promise.all([1, 2, 3, 4, 5].map(orderWith));
      expect(await Promise.all([1, 2, 3, 4, 5].map(orderWith))).to.deep.equal(orders);
      expect(new Set(orders).size).to.be.greaterThan(1);
      expect(orders.map((order) => Array.from(order).sort().join(''))).to.deep.equal(Array(5).fill('abcdefgh'));
    });

    it('condResched lets others go first only in a world with a seed', async () => {
      const turns = async (world: World): Promise<string> => {
        let order = '';
        const body = (name: string) => async () => {
          for (let i = 0; i < 5; i++) {
            order += name;
            await world.condResched();
          }
        };
        world.spawn(body('a'));
        world.spawn(body('b'));
        await world.settle();
        return order;
      };
      expect(await turns(new World())).to.equal('aaaaabbbbb');
      const seeded = await Promise.all([1, 2, 3].map((seed) => turns(new World({ seed }))));
      expect(seeded.some((order) => order.includes('ab') && order.includes('ba'))).to.equal(true);
    });

    it('a seed of the schedule alone chooses among tasks, and leaves the random numbers as they are', async () => {
      const run = async (scheduleSeed: number): Promise<[string, number]> => {
        const world = new World({ seed: 1, scheduleSeed });
        let order = '';
        for (const name of 'abcdefgh')
          world.spawn(() => {
            order += name;
          });
        await world.settle();
        return [order, world.random.uint32()];
      };
      const runs = await Promise.all([1, 2, 3, 4, 5].map(run));
      expect(await Promise.all([1, 2, 3, 4, 5].map(run))).to.deep.equal(runs);
      expect(new Set(runs.map(([order]) => order)).size).to.be.greaterThan(1);
      expect(new Set(runs.map(([, number]) => number)).size).to.equal(1);
    });

    it('random numbers follow from the seed alone', () => {
      const numbers = (seed: number): number[] => {
        const random = new Random(seed);
        return [random.uint32(), random.below(10), ...random.bytes(4)];
      };
      expect(numbers(3)).to.deep.equal(numbers(3));
      expect(numbers(3)).to.not.deep.equal(numbers(4));
      const limited = new Random(9);
      expect(Array.from({ length: 100 }, () => limited.below(3)).every((n) => n >= 0 && n < 3)).to.equal(true);
    });
  });

  describe('kill', () => {
    it('refuses who waits for an operation of the kernel with GuestDead, and never resumes it', async () => {
      const world = new World();
      const kernel = new Kernel(world);
      let resumed = false;
      const operation = kernel.operate('device_add', 'vda', async () => {
        await world.sleep(100);
        resumed = true;
      });
      const dead = errorOf(() => operation);
      kernel.kill();
      const error = await dead;
      expect(error).to.be.instanceOf(GuestDead);
      expect(error.message).to.equal("the guest died during 'device_add(vda)'");
      await world.advance(1000);
      expect(resumed).to.equal(false);
    });

    it('ends the timers of the kernel, and no others', async () => {
      const world = new World();
      const kernel = new Kernel(world);
      const fired: string[] = [];
      world.after(10, () => void fired.push('its own'), kernel);
      world.after(10, () => void fired.push('the host'));
      kernel.kill();
      world.after(10, () => void fired.push('after its death'), kernel);
      await world.advance(20);
      expect(fired).to.deep.equal(['the host']);
    });

    it('leaves the tasks of others alone', async () => {
      const world = new World();
      const [first, second] = [new Kernel(world), new Kernel(world)];
      const killed = errorOf(() => first.operate('a', null, () => world.sleep(10)));
      const lives = second.operate('b', null, () => world.sleep(10));
      first.kill();
      expect(await killed).to.be.instanceOf(GuestDead);
      expect(await lives).to.equal(undefined);
    });
  });

  describe('an oops', () => {
    it('is thrown on as it is; an errno is none', async () => {
      const world = new World();
      const kernel = new Kernel(world);
      const refusal = await errorOf(() => kernel.operate('f', 'x', () => -19));
      expect(refusal).to.be.instanceOf(ErrnoError);
      expect(refusal).to.include({ code: 'ENODEV', errno: -19, syscall: 'f', path: 'x' });
      expect(world.oopses).to.deep.equal([]);
    });

    it('in a task that nobody waits for is thrown at the next settle(), once', async () => {
      const world = new World();
      const error = new Error('broken worker');
      world.spawn(() => {
        throw error;
      });
      expect(await errorOf(() => world.settle())).to.equal(error);
      await world.settle();
    });

    it('is kept once, with place, task and time', () => {
      const world = new World();
      const error = new Error('x');
      world.consume(5);
      void world.run(() => {
        world.reportOops(error, 'really_probe: driver d');
        world.reportOops(error, 'device_add');
      }, 'op');
      expect(world.oopses).to.deep.equal([{ error, where: 'really_probe: driver d', task: 'op', time: 5 }]);
    });
  });
});
