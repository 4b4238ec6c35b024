import type { Virtqueue } from '../../../../lib/virtio';
import { type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { ensure, same } from './violation';

/** Completions while a driver does not want to be told. */
const QUIET = 12;

async function eachSet(bench: TransportBench, body: (vq: Virtqueue, other: Virtqueue) => Promise<void>): Promise<void> {
  for (const features of await bench.featureSets()) {
    const [vq, other] = await bench.start(features, 2);
    ensure(vq !== undefined && other !== undefined, 'there are fewer queues than were made');
    bench.told.length = 0;
    await body(vq, other);
    await bench.stop();
  }
}

async function roundTrip(bench: TransportBench, vq: Virtqueue, token: number): Promise<void> {
  bench.send(vq, Uint8Array.of(token), 1, token);
  bench.model.complete(Uint8Array.of(token));
  await bench.world.settle();
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'a request is notified by kick, not before, and all that were added with it',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        for (const token of [1, 2, 3]) same(vq.add({ out: [Uint8Array.of(token)] }, token), 0, 'add');
        await bench.world.settle();
        same(bench.model.arrived.length, 0, 'requests before kick');
        ensure(vq.kick(), 'the queue breaks');
        const bytes = bench.model.takeArrived().map(({ request }) => request.readable[0]);
        same(bytes.join(), '1,2,3', 'requests after it');
      }),
  },
  {
    name: 'every kick is notified, also while earlier requests are with the device',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        for (const token of [1, 2, 3]) {
          same(vq.add({ out: [Uint8Array.of(token)] }, token), 0, 'add');
          ensure(vq.kick(), 'the queue breaks');
          same(bench.model.arrived.length, token, 'requests with the device');
        }
        ensure(vq.kick(), 'a kick with nothing new breaks the queue');
        same(bench.model.takeArrived().length, 3, 'requests after a kick with nothing new');
        return Promise.resolve();
      }),
  },
  {
    name: 'the callback of a queue comes for its completions, and of no other',
    run: (bench) =>
      eachSet(bench, async (vq, other) => {
        await roundTrip(bench, vq, 1);
        same(bench.told, ['q0'], 'callbacks after a completion on q0');
        same(bench.receive(vq)?.token, 1, 'token');
        await roundTrip(bench, other, 2);
        same(bench.told, ['q0', 'q1'], 'callbacks after one on q1');
        same(bench.receive(other)?.token, 2, 'token');
      }),
  },
  {
    name: 'every completion is told, one after the other',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        for (let i = 1; i <= QUIET; i++) {
          await roundTrip(bench, vq, i);
          same(bench.told.length, i, 'callbacks');
          same(bench.receive(vq)?.token, i, 'token');
        }
      }),
  },
  {
    name: 'several completions at once are all there when the callback has come',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        for (const token of [1, 2, 3]) bench.send(vq, Uint8Array.of(token), 1, token);
        for (const { request } of bench.model.takeArrived()) request.complete(Uint8Array.of(9));
        await bench.world.settle();
        ensure(bench.told.length > 0, 'no callback');
        same([1, 2, 3].map(() => bench.receive(vq)?.token).join(), '1,2,3', 'tokens');
      }),
  },
  {
    name: 'a queue without a callback is read without being told',
    async run(bench) {
      for (const features of await bench.featureSets()) {
        await bench.start(features, 0);
        await bench.call((t) => t.delVqs());
        await bench.negotiate(features);
        const [vq] = await bench.in(() => bench.dev.findVqs([{ name: 'silent' }]));
        ensure(vq !== undefined, 'there is no queue');
        await bench.addStatus(4);
        await roundTrip(bench, vq, 1);
        same(bench.receive(vq)?.token, 1, 'token');
        await bench.stop();
      }
    },
  },
  {
    name: 'disableCb stops the callbacks, save one that is on its way; completions are there all the same',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        vq.disableCb();
        for (let i = 1; i <= QUIET; i++) {
          await roundTrip(bench, vq, i);
          same(bench.receive(vq)?.token, i, 'token');
        }
        ensure(bench.told.length <= 1, `${String(bench.told.length)} callbacks for ${String(QUIET)} completions`);
      }),
  },
  {
    name: 'enableCb has them come again',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        vq.disableCb();
        await roundTrip(bench, vq, 1);
        same(bench.receive(vq)?.token, 1, 'token');
        same(vq.enableCb(), true, 'enableCb of an empty queue');
        bench.told.length = 0;
        await roundTrip(bench, vq, 2);
        same(bench.told, ['q0'], 'callbacks');
      }),
  },
  {
    name: 'enableCb is false when a completion came meanwhile, so that none is lost',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        vq.disableCb();
        await roundTrip(bench, vq, 1);
        same(vq.enableCb(), false, 'enableCb with a completion');
        same(bench.receive(vq)?.token, 1, 'token');
      }),
  },
  {
    name: 'synchronizeCbs returns, and no callback runs then',
    run: (bench) =>
      eachSet(bench, async (vq) => {
        await roundTrip(bench, vq, 1);
        const { length } = bench.told;
        await bench.call((t) => t.synchronizeCbs());
        same(bench.told.length, length, 'callbacks');
      }),
  },
];

export const NOTIFICATION: CheckSection = { name: 'notification', checks: CHECKS };
