import { expect } from 'chai';
import {
  Device,
  Kernel,
  Napi,
  NetworkDevice,
  NetworkHub,
  SleepInAtomic,
  World,
  type BusType,
  type DeviceDriver,
  type TraceEvent,
  type VirtioDriver,
} from '../../lib';
import { eachBus, type KitWorld } from '../support/kit';
import { driver, source } from '../kit/leaky';

/** The types refuse it. */
const sleeper = (async () => undefined) as unknown as () => undefined;

/** The message of the one oops that a world had. */
function bugOf(world: World): string {
  const bugs = world.oopses.map(({ error }) => error).filter((error) => error instanceof SleepInAtomic);
  expect(bugs.length, 'bugs').to.equal(1);
  return bugs[0]?.message ?? '';
}

const CORE: readonly (readonly [string, RegExp, (kernel: Kernel) => Promise<unknown>])[] = [
  [
    'match of a bus',
    /driver_match_device: driver r, device d$/,
    async (kernel) => {
      const bus: BusType = { name: 'b', match: sleeper as unknown as () => boolean };
      await kernel.registerBus(bus);
      await kernel.registerDriver({ name: 'r', bus });
      await new Device(kernel, { name: 'd', bus, release: () => undefined }).add();
    },
  ],
  [
    'uevent of a bus',
    /uevent: .*d/,
    async (kernel) => {
      const bus: BusType = { name: 'b', uevent: sleeper };
      await kernel.registerBus(bus);
      await new Device(kernel, { name: 'd', bus, release: () => undefined }).add();
    },
  ],
  [
    'release of a device',
    /kobject_cleanup: device_ktype d$/,
    async (kernel) => {
      const dev = new Device(kernel, { name: 'd', release: sleeper });
      await dev.add();
      await dev.unregister();
    },
  ],
  [
    'an action of devres',
    /release_nodes: note, device d$/,
    async (kernel) => {
      const bus: BusType = { name: 'b' };
      const drv: DeviceDriver = { name: 'r', bus, probe: (dev) => dev.devm.addAction(sleeper, 'note', 'note') };
      await kernel.registerBus(bus);
      await kernel.registerDriver(drv);
      const dev = new Device(kernel, { name: 'd', bus, release: () => undefined });
      await dev.add();
      await dev.releaseDriver();
    },
  ],
  [
    'an interrupt handler',
    /__handle_irq_event_percpu: interrupt 5, x$/,
    async (kernel) => {
      kernel.irq.request(5, sleeper, 'x');
      kernel.irq.deliver(5, 0n);
    },
  ],
  [
    'a poll of NAPI',
    /__napi_poll: card$/,
    async (kernel) => {
      const napi = new Napi(kernel, 'card', sleeper as unknown as () => number);
      napi.enable();
      kernel.softirqs.withBhDisabled(() => void (napi.schedulePrep() && napi.schedule()));
      await kernel.world.settle();
    },
  ],
  [
    'a timer',
    /call_timer_fn$/,
    async (kernel) => {
      kernel.world.after(10, sleeper, kernel);
      await kernel.world.advance(20);
    },
  ],
];

describe('what may not sleep', () => {
  for (const [what, where, act] of CORE) {
    it(`regression: is an oops when it gives a promise: ${what}`, async () => {
      const world = new World();
      const kernel = new Kernel(world);
      await act(kernel).catch(() => undefined);
      const message = bugOf(world);
      expect(message)
        .to.match(/^BUG: sleeping function called from invalid context at /)
        .and.match(where);
      expect(kernel.log.entries.map(({ text }) => text)).to.include(message);
    });
  }

  it('regression: is told what it waits for', () => {
    const world = new World();
    const kernel = new Kernel(world);
    kernel.irq.request(5, () => void world.sleep(1000), 'x');
    expect(() => kernel.irq.deliver(5, 0n)).to.throw(SleepInAtomic, /interrupt 5, x \(sleep/);
  });

  it('is not typed async', () => {
    // @ts-expect-error a match that is async
    const bus: BusType = { name: 'b', match: async () => true };
    // @ts-expect-error a release that is async
    const made = (kernel: Kernel): Device => new Device(kernel, { name: 'd', release: async () => undefined });
    // @ts-expect-error a handler that is async
    const ask = (kernel: Kernel): unknown => kernel.irq.request(1, async () => undefined, 'x');
    expect([bus, made, ask].length).to.equal(3);
  });

  const OOPS = { allow: ['oopses', 'warnings', 'leftovers', 'hung-tasks', 'host-errors'] as const };

  eachBus(
    'regression: is an oops when it gives a promise: the callback of a queue',
    async (w: KitWorld) => {
      w.plug(source());
      await w.boot();
      const drv = driver({
        async probe(vdev) {
          const vq = await vdev.findSingleVq({ name: 'input', callback: sleeper });
          await vdev.ready();
          vq.add({ in: [16] }, 'buffer');
          vq.kick();
        },
      });
      await w.load(drv).catch(() => undefined);
      await w.settle().catch(() => undefined);
      expect(bugOf(w.world)).to.match(/ at (vring_interrupt|notify): queue input$/);
    },
    OOPS,
  );

  eachBus(
    'regression: is an oops when it gives a promise: configChanged',
    async (w: KitWorld) => {
      const device = new NetworkDevice({ name: 'n0', mac: null, hub: new NetworkHub() });
      w.plug(device);
      await w.boot();
      const drv: VirtioDriver = {
        ...driver(),
        idTable: [{ device: 1 }],
        probe: async (vdev) => void (await vdev.findVqs([])),
        configChanged: sleeper,
      };
      await w.load(drv);
      device.setLink(false);
      await w.settle().catch(() => undefined);
      expect(bugOf(w.world)).to.match(/ at configChanged: driver odd, device virtio0$/);
    },
    OOPS,
  );
});

describe('interrupts in the trace', () => {
  eachBus('regression: have their handler, and null without one', async (w: KitWorld) => {
    w.plug(source());
    await w.boot();
    const seen: TraceEvent[] = [];
    w.kernel.trace.subscribe((event) => void seen.push(event));
    w.kernel.irq.request(900, () => undefined, 'mine');
    w.kernel.irq.deliver(900, 7n);
    w.kernel.irq.free(900);
    w.kernel.irq.deliver(900, 8n);
    expect(seen.filter(({ kind }) => kind === 'irq')).to.deep.equal([
      { kind: 'irq', fn: '__handle_irq_event_percpu', dev: '', vector: 900, value: 7n, handler: 'mine' },
      { kind: 'irq', fn: 'handle_bad_irq', dev: '', vector: 900, value: 8n, handler: null },
    ]);
  });
});
