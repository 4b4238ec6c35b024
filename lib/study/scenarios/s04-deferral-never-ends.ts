import { unbindAll, bindUnrelated } from '../evidence/experiment';
import { counted } from '../evidence/words';
import { deferredNames, startContended } from './operations';
import type { Scenario } from './scenario';

type Facts = {
  readonly refused: number;
  readonly free: number;
  readonly boundAfterRelease: number;
  readonly boundAfterUnrelated: number;
};

const WAIT_S = 300;
const SECOND_NS = 1_000_000_000;

/** @see drivers/base/dd.c driver_deferred_probe_trigger */
export const deferralNeverEnds: Scenario<Facts> = {
  name: 'deferral-never-ends',
  title: 'a deferred device waits for ever, though what it waits for is free',
  about:
    'Two guests. Guest 2 binds all that it can get; then guest 1 loads its drivers. Guest 2 unbinds everything, ' +
    'guest 1 waits five minutes, and then binds a device that has nothing to do with it.',
  strategy: 'at-probe',
  measures: {
    refused: 'devices of guest 1 that are deferred while guest 2 holds devices',
    free: 'devices that nobody holds after guest 2 has given them back',
    boundAfterRelease: 'of the refused ones, those bound five minutes later',
    boundAfterUnrelated: 'of the refused ones, those bound after an unrelated device was bound in guest 1',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c driver_deferred_probe_trigger',
      file: 'lib/base/deferred.ts',
      name: 'trigger',
      rule:
        'only a successful bind in the same kernel, the end of boot or of a suspend has deferred devices tried ' +
        'again; nothing outside the kernel does',
    },
    {
      kernel: 'drivers/base/base.h driver_deferred_probe_trigger',
      file: 'lib/base/really-probe.ts',
      name: 'driverBound',
      rule:
        'the trigger is not exported: a bus that hears of a freed device has to call device_attach itself, and this ' +
        'one hears nothing',
    },
  ],
  async run(stage) {
    const { machine, guest, rival } = await startContended(stage);
    const waiting = deferredNames(guest);
    const freeText = (): string => `${counted(machine.free, 'device')} that nobody holds`;
    await stage.step('guest 2 unbinds them all', () => unbindAll(rival), freeText);
    const free = machine.free;
    const count = (): number => guest.boundNames().filter((name) => waiting.includes(name)).length;
    const told = (): string => `${String(count())} of ${String(waiting.length)} deferred bound`;
    await stage.step(`guest 1 waits ${String(WAIT_S)} s`, () => machine.world.advance(WAIT_S * SECOND_NS), told);
    const boundAfterRelease = count();
    await stage.step('guest 1 binds an unrelated device', () => bindUnrelated(guest), told);
    return { refused: waiting.length, free, boundAfterRelease, boundAfterUnrelated: count() };
  },
  happens: ({ refused, free, boundAfterRelease }) => refused > 0 && free > 0 && boundAfterRelease === 0,
};
