import { expect } from 'chai';
import { Kernel, World } from '../../lib';

const TICK_NS = 4_000_000;

function rig() {
  const world = new World();
  const { softirqs, irq } = new Kernel(world);
  const did: string[] = [];
  return { world, softirqs, irq, did };
}

describe('softirqs', () => {
  it('run when the interrupt that raised them is over, each once', () => {
    const { softirqs, irq, did } = rig();
    const action = (): void => void did.push('softirq');
    irq.request(
      1,
      () => {
        softirqs.raise(action);
        softirqs.raise(action);
        did.push('handler');
      },
      'one',
    );
    irq.deliver(1, 0n);
    expect(did).to.deep.equal(['handler', 'softirq']);
  });

  it('run when a section without them is over, the outermost', () => {
    const { softirqs, did } = rig();
    softirqs.withBhDisabled(() => {
      softirqs.withBhDisabled(() => softirqs.raise(() => void did.push('softirq')));
      did.push('section');
    });
    expect(did).to.deep.equal(['section', 'softirq']);
  });

  it('are left to ksoftirqd when they are raised outside of both', async () => {
    const { world, softirqs, did } = rig();
    await world.run(() => {
      softirqs.raise(() => void did.push(world.current?.name ?? 'no task'));
      did.push('caller');
    }, 'caller');
    await world.settle();
    expect(did).to.deep.equal(['caller', 'ksoftirqd/0']);
  });

  it('that raise themselves for ever run ten times, and then once a tick in ksoftirqd', async () => {
    const { world, softirqs, irq } = rig();
    let times = 0;
    const forever = (): void => {
      times += 1;
      softirqs.raise(forever);
    };
    irq.request(1, () => softirqs.raise(forever), 'one');
    irq.deliver(1, 0n);
    expect(times).to.equal(10);
    await world.settle();
    expect(times).to.equal(10);
    await world.advance(TICK_NS);
    expect(times).to.equal(20);
    await world.advance(10 * TICK_NS);
    expect(times).to.equal(120);
  });

  it('that take long run for two ms', () => {
    const { world, softirqs, irq } = rig();
    let times = 0;
    const slow = (): void => {
      times += 1;
      world.consume(900_000);
      softirqs.raise(slow);
    };
    irq.request(1, () => softirqs.raise(slow), 'one');
    irq.deliver(1, 0n);
    expect(times).to.equal(3);
  });

  it('are not run by an interrupt while ksoftirqd has them', async () => {
    const { world, softirqs, irq } = rig();
    let times = 0;
    const forever = (): void => {
      times += 1;
      softirqs.raise(forever);
    };
    irq.request(1, () => softirqs.raise(forever), 'one');
    for (let i = 0; i < 100; i++) irq.deliver(1, 0n);
    expect(times).to.equal(10);
    await world.advance(TICK_NS);
    expect(times).to.equal(20);
  });

  it('go on after a handler that threw', () => {
    const { softirqs, irq, did } = rig();
    irq.request(
      1,
      () => {
        softirqs.raise(() => void did.push('softirq'));
        throw new Error('broken handler');
      },
      'one',
    );
    irq.request(2, () => void did.push('two'), 'two');
    expect(() => irq.deliver(1, 0n)).to.throw('broken handler');
    irq.deliver(2, 0n);
    expect(did).to.deep.equal(['two', 'softirq']);
  });

  it('end with their kernel', async () => {
    const world = new World();
    const kernel = new Kernel(world);
    const { softirqs } = kernel;
    let times = 0;
    const forever = (): void => {
      times += 1;
      softirqs.raise(forever);
    };
    softirqs.withBhDisabled(() => softirqs.raise(forever));
    world.kill(kernel);
    await world.advance(10 * TICK_NS);
    expect(times).to.equal(10);
  });
});
