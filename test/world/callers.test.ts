import { expect } from 'chai';
import { Completion, Workqueue, World } from '../../lib';

/** A worker that is in motion for a while without blocking, and then blocks. */
function slowWork(world: World, log: string[], go: Completion): { readonly name: string; run(): Promise<void> } {
  return {
    name: 'slow',
    async run() {
      log.push('worker begins');
      for (let i = 0; i < 20; i++) await Promise.resolve();
      await go.wait(world, 'go');
      log.push('worker ends');
    },
  };
}

describe('callers outside', () => {
  it('regression: an operation after another one is no part of the worker that the first one queued', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const log: string[] = [];
    const go = new Completion();
    await world.run(() => void queue.queue(slowWork(world, log, go)), 'first');
    await world.run(async () => {
      log.push(`second in ${world.current?.name ?? 'no task'}`);
      await world.sleep(1);
      log.push(`second still in ${world.current?.name ?? 'no task'}`);
    }, 'second');
    go.complete(world);
    await world.settle();
    expect(log).to.deep.equal(['second in second', 'worker begins', 'second still in second', 'worker ends']);
  });

  it('go on through several awaits before what they queued runs', async () => {
    const world = new World();
    const queue = new Workqueue(world, 'q');
    const log: string[] = [];
    const nested = async (depth: number): Promise<void> => {
      if (depth > 0) await nested(depth - 1);
      else await world.run(() => void queue.queue({ name: 'work', run: () => void log.push('worker') }));
    };
    await nested(5);
    log.push('caller');
    await world.settle();
    expect(log).to.deep.equal(['caller', 'worker']);
  });

  it(
    'regression: an operation that was not awaited ends, though the task that it came ' + 'into has ended before',
    async () => {
      const world = new World();
      const pause = async (turns: number): Promise<void> => {
        for (let i = 0; i < turns; i++) await Promise.resolve();
      };
      const first = world.run(() => pause(5), 'first');
      await Promise.resolve();
      const second = world.run(async () => {
        await pause(10);
        await world.sleep(3);
        return world.now;
      }, 'second');
      await first;
      expect(await second).to.equal(3);
      expect(world.current).to.equal(null);
    },
  );
});
