import { expect } from 'chai';
import {
  Completion,
  Device,
  kobjectCreateAndAdd,
  type DeviceClass,
  type VirtioDevice,
  type VirtioDriver,
} from '../../lib';
import { NotClean, world, type Allowance, type KitWorld } from '../support/kit';
import { mochaHooks } from '../support/kit/mocha';
import { HandTime } from '../support/hand-time';
import { TestScope } from '../support/kit/test-scope';
import { driver, failing, failureOf, source, testOf } from './leaky';

const cls: DeviceClass = { name: 'odd' };
const forget = (): void => undefined;

/** What a driver does wrong, what the message tells of it, and the name that allows it. */
const WRONG: readonly (readonly [what: string, drv: VirtioDriver, tells: RegExp, allow: Allowance])[] = [
  [
    'memory',
    driver({ inProbe: ({ kernel }) => kernel.dma?.alloc(96, 32, 'odd ring') }),
    /96 bytes of memory for devices: odd ring/,
    'leftovers',
  ],
  [
    'queues',
    driver({ remove: (vdev) => vdev.reset() }),
    /queues of virtio0 that its driver did not give up \(delVqs\): input/,
    'leftovers',
  ],
  [
    'an interrupt',
    driver({ inProbe: ({ kernel }) => kernel.irq.request(77, forget, 'odd irq') }),
    /interrupt 77: odd irq/,
    'leftovers',
  ],
  [
    'a kobject',
    driver({ inProbe: ({ kernel }) => kobjectCreateAndAdd(kernel, 'odd', null) }),
    /kobject \(.*\) \/odd: registered, one reference/,
    'leftovers',
  ],
  [
    'a class device',
    driver({
      async inProbe({ kernel }) {
        await kernel.registerClass(cls);
        await new Device(kernel, { name: 'odd0', class: cls, release: forget }).add();
      },
    }),
    /class device \(odd\) \/devices\/virtual\/odd\/odd0: registered/,
    'leftovers',
  ],
  [
    'a device that is deleted and never put',
    driver({
      async inProbe({ kernel }) {
        const dev = new Device(kernel, { name: 'odd1', release: forget });
        await dev.add();
        await dev.del();
      },
    }),
    /device odd1: not registered, one reference/,
    'leftovers',
  ],
  [
    'a task that is never woken',
    driver({
      inProbe: ({ kernel: { world: w } }) => void w.spawn(() => new Completion().wait(w, 'godot'), 'waiter').task,
    }),
    /task 'waiter' waits for .*godot.* and is never woken/,
    'hung-tasks',
  ],
  [
    'a warning',
    driver({ inProbe: ({ kernel }) => kernel.warn('odd thing') }),
    /guest g1: log: warn: odd thing/,
    'warnings',
  ],
  [
    'an error in the log',
    driver({ inProbe: ({ kernel }) => kernel.log.err('odd error') }),
    /guest g1: log: err: odd error/,
    'warnings',
  ],
];

