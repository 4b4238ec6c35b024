import { expect } from 'chai';
import { HungTask, Workqueue, World, type Work } from '../../lib';
import { errorOf } from '../support/errors';

function work(name: string, run: Work['run']): Work {
  return { name, run };
}

describe('Workqueue', () => {
  it('runs work in order, after the running task', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const order: string[] = [];
    void world.run(() => {
      queue.queue(work('a', () => void order.push('a')));
      queue.queue(work('b', () => void order.push('b')));
      order.push('own');
    });
    await world.settle();
    expect(order).to.deep.equal(['own', 'a', 'b']);
    expect(queue.isIdle).to.equal(true);
  });

  it('has one worker: work that sleeps holds up what is behind it', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const order: string[] = [];
    queue.queue(
      work('slow', async () => {
        await world.sleep(10);
        order.push('slow');
      }),
    );
    queue.queue(work('fast', () => void order.push('fast')));
    await world.settle();
    expect(order).to.deep.equal([]);
    await world.advance(10);
    expect(order).to.deep.equal(['slow', 'fast']);
  });

  it('takes work once, but again while it runs', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    let runs = 0;
    const again = work('again', () => {
      if (++runs < 3) expect(queue.queue(again)).to.equal(true);
    });
    expect(queue.queue(again)).to.equal(true);
    expect(queue.queue(again)).to.equal(false);
    await world.settle();
    expect(runs).to.equal(3);
  });

  it('cancelWorkSync takes out what waits, and only that', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const log: string[] = [];
    const work = (name: string): Work => ({ name, run: () => void log.push(name) });
    const works = ['a', 'b', 'c'].map(work);
    await world.run(async () => {
      for (const one of works) queue.queue(one);
      await queue.cancelWorkSync(works[1] as Work);
      await queue.cancelWorkSync(work('never queued'));
    });
    await world.settle();
    expect(log).to.deep.equal(['a', 'c']);
    expect(queue.isIdle).to.equal(true);
    expect(queue.queue(works[1] as Work)).to.equal(true);
    await world.settle();
    expect(log).to.deep.equal(['a', 'c', 'b']);
  });

  it('cancelWorkSync waits for what runs, and takes out that it was queued again meanwhile', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const log: string[] = [];
    const work: Work = {
      name: 'w',
      run: async () => {
        log.push('starts');
        await world.sleep(100);
        log.push('ends');
      },
    };
    queue.queue(work);
    await world.settle();
    expect(queue.isBusy(work)).to.equal(true);
    expect(queue.queue(work)).to.equal(true);
    await world.run(async () => {
      await queue.cancelWorkSync(work);
      log.push('cancelled');
    });
    await world.advance(1000);
    expect(log).to.deep.equal(['starts', 'ends', 'cancelled']);
    expect(queue.isBusy(work)).to.equal(false);
  });

  it('flushWork waits for that work only, flush for all', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const order: string[] = [];
    const first = work('first', () => void order.push('first'));
    queue.queue(first);
    queue.queue(
      work('second', async () => {
        await world.sleep(5);
        order.push('second');
      }),
    );
    await world.run(async () => {
      await queue.flushWork(first);
      order.push('flushed');
      await queue.flush();
      order.push('empty');
    });
    expect(order).to.deep.equal(['first', 'flushed', 'second', 'empty']);
  });

  it('flushWork does not wait for what was queued again meanwhile', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    let ends = 0;
    const again = work('again', async () => {
      await world.sleep(1);
      if (++ends < 3) queue.queue(again);
    });
    queue.queue(again);
    let endsWhenFlushed = 0;
    void world.run(async () => {
      await queue.flushWork(again);
      endsWhenFlushed = ends;
    });
    await world.advance(10);
    expect(endsWhenFlushed).to.equal(1);
  });

  it('cancelWorkSync lets work not queue itself again', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    let runs = 0;
    const again = work('again', async () => {
      runs++;
      await world.sleep(10);
      queue.queue(again);
    });
    queue.queue(again);
    await world.settle();
    void world.run(() => queue.cancelWorkSync(again));
    await world.advance(100);
    expect(runs).to.equal(1);
    expect(queue.queue(again)).to.equal(true);
  });

  describe('unbound', () => {
    const unbound = (world: World): Workqueue => new Workqueue(world, 'q', null, 'unbound');

    it('work that sleeps holds up nothing', async () => {
      const world = new World();
      const queue = unbound(world);
      const order: string[] = [];
      queue.queue(
        work('slow', async () => {
          await world.sleep(10);
          order.push('slow');
        }),
      );
      queue.queue(work('fast', () => void order.push('fast')));
      await world.advance(10);
      expect(order).to.deep.equal(['fast', 'slow']);
    });

    it('regression: work that is queued again while it runs comes behind what was queued before', async () => {
      const world = new World();
      const queue = unbound(world);
      const order: string[] = [];
      const again = work('again', () => {
        order.push('again');
        if (order.length > 1) return;
        queue.queue(work('other', () => void order.push('other')));
        queue.queue(again);
      });
      queue.queue(again);
      await world.settle();
      expect(order).to.deep.equal(['again', 'other', 'again']);
    });

    it('the same work does not run twice at a time', async () => {
      const world = new World();
      const queue = unbound(world);
      const log: string[] = [];
      const slow = work('slow', async () => {
        log.push('starts');
        await world.sleep(10);
        log.push('ends');
      });
      queue.queue(slow);
      await world.settle();
      queue.queue(slow);
      await world.settle();
      expect(queue.queue(slow)).to.equal(false);
      await world.advance(100);
      expect(log).to.deep.equal(['starts', 'ends', 'starts', 'ends']);
      expect(queue.isIdle).to.equal(true);
    });

    it('work that was cancelled does not run', async () => {
      const world = new World();
      const queue = unbound(world);
      let ran = false;
      const one = work('one', () => {
        ran = true;
      });
      queue.queue(one);
      await world.run(() => queue.cancelWorkSync(one));
      await world.settle();
      expect(ran).to.equal(false);
    });
  });

  describe('work that throws', () => {
    async function broken(): Promise<{ world: World; queue: Workqueue; bad: Work; behind: () => boolean }> {
      const world = new World();
      const queue = new Workqueue(world, 'q');
      let ran = false;
      const bad = work('bad', () => {
        throw error;
      });
      queue.queue(bad);
      queue.queue(
        work('behind', () => {
          ran = true;
        }),
      );
      expect(await errorOf(() => world.settle())).to.equal(error);
      await world.settle();
      return { world, queue, bad, behind: () => ran };
    }
    const error = new Error('work');

    it('takes its worker along; another one goes on behind it', async () => {
      const { world, queue, behind } = await broken();
      expect(behind()).to.equal(true);
      let later = false;
      queue.queue(
        work('later', () => {
          later = true;
        }),
      );
      await world.settle();
      expect(later).to.equal(true);
    });

    it('with nothing behind it leaves the queue to what comes later', async () => {
      const world = new World();
      const queue = new Workqueue(world, 'q');
      queue.queue(
        work('bad', () => {
          throw error;
        }),
      );
      expect(await errorOf(() => world.settle())).to.equal(error);
      let later = false;
      queue.queue(work('later', () => void (later = true)));
      await world.settle();
      expect(later).to.equal(true);
    });

    it('is never done: it cannot be queued again, and who waits for it hangs', async () => {
      const { world, queue, bad } = await broken();
      expect(queue.queue(bad)).to.equal(false);
      expect(await errorOf(() => world.run(() => queue.flushWork(bad)))).to.be.instanceOf(HungTask);
      expect(await errorOf(() => world.run(() => queue.flush()))).to.be.instanceOf(HungTask);
    });

    it('is the same after it slept', async () => {
      const world = new World();
      const queue = new Workqueue(world, 'q');
      const order: string[] = [];
      queue.queue(
        work('bad', async () => {
          await world.sleep(1);
          throw error;
        }),
      );
      queue.queue(work('behind', () => void order.push('behind')));
      expect(await errorOf(() => world.advance(1))).to.equal(error);
      await world.settle();
      expect(order).to.deep.equal(['behind']);
    });
  });
});
