import { counted } from '../evidence/words';
import { bootAndUse } from './operations';
import type { Scenario } from './scenario';

type Facts = { readonly first: number; readonly second: number; readonly jain: number; readonly namesOfSecond: number };

const MS_NS = 1_000_000;

/** @see Documentation/driver-api/driver-model/overview.rst */
export const quotaAsTruth: Scenario<Facts> = {
  name: 'quota-as-truth',
  title: 'who boots a millisecond earlier has all devices, and the other one none, not even names',
  about:
    'Two guests with the same drivers and the same wish. Guest 1 boots, guest 2 a millisecond later. Both use what ' +
    'they can; then guest 2 looks into /sys for devices of the bus.',
  strategy: 'eager',
  measures: {
    first: 'devices that guest 1 can use',
    second: 'devices that guest 2 can use',
    jain: "Jain's index of fairness: 1 when both have the same, 0.5 when one has all",
    namesOfSecond: 'names in /sys that tell guest 2 of devices',
  },
  why: [
    {
      kernel: 'arch/powerpc/platforms/cell/spu_base.c create_spu',
      file: 'buses/ps3-handle/guest/strategies/eager.ts',
      name: 'scan',
      rule:
        'finding a device takes it: the scan goes on until there are no more, and what another guest holds looks ' +
        'like what does not exist',
    },
  ],
  async run(stage) {
    const machine = stage.machine(2);
    const first = await bootAndUse(stage, machine.guest(), 'guest 1 boots and loads its drivers');
    await machine.world.advance(MS_NS);
    const loser = machine.guest(1);
    const second = await bootAndUse(stage, loser, 'guest 2 does so a millisecond later');
    const namesOfSecond = await stage.step(
      'guest 2 looks into /sys',
      () => loser.deviceNames().length,
      (count) => `${counted(count, 'name')} in ${loser.busPath}/devices`,
    );
    return { first, second, jain: jainIndex([first, second]), namesOfSecond };
  },
  happens: ({ first, second, namesOfSecond }) => first > 0 && second === 0 && namesOfSecond === 0,
};

/** R. Jain, D. Chiu, W. Hawe 1984; 1 for no guest. */
function jainIndex(counts: readonly number[]): number {
  const sum = counts.reduce((a, b) => a + b, 0);
  const squares = counts.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 1 : (sum * sum) / (counts.length * squares);
}
