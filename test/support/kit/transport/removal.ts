import { virtioBus, type VirtioDevice, type VirtioTransport } from '../../../../lib/virtio';
import { VERSION_1, type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { ContractDevice } from './contract-device';
import { ensure, same } from './violation';

/** More calls of a transport than one use of a device makes. */
const MOST_STEPS = 200;

/** Has `act` called before the `nth` call of the transport of each device that comes. */
function beforeCall(bench: TransportBench, nth: number, act: () => void): { readonly calls: number; stop(): void } {
  const state = { calls: 0 };
  const wrap = (transport: VirtioTransport): VirtioTransport =>
    new Proxy(transport, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          state.calls += 1;
          if (state.calls === nth) act();
          return member.apply(target, args) as unknown;
        };
      },
    });
  const stop = bench.world.kernel.busOf(virtioBus)?.registerNotifier<VirtioDevice>((event, dev) => {
    if (event !== 'add-device') return;
    Object.defineProperty(dev, 'transport', { configurable: true, writable: true, value: wrap(dev.transport) });
  });
  return {
    get calls() {
      return state.calls;
    },
    stop: () => stop?.(),
  };
}

/** All that a driver does with a device: it comes, is used, and leaves. What fails, fails. */
async function useOnce(bench: TransportBench): Promise<void> {
  await bench.outcome(() => bench.plug());
  const { found } = bench;
  const [vq] = bench.bound;
  if (found !== null && vq !== undefined) {
    await bench.outcome(() => bench.in(() => found.creadU64(0)));
    vq.add({ out: [Uint8Array.of(1)], in: [4] }, 'in flight');
    vq.kick();
    await bench.outcome(() => bench.in(() => found.transport.setConfig(0, Uint8Array.of(9))));
  }
  await bench.world.settle();
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'a device that is pulled out with requests in flight: its driver leaves, and nothing comes any more',
    allow: ['warnings'],
    async run(bench) {
      const [vq] = await bench.load();
      bench.send(vq, Uint8Array.of(1), 8);
      const old = bench.model.takeArrived();
      await bench.remove();
      bench.told.length = 0;
      for (const { request } of old) request.complete(new Uint8Array(8).fill(0xee));
      bench.model.change(bench.model.bytes);
      await bench.world.settle();
      same(bench.told, [], 'callbacks');
    },
  },
  {
    name: 'a device that is pulled out at any call of its transport leaves nothing behind',
    allow: ['warnings'],
    async run(bench) {
      await bench.remove();
      const driver = bench.driver();
      await bench.world.load(driver);
      await useOnce(bench);
      await bench.remove();
      const { held } = bench;
      for (let nth = 1; nth <= MOST_STEPS; nth++) {
        const steps = beforeCall(bench, nth, () => bench.unplug());
        await useOnce(bench);
        if (steps.calls >= nth) {
          await bench.remove();
          steps.stop();
          same(bench.held, held, `held after it went at call ${String(nth)}`);
          same(bench.world.world.oopsCount, 0, `oopses after it went at call ${String(nth)}`);
          continue;
        }
        steps.stop();
        ensure(nth > 10, 'the transport is not used');
        await bench.works();
        return;
      }
    },
  },
  {
    name: 'all that a driver calls to leave a device that is gone succeeds',
    allow: ['warnings'],
    async run(bench) {
      const { dev } = bench;
      await bench.start(VERSION_1, 2);
      const { transport } = dev;
      await bench.in(async () => {
        bench.unplug();
        for (const read of [
          () => transport.getStatus(),
          () => transport.getFeatures(),
          () => transport.getConfig(0, 4),
          () => transport.generation(),
          () => transport.finalizeFeatures(VERSION_1),
          () => transport.setConfig(0, Uint8Array.of(1)),
        ])
          await bench.outcome(read);
        const leaving: readonly (readonly [string, () => unknown])[] = [
          ['synchronizeCbs', () => transport.synchronizeCbs()],
          ['setStatus', () => transport.setStatus(1)],
          ['reset', () => transport.reset()],
          ['delVqs', () => transport.delVqs()],
        ];
        for (const [what, leave] of leaving) same(await bench.outcome(() => leave()), 'done', what);
      });
      await bench.world.settle();
    },
  },
  {
    name: 'another device at its place works',
    allow: ['warnings'],
    async run(bench) {
      await bench.load();
      await bench.remove();
      await bench.plug(new ContractDevice('contract1'));
      ensure(bench.dev.isBound, 'the driver does not have it');
      await bench.works();
    },
  },
];

export const REMOVAL: CheckSection = { name: 'surprise removal', apart: true, checks: CHECKS };
