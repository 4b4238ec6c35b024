import type { MachineGuest } from '../../machine';
import { bindUnrelated } from '../evidence/experiment';
import { counted } from '../evidence/words';
import { deferredNames, startContended } from './operations';
import type { Scenario } from './scenario';

type Facts = {
  readonly waiting: number;
  readonly binds: number;
  readonly retries: number;
  readonly refusals: number;
};

const BINDS = 4;

/** @see drivers/base/dd.c deferred_probe_work_func */
export const allocationStorm: Scenario<Facts> = {
  name: 'allocation-storm',
  title: 'each unrelated bind has every waiting device ask the hypervisor again, in vain',
  about:
    'Two guests. Guest 2 binds all that it can get; then guest 1 loads its drivers. After that four devices of ' +
    'another bus are bound in guest 1, one after the other, which have nothing to do with it.',
  strategy: 'at-probe',
  measures: {
    waiting: 'devices of guest 1 that are deferred',
    binds: 'unrelated devices that are bound',
    retries: 'devices that were tried again',
    refusals: 'requests of guest 1 that the hypervisor refused meanwhile',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c deferred_probe_work_func',
      file: 'lib/base/deferred.ts',
      name: 'retryActive',
      rule:
        'a bind anywhere moves all pending devices to the active list, and each has all its drivers probe again, in ' +
        'order',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/guest/strategies/at-probe.ts',
      name: 'refused',
      rule: 'all in use is EPROBE_DEFER, and every try is a hypercall; none of the binds could have helped',
    },
  ],
  async run(stage) {
    const { machine, guest } = await startContended(stage);
    const waiting = deferredNames(guest).length;
    const retried = countRetries(guest);
    const before = machine.hypervisor.log.countRefusals();
    for (let i = 1; i <= BINDS; i++) {
      const done = retried();
      const told = (): string => `${counted(retried() - done, 'device')} tried again`;
      await stage.step(`guest 1 binds unrelated device ${String(i)}`, () => bindUnrelated(guest), told);
    }
    const refusals = machine.hypervisor.log.countRefusals() - before;
    return { waiting, binds: BINDS, retries: retried(), refusals };
  },
  happens: ({ binds, retries, refusals }) => retries > binds && refusals > binds,
};

/** Counts from now on how often a device is taken off the list to be tried again. */
function countRetries({ kernel }: MachineGuest): () => number {
  let count = 0;
  kernel.trace.subscribe((event) => {
    if (event.kind === 'retry') count++;
  });
  return () => count;
}
