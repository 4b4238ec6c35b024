import { featureBit, STATUS } from '../../../../lib/virtio';
import { VERSION_1, type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { echo, NOT_OFFERED, OFFERED } from './contract-device';
import { ensure, same } from './violation';

/** Bits of the device type below those of the transport. VIRTIO 1.2 §2.2 */
const TYPE_BITS = (1n << 24n) - 1n;
const OFFERED_BITS = OFFERED.reduce((bits, bit) => bits | featureBit(bit), 0n);
const { ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK } = STATUS;

async function accepts(bench: TransportBench, features: bigint): Promise<boolean> {
  return ((await bench.negotiate(features)) & FEATURES_OK) !== 0;
}

/** A refusal may be an errno; what counts is the status. */
async function tryStatus(bench: TransportBench, status: number): Promise<number> {
  await bench.outcome(() => bench.call((t) => t.setStatus(status)));
  return bench.call((t) => t.getStatus());
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'the status after registration is ACKNOWLEDGE, and 0 after a reset',
    async run(bench) {
      same(await bench.call((t) => t.getStatus()), ACKNOWLEDGE, 'status');
      await bench.call((t) => t.reset());
      same(await bench.call((t) => t.getStatus()), 0, 'status after a reset');
      ensure(bench.model.resets > 0, 'the device was not reset');
    },
  },
  {
    name: 'the status is what was written, step by step',
    async run(bench) {
      await bench.start(VERSION_1, 1);
      same(await bench.call((t) => t.getStatus()), ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK, 'status');
    },
  },
  {
    name: 'an illegal step of the status does not stand',
    async run(bench) {
      await bench.call((t) => t.reset());
      same(await tryStatus(bench, ACKNOWLEDGE | DRIVER_OK), 0, 'status after DRIVER_OK at once');
      await bench.addStatus(ACKNOWLEDGE);
      await bench.addStatus(DRIVER);
      same(await tryStatus(bench, ACKNOWLEDGE), ACKNOWLEDGE | DRIVER, 'status after DRIVER was cleared');
    },
  },
  {
    name: 'getFeatures has what the device offers, each bit at its place',
    async run(bench) {
      const offered = await bench.call((t) => t.getFeatures());
      same(offered & TYPE_BITS, OFFERED_BITS, 'features of the device type');
      ensure((offered & VERSION_1) !== 0n, 'VERSION_1 is not offered');
      ensure(offered < 1n << 64n, 'features of more than 64 bits');
    },
  },
  {
    name: 'transportFeatures keeps the bits of the device type and VERSION_1, and adds none',
    async run(bench) {
      same(bench.transportFeatures(OFFERED_BITS | VERSION_1), OFFERED_BITS | VERSION_1, 'features');
      same(bench.transportFeatures(0n), 0n, 'of no features');
      return Promise.resolve();
    },
  },
  {
    name: 'FEATURES_OK stands for every bit that is offered',
    async run(bench) {
      for (const bit of OFFERED)
        ensure(await accepts(bench, VERSION_1 | featureBit(bit)), `bit ${String(bit)} is refused`);
      ensure(await accepts(bench, VERSION_1 | OFFERED_BITS), 'all of them are refused');
      for (const features of await bench.featureSets())
        ensure(await accepts(bench, features), `features 0x${features.toString(16)} are refused`);
    },
  },
  {
    name: 'FEATURES_OK does not stand for a bit that is not offered',
    async run(bench) {
      for (const bit of NOT_OFFERED)
        ensure(!(await accepts(bench, VERSION_1 | featureBit(bit))), `bit ${String(bit)} is accepted`);
    },
  },
  {
    name: 'FEATURES_OK does not stand without VERSION_1',
    allow: ['warnings'],
    async run(bench) {
      ensure(!(await accepts(bench, OFFERED_BITS)), 'features without VERSION_1 are accepted');
    },
  },
  {
    name: 'features are forgotten by a reset',
    async run(bench) {
      ensure(await accepts(bench, VERSION_1), 'VERSION_1 is refused');
      await bench.call((t) => t.reset());
      await bench.addStatus(ACKNOWLEDGE);
      await bench.addStatus(DRIVER);
      const status = await tryStatus(bench, ACKNOWLEDGE | DRIVER | FEATURES_OK);
      ensure((status & FEATURES_OK) === 0, 'FEATURES_OK stands though no features were written');
    },
  },
  {
    name: 'features that are written after FEATURES_OK change nothing',
    async run(bench) {
      ensure(await accepts(bench, VERSION_1), 'VERSION_1 is refused');
      const unknown = NOT_OFFERED.reduce((bits, bit) => bits | featureBit(bit), VERSION_1);
      await bench.outcome(() => bench.call((t) => t.finalizeFeatures(unknown)));
      same(await bench.call((t) => t.getStatus()), ACKNOWLEDGE | DRIVER | FEATURES_OK, 'status');
      const vqs = await bench.findVqs(1);
      await bench.addStatus(DRIVER_OK);
      bench.model.serve = echo;
      bench.send(vqs[0], Uint8Array.of(1), 1);
      await bench.world.settle();
      ensure(vqs[0]?.getBuf() !== undefined, 'the device does not work afterwards');
    },
  },
];

export const FEATURES: CheckSection = { name: 'status and features', checks: CHECKS };
