import { STATUS } from '../../../../lib/virtio';
import { VERSION_1, type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { ContractDevice, type Arrival } from './contract-device';
import { ensure } from './violation';

const { DEVICE_NEEDS_RESET } = STATUS;

/** Ways in which a model fails with a request. */
const FAILURES: Readonly<Record<string, (arrival: Arrival) => void>> = {
  'throws on a request': () => {
    throw new Error('the model is broken');
  },
  'completes a request twice': ({ request }) => {
    request.complete();
    request.complete();
  },
  'writes more than there is room for': ({ request }) => request.complete(new Uint8Array(request.writable + 1)),
};

async function breakIt(bench: TransportBench, serve: (arrival: Arrival) => void): Promise<void> {
  bench.model.serve = serve;
  const [vq] = bench.bound;
  ensure(vq !== undefined && vq.add({ in: [8] }, 'doomed') === 0, 'the queue takes nothing');
  vq.kick();
  await bench.world.settle();
  bench.model.serve = null;
}

const CHECKS: readonly TransportCheck[] = [
  ...Object.entries(FAILURES).map(([what, serve]): TransportCheck => ({
    name: `a device that ${what} needs a reset, and its driver is told`,
    allow: ['warnings', 'host-errors'],
    async run(bench) {
      const [vq] = await bench.load();
      bench.told.length = 0;
      await breakIt(bench, serve);
      ensure(bench.told.includes('broken'), 'the driver is not told');
      ensure(vq?.broken === true, 'the queue is not broken');
      const status = await bench.call((t) => t.getStatus());
      ensure((status & DEVICE_NEEDS_RESET) !== 0, `status is ${String(status)}, without DEVICE_NEEDS_RESET`);
    },
  })),
  {
    name: 'DEVICE_NEEDS_RESET stands until a reset, whatever is written',
    allow: ['warnings', 'host-errors'],
    async run(bench) {
      const [vq] = await bench.start(VERSION_1, 1);
      bench.model.serve = () => {
        throw new Error('the model is broken');
      };
      ensure(vq !== undefined && vq.add({ in: [8] }, 'doomed') === 0, 'the queue takes nothing');
      vq.kick();
      const status = await bench.call((t) => t.getStatus());
      ensure((status & DEVICE_NEEDS_RESET) !== 0, 'it is not there');
      await bench.outcome(() => bench.call((t) => t.setStatus(status & ~DEVICE_NEEDS_RESET)));
      const after = await bench.call((t) => t.getStatus());
      ensure((after & DEVICE_NEEDS_RESET) !== 0, 'a driver has cleared it');
      bench.model.serve = null;
      await bench.stop();
      await bench.works(await bench.start(VERSION_1, 1));
    },
  },
  {
    name: 'a device that broke works for the next driver',
    allow: ['warnings', 'host-errors'],
    async run(bench) {
      await bench.load();
      await breakIt(bench, FAILURES['throws on a request'] as (arrival: Arrival) => void);
      await bench.unload();
      await bench.works(await bench.load());
    },
  },
  {
    name: 'a model that fails to give its configuration breaks only itself',
    allow: ['warnings', 'host-errors'],
    async run(bench) {
      await bench.load();
      bench.model.beforeConfig = () => {
        throw new Error('no configuration');
      };
      await bench.outcome(() => bench.call((t) => t.getConfig(0, 4)));
      await bench.outcome(() => bench.call((t) => t.setConfig(0, Uint8Array.of(1))));
      bench.model.beforeConfig = null;
      await bench.world.settle();
      await bench.unload();
      await bench.works(await bench.load());
    },
  },
  {
    name: 'a device that breaks leaves its neighbour alone',
    allow: ['warnings', 'host-errors'],
    async run(bench) {
      const { model } = bench;
      await bench.plug(new ContractDevice('contract1'));
      bench.model.change(bench.model.bytes.map((byte) => byte ^ 0xff));
      await bench.load();
      const neighbour = await bench.boundOf(bench.model);
      const first = await bench.boundOf(model);
      // A bus may give a guest one device at a time.
      if (neighbour === null || first === null) return;
      model.serve = FAILURES['throws on a request'] as (arrival: Arrival) => void;
      first[0]?.add({ in: [8] }, 'doomed');
      first[0]?.kick();
      await bench.world.settle();
      await bench.works(neighbour);
    },
  },
];

export const BREAKING: CheckSection = { name: 'a device that breaks', checks: CHECKS };
