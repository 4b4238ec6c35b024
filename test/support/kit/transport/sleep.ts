import { type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { ensure, same } from './violation';

/** How a machine sleeps and wakes with what it has. */
const SLEEPS: Readonly<Record<string, (bench: TransportBench, asleep: () => void) => Promise<number>>> = {
  suspend: async ({ world }, asleep) => {
    const error = await world.guest().suspend();
    if (error !== 0) return error;
    asleep();
    await world.guest().resume();
    return 0;
  },
  'a snapshot': async ({ world }, asleep) => {
    const error = await world.guest().hibernate({ then: 'thaw' });
    asleep();
    return error;
  },
  'hibernation onto another host': async ({ world }, asleep) => {
    const error = await world.guest().hibernate();
    if (error !== 0) return error;
    asleep();
    world.replaceHypervisor();
    await world.guest().restore();
    return 0;
  },
};

function checksOf(what: string, sleep: (bench: TransportBench, asleep: () => void) => Promise<number>) {
  const through = async (bench: TransportBench, asleep: () => void = () => undefined): Promise<void> => {
    same(await sleep(bench, asleep), 0, what);
  };
  return [
    {
      name: `${what}: the device works afterwards, and holds what it held`,
      async run(bench: TransportBench) {
        const [before] = await bench.load();
        const { held } = bench;
        for (let i = 0; i < 2; i++) {
          await through(bench);
          same(bench.held, held, 'held afterwards');
          ensure(bench.dev.isBound, 'the driver has left');
          await bench.works();
        }
        ensure(bench.bound[0] !== before, 'the queue is the one of before');
      },
    },
    {
      name: `${what}: requests in flight end with it, and never touch what comes after`,
      async run(bench: TransportBench) {
        const [vq] = await bench.load();
        bench.send(vq, Uint8Array.of(1), 8);
        const old = bench.model.takeArrived();
        bench.told.length = 0;
        await through(bench, () => {
          for (const { request } of old) request.complete(new Uint8Array(8).fill(0xee));
        });
        same(bench.told, [], 'callbacks');
        same(bench.bound[0]?.getBuf(), undefined, 'completions');
        await bench.works();
      },
    },
    {
      name: `${what}: a change meanwhile is there afterwards`,
      async run(bench: TransportBench) {
        await bench.load();
        await through(bench, () => bench.model.change(bench.model.bytes.map(() => 0x77)));
        same(await bench.call((t) => t.getConfig(0, 2)), Uint8Array.of(0x77, 0x77), 'configuration');
      },
    },
    {
      name: `${what}: a device without a driver sleeps and is usable afterwards`,
      async run(bench: TransportBench) {
        await through(bench);
        await bench.works(await bench.load());
      },
    },
  ];
}

const CHECKS: readonly TransportCheck[] = Object.entries(SLEEPS).flatMap(([what, sleep]) =>
  checksOf(what, sleep).map((check) => ({ ...check, needs: 'sleep' as const })),
);

export const SLEEP: CheckSection = { name: 'freeze and restore', checks: CHECKS };
