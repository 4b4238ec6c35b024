import { STATUS } from '../../../../lib/virtio';
import { MOST_QUEUES, VERSION_1, type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { echo, QUEUE_SIZES, replyTo } from './contract-device';
import { ensure, same } from './violation';

const { DRIVER_OK } = STATUS;

/** More bytes than a page, all different from their neighbours. */
const big = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);

/** Does something with a device that works, once for each set of features. */
async function eachSet(bench: TransportBench, queues: number, body: Parameters<typeof runWith>[3]): Promise<void> {
  for (const features of await bench.featureSets()) await runWith(bench, features, queues, body);
}

async function runWith(
  bench: TransportBench,
  features: bigint,
  queues: number,
  body: (vqs: Awaited<ReturnType<TransportBench['start']>>) => Promise<void>,
): Promise<void> {
  const before = bench.held;
  bench.model.serve = null;
  await body(await bench.start(features, queues));
  await bench.stop();
  same(bench.held, before, 'held after del_vqs');
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'findVqs makes the queues in order, at most as large as the device has them',
    run: (bench) =>
      eachSet(bench, MOST_QUEUES, async (vqs) => {
        same(vqs.map(({ name }) => name).join(), 'q0,q1,q2', 'names');
        same(vqs.map(({ index }) => index).join(), '0,1,2', 'numbers');
        for (const { size, numFree, index, broken } of vqs) {
          ensure(size > 0 && size <= (QUEUE_SIZES[index] ?? 0), `queue ${String(index)} has size ${String(size)}`);
          same(numFree, size, 'free pieces');
          same(broken, false, 'broken');
        }
        return Promise.resolve();
      }),
  },
  {
    name: 'findVqs makes fewer queues than there are, and none',
    async run(bench) {
      for (const count of [1, 0]) {
        same((await bench.start(VERSION_1, count)).length, count, 'queues');
        await bench.stop();
      }
      await eachSet(bench, 1, (vqs) => bench.works(vqs));
    },
  },
  {
    name: 'a queue that the device does not have is refused with ENOENT (or EINVAL), and nothing is kept',
    async run(bench) {
      await bench.negotiate(VERSION_1);
      const before = bench.held;
      for (let i = 0; i < 3; i++) {
        const outcome = await bench.outcome(() => bench.findVqs(MOST_QUEUES + 1));
        ensure(outcome === 'ENOENT' || outcome === 'EINVAL', `the outcome is ${outcome}`);
        same(bench.held, before, 'held afterwards');
      }
      await bench.stop();
      await eachSet(bench, MOST_QUEUES, (vqs) => bench.works(vqs));
    },
  },
  {
    name: 'queues that are made twice without being given up: whatever comes of it, delVqs gives all back',
    allow: ['warnings'],
    async run(bench) {
      const before = bench.held;
      await bench.start(VERSION_1);
      await bench.outcome(() => bench.call((t) => t.findVqs(bench.specs(2))));
      await bench.stop();
      same(bench.held, before, 'held afterwards');
      await eachSet(bench, 1, (vqs) => bench.works(vqs));
    },
  },
  {
    name: 'queues are given up and made again, many times, and keep nothing',
    async run(bench) {
      const before = bench.held;
      for (let i = 0; i < 6; i++) {
        await bench.start(VERSION_1, MOST_QUEUES);
        await bench.stop();
        same(bench.held, before, 'held afterwards');
      }
    },
  },
  {
    name: 'delVqs may be called without queues, and twice',
    async run(bench) {
      await bench.call((t) => t.delVqs());
      await bench.start(VERSION_1);
      await bench.stop();
      await bench.call((t) => t.delVqs());
      await eachSet(bench, 1, (vqs) => bench.works(vqs));
    },
  },
  {
    name: 'a queue that was given up takes nothing, and gives nothing',
    async run(bench) {
      const [vq] = await bench.start(VERSION_1, 1);
      await bench.stop();
      ensure(vq !== undefined && vq.add({ out: [Uint8Array.of(1)] }, 1) < 0, 'it takes a buffer');
      ensure(!vq.kick(), 'it can be kicked');
      same(vq.getBuf(), undefined, 'what it gives');
      same(bench.model.arrived.length, 0, 'requests that arrive');
    },
  },
  {
    name: 'requests come to the device by the queue that they were put into, and return by it',
    run: (bench) => eachSet(bench, MOST_QUEUES, (vqs) => bench.works(vqs)),
  },
  {
    name: 'bytes pass whole in both directions, in several areas and of more than a page',
    run: (bench) =>
      eachSet(bench, 1, async ([vq]) => {
        ensure(vq !== undefined, 'there is no queue');
        const out = [big(3, 1), big(5000, 2), big(1, 3)];
        const whole = Uint8Array.from(out.flatMap((area) => [...area]));
        same(vq.add({ out, in: [10, 6000] }, 'token'), 0, 'add');
        ensure(vq.kick(), 'the queue breaks');
        same(bench.model.arrived[0]?.request.readable, whole, 'what arrives');
        same(bench.model.arrived[0]?.request.writable, 6010, 'room');
        bench.model.complete(replyTo(whole));
        await bench.world.settle();
        const got = bench.receive(vq);
        same(got?.token, 'token', 'token');
        same(got?.length, whole.length, 'bytes written');
        same(got?.bytes.slice(0, whole.length), replyTo(whole), 'reply');
        same(vq.numFree, vq.size, 'free pieces');
      }),
  },
  {
    name: 'many requests go round and round, and their memory is given back',
    run: (bench) =>
      eachSet(bench, 1, async ([vq]) => {
        ensure(vq !== undefined, 'there is no queue');
        bench.model.serve = echo;
        const held = bench.held;
        for (let i = 0; i < 3 * vq.size + 1; i++) {
          const out = Uint8Array.of(i, i + 1);
          bench.send(vq, out, 2, i);
          await bench.world.settle();
          const got = bench.receive(vq);
          same(got?.token, i, 'token');
          same(got?.bytes, replyTo(out), `reply ${String(i)}`);
        }
        same(bench.held, held, 'held afterwards');
      }),
  },
  {
    name: 'a full queue refuses with ENOSPC and loses nothing; completions come in any order',
    run: (bench) =>
      eachSet(bench, 1, async ([vq]) => {
        ensure(vq !== undefined, 'there is no queue');
        let added = 0;
        while (vq.add({ in: [4] }, added) === 0 && added <= 2 * vq.size) added += 1;
        ensure(added > 0 && added <= vq.size, `${String(added)} requests fit`);
        ensure(vq.kick(), 'the queue breaks');
        const arrived = bench.model.takeArrived();
        same(arrived.length, added, 'requests that arrive');
        for (const [i, { request }] of [...arrived.entries()].reverse()) request.complete(Uint8Array.of(i));
        await bench.world.settle();
        const tokens = Array.from({ length: added }, () => bench.receive(vq));
        same(
          tokens.map((got) => [got?.token, got?.bytes[0]].join()).join(' '),
          Array.from({ length: added }, (_, i) => [added - 1 - i, added - 1 - i].join()).join(' '),
          'tokens with their first byte, as completed',
        );
        same(vq.getBuf(), undefined, 'one more');
      }),
  },
  {
    name: 'DRIVER_OK comes before the first request; what was added earlier is not lost',
    async run(bench) {
      for (const features of await bench.featureSets()) {
        await bench.negotiate(features);
        const [vq] = await bench.findVqs(1);
        ensure(vq !== undefined, 'there is no queue');
        same(vq.add({ in: [1] }, 'early'), 0, 'add before DRIVER_OK');
        same(bench.model.arrived.length, 0, 'requests before DRIVER_OK');
        await bench.addStatus(DRIVER_OK);
        ensure(vq.kick(), 'the queue breaks');
        same(bench.model.takeArrived().length, 1, 'requests after it');
        await bench.stop();
      }
    },
  },
];

export const QUEUES: CheckSection = { name: 'queues', checks: CHECKS };