describe('the kit: the end of a test', () => {
  it('is clean with a driver that gives up what it took', () => testOf(driver()));

  it('regression: blames no driver for the firmware', () =>
    testOf(driver({ inProbe: ({ kernel }) => kernel.log.crit('virtio0: [Firmware Bug]: odd firmware') })));

  for (const [what, drv, tells, allow] of WRONG) {
    it(`tells of a driver that leaves ${what}, unless '${String(allow)}' is allowed`, async () => {
      const message = await failureOf(drv);
      expect(message)
        .to.match(tells)
        .and.include(`allow: ['${String(allow)}']`);
      expect(message.split('\n')[0]).to.equal('the world on vpci did not end clean:');
      await testOf(drv, { allow: [allow] });
      expect(await failureOf(drv, { allow: [/nothing like that/] })).to.match(tells);
    });
  }

  it('allows what fits a RegExp, and only that', async () => {
    const drv = driver({ inProbe: ({ kernel }) => ['one', 'two'].forEach((text) => kernel.log.warn(text)) });
    expect(await failureOf(drv, { allow: [/: one$/] }))
      .to.match(/: two$/m)
      .and.not.match(/: one$/m);
    await testOf(drv, { allow: [/: (one|two)$/] });
  });

  it('counts lines that are alike, and what the log had no room for', async () => {
    const storm = (lines: number): Promise<string> => {
      const inProbe = ({ kernel }: VirtioDevice): void => {
        for (let i = 0; i < lines; i += 1) kernel.log.warn('storm');
      };
      return failureOf(driver({ inProbe }));
    };
    expect((await storm(3)).split('\n')[1]).to.equal('  guest g1: log: warn: storm (3 times)');
    const [kept = '', lost = ''] = (await storm(9000))
      .split('\n')
      .slice(1)
      .map((line) => /\d{3,}/.exec(line)?.[0]);
    expect(Number(lost)).to.be.greaterThan(0);
    expect(Number(kept) + Number(lost)).to.equal(9000);
  });

  it('tells of a claim', async () => {
    const claim = (w: KitWorld): unknown => w.hypervisor.claims.claim(source(), w.guest().guest);
    expect(await failureOf(driver(), {}, claim)).to.include('guest g1: left over: a claim on rng0');
  });

  it('tells of an oops, and does not look for what is left behind it', async () => {
    const drv = driver({ remove: () => JSON.parse('{') as never });
    const error = await failing(() => testOf(drv));
    const kinds = error instanceof NotClean ? error.findings.map(({ kind }) => kind) : [];
    expect(new Set(kinds)).to.deep.equal(new Set(['oopses']));
    await testOf(drv, { allow: ['oopses'] });
  });

  it('tells of a device model that throws', async () => {
    const broken = source();
    broken.reset = () => JSON.parse('{') as never;
    expect(await failureOf(driver(), { devices: [broken] })).to.include('device rng0: reset threw: SyntaxError');
  });

  it('leaves guests alone that sleep or have ended', async () => {
    await testOf(driver(), {}, (w) => w.guest().die());
    await testOf(driver({ freeze: forget, restore: forget }), {}, (w) => w.guest().suspend());
  });

  it('a failure says why a device has no driver', async () => {
    const picky = driver({ idTable: [{ device: 99 }] });
    const refusing = driver({ probe: () => -19 });
    const fail = (): never => {
      throw new Error('no such file');
    };
    expect(await failureOf(picky, {}, fail)).to.match(
      /^no such file\nvirtio0 has no driver. Why not odd: driver_match_device: .* says no/,
    );
    expect(await failureOf(refusing, {}, fail)).to.include(
      "Why not odd: call_driver_probe: the driver's probe gave -ENODEV (No such device)",
    );
    expect(await failureOf(driver(), {}, fail)).to.equal('no such file');
  });
});

describe('the kit: tests of mocha', () => {
  /** What mocha has when it is about to run a test. */
  const testOfMocha = (fn: (this: unknown, done?: (error?: unknown) => void) => unknown) => {
    const timeouts: number[] = [];
    const currentTest = {
      fn,
      async: fn.length,
      timeout: (ms?: number) => (ms === undefined ? 2000 : timeouts.push(ms)),
    };
    mochaHooks.beforeEach.call({ currentTest });
    return { run: () => currentTest.fn.call({}) as Promise<void>, currentTest, timeouts };
  };

  it('end the worlds that are made in them, and have time to tell of a foreign wait', async () => {
    const { run, timeouts } = testOfMocha(async () => {
      const w = world({ devices: [source()] });
      await w.boot();
      w.log.warn('odd');
    });
    expect(await failing(run)).to.be.instanceOf(NotClean);
    expect(timeouts).to.deep.equal([10_000]);
  });

  it('may be ones that call done', async () => {
    const fails = testOfMocha((done) => setImmediate(() => done?.(new Error('no'))));
    const passes = testOfMocha((done) => setImmediate(() => done?.()));
    expect((await failing(fails.run)).message).to.equal('no');
    await passes.run();
    expect(passes.currentTest.async).to.equal(0);
  });

  it('see that no task hangs for a promise that the world does not know', async () => {
    const realTime = new HandTime();
    const waits = driver({ inProbe: () => new Promise(() => undefined) });
    const failure = failureOf(waits, { realTime });
    await realTime.pass(1900);
    expect(realTime.looking).to.equal(1);
    await realTime.pass(200);
    expect(await failure).to.match(
      /^task 'driver_register\(odd\)' waits in probe of virtio0 for a promise that the world does not know/,
    );
    expect(realTime.looking).to.equal(0);
  });

  it('let a task wait for its own world', async () => {
    const realTime = new HandTime();
    const slow = driver({ inProbe: ({ kernel }) => kernel.world.sleep(60e9) });
    const passed = testOf(slow, { realTime });
    await realTime.pass(5000);
    await passed;
    expect(realTime.looking).to.equal(0);
  });

  it('tell of a worker that has thrown', async () => {
    const thrown = new TestScope().run(() => void world().world.spawn(() => JSON.parse('{') as never));
    expect(await failing(() => thrown)).to.be.instanceOf(SyntaxError);
  });
});
