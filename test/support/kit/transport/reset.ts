import type { DmaBuffer } from '../../../../lib/access';
import { VERSION_1, type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { ensure, same } from './violation';

/** What a byte of memory must not be changed from. */
const CANARY = 0xa5;

/** Takes much of the guest's memory for devices, what was free the last time too, and fills it. */
function takeMemory({ world: { kernel } }: TransportBench): () => void {
  const { dma, port } = kernel;
  ensure(dma !== null && port !== null, 'the kernel has no memory for devices');
  const buffers: DmaBuffer[] = Array.from({ length: 24 }, () => dma.alloc(4096, 4096, 'canary'));
  for (const { address, size } of buffers) port.memory.write(address, new Uint8Array(size).fill(CANARY));
  return () => {
    for (const { address, size } of buffers)
      ensure(
        port.memory.read(address, size).every((byte) => byte === CANARY),
        () => `memory at 0x${address.toString(16)} was written to that the device had given back`,
      );
    for (const buffer of buffers) buffer.free();
  };
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'a reset with requests in flight: the device forgets them, and each can be taken out once',
    async run(bench) {
      for (const features of await bench.featureSets()) {
        const [vq] = await bench.start(features, 1);
        ensure(vq !== undefined, 'there is no queue');
        for (const token of [1, 2, 3]) bench.send(vq, Uint8Array.of(token), 4, token);
        const { resets } = bench.model;
        await bench.call((t) => t.reset());
        ensure(bench.model.resets > resets, 'the device was not reset');
        same(await bench.call((t) => t.getStatus()), 0, 'status');
        bench.told.length = 0;
        for (const { request } of bench.model.takeArrived()) request.complete(new Uint8Array(4).fill(0xee));
        await bench.world.settle();
        same(bench.told, [], 'callbacks after it');
        same(vq.getBuf(), undefined, 'completions after it');
        const tokens = [1, 2, 3, 4].map(() => vq.detachUnused());
        same(tokens.map(String).sort().join(), '1,2,3,undefined', 'tokens that are taken out');
        await bench.stop();
      }
    },
  },
  {
    name: 'after a reset the device never touches the memory that it had',
    async run(bench) {
      const vqs = await bench.start(VERSION_1, 2);
      for (const vq of vqs) for (const token of [1, 2]) bench.send(vq, Uint8Array.of(token), 64, token);
      await bench.stop();
      const check = takeMemory(bench);
      for (const { request } of bench.model.takeArrived()) request.complete(new Uint8Array(64).fill(0xee));
      await bench.world.settle();
      await bench.negotiate(VERSION_1);
      await bench.call((t) => t.reset());
      check();
    },
  },
  {
    name: 'requests from before a reset never end those that come after it',
    async run(bench) {
      for (const features of await bench.featureSets()) {
        const [before] = await bench.start(features, 1);
        for (const token of [1, 2]) bench.send(before, Uint8Array.of(token), 8, token);
        const old = bench.model.takeArrived();
        await bench.stop();
        const [vq] = await bench.start(features, 1);
        ensure(vq !== undefined, 'there is no queue');
        bench.told.length = 0;
        bench.send(vq, Uint8Array.of(3), 8, 3);
        for (const { request } of old) request.complete(new Uint8Array(8).fill(0xee));
        await bench.world.settle();
        same(bench.told, [], 'callbacks for old requests');
        same(vq.getBuf(), undefined, 'completions of old requests');
        bench.model.complete(Uint8Array.of(3, 3));
        await bench.world.settle();
        same(bench.receive(vq)?.bytes.slice(0, 2), Uint8Array.of(3, 3), 'the reply to the new one');
        await bench.stop();
      }
    },
  },
  {
    name: 'no callback comes after a reset, and none after delVqs',
    async run(bench) {
      const [vq] = await bench.start(VERSION_1, 1);
      bench.send(vq, Uint8Array.of(1), 1);
      bench.model.complete();
      await bench.world.settle();
      await bench.call((t) => t.reset());
      bench.told.length = 0;
      bench.model.change(bench.model.bytes);
      await bench.world.settle();
      await bench.stop();
      bench.model.change(bench.model.bytes);
      await bench.world.settle();
      same(bench.told, [], 'callbacks');
    },
  },
  {
    name: 'a reset may be repeated, and the device works again after each',
    async run(bench) {
      for (let i = 0; i < 3; i++) {
        await bench.call((t) => t.reset());
        await bench.call((t) => t.reset());
        await bench.works(await bench.start(VERSION_1, 2));
        await bench.stop();
      }
    },
  },
];

export const RESET: CheckSection = { name: 'reset', checks: CHECKS };
