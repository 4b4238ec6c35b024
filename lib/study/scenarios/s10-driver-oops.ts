import { ENODEV } from '../../errno';
import type { MaySleep } from '../../may-sleep';
import { HungTask } from '../../world';
import { bootLoaded, unbindAll } from '../evidence/experiment';
import type { Testbed } from '../evidence/testbed';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import { bootAndUse } from './operations';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = {
  readonly oopses: number;
  readonly hung: number;
  readonly heldAfterOops: number;
  readonly heldAfterDeath: number;
  readonly lost: number;
};

/** @see kernel/exit.c make_task_dead; drivers/base/dd.c wait_for_device_probe */
export const driverOops: Scenario<Facts> = {
  name: 'driver-oops',
  title: 'a driver oopses in probe: its device is lost to other guests, not to this kernel alone',
  about:
    'The probe of a driver of guest 1 oopses. The task dies where it stands, with its locks. Then somebody waits ' +
    'for probes, unbinds the device, and shuts the machine down. The guest is killed; guest 2 boots and uses what ' +
    'there is.',
  strategy: 'at-probe',
  measures: {
    oopses: 'oopses',
    hung: 'of three operations after it, those that never end: waiting for probes, unbinding, shutting down',
    heldAfterOops: 'devices that are held after the oops',
    heldAfterDeath: 'devices that are held after the guest was killed',
    lost: 'devices that guest 2 cannot use, but could if the driver had declined and the device had been unbound',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c driver_probe_device',
      file: 'lib/base/guard.ts',
      name: 'refusal',
      rule:
        'nothing unwinds an oops: the device stays locked, probe_count stays raised, and no devres is released, on ' +
        'every bus',
    },
    {
      kernel: null,
      file: 'lib/hypervisor/claims.ts',
      name: 'Claims',
      rule:
        'what configuration gives a guest is its own again with its next kernel; a claim outlives the kernel that ' +
        'made it',
    },
  ],
  async run(stage) {
    const expected = await usableWithoutOops(stage);
    const machine = stage.machine(2);
    const [guest, other] = [machine.guest(), machine.guest(1)];
    const oopses = (): string => `${counted(machine.world.oopsCount, 'oops')}, ${counted(machine.held, 'claim')}`;
    await stage.step(
      'guest 1 binds a device, and its driver oopses',
      () => bindWith(stage.testbed, guest, oops),
      oopses,
    );
    const heldAfterOops = machine.held;
    let hung = 0;
    for (const [what, operation] of operationsAfter(guest)) {
      const end = await stage.step(
        what,
        () => ends(operation),
        (text) => text,
      );
      if (end === 'hangs') hung++;
    }
    await stage.step(
      'guest 1 is killed',
      () => guest.die(),
      () => counted(machine.held, 'claim'),
    );
    const heldAfterDeath = machine.held;
    const usable = await bootAndUse(stage, other, 'guest 2 boots and loads its drivers');
    return { oopses: machine.world.oopsCount, hung, heldAfterOops, heldAfterDeath, lost: expected - usable };
  },
  happens: ({ lost }) => lost > 0,
};

/** What guest 2 can use when the driver of guest 1 declines in good order, and the device is unbound before the end. */
async function usableWithoutOops({ testbed }: Stage): Promise<number> {
  const machine = testbed.machine(2);
  const [guest, other] = [machine.guest(), machine.guest(1)];
  await bindWith(testbed, guest, () => -ENODEV);
  await unbindAll(guest);
  guest.die();
  await bootLoaded(testbed, other);
  return other.boundDevices().length;
}

/** Binds the first device, with a driver of the testbed's class that has another probe. */
async function bindWith(testbed: Testbed, guest: MachineGuest, probe: () => number): Promise<void> {
  await guest.boot();
  await guest.bindByHand();
  await guest.loadTransport();
  await guest.loadDriver({ ...testbed.workload.driver, probe });
  await ends(() => guest.bindFile('bind', guest.deviceNames()[0] ?? ''));
}

function oops(): never {
  throw new TypeError('NULL pointer dereference');
}

function operationsAfter(guest: MachineGuest): [string, () => MaySleep<unknown>][] {
  return [
    ['somebody waits for the probes to end', () => guest.kernel.waitForDeviceProbe()],
    ['a user unbinds the device', () => guest.bindFile('unbind', guest.deviceNames()[0] ?? '')],
    ['the machine is shut down', () => guest.kernel.shutdownDevices()],
  ];
}

/** An oops of a worker is rethrown by the next wait; it has been counted already. */
async function ends(operation: () => MaySleep<unknown>): Promise<'ends' | 'hangs'> {
  try {
    await operation();
    return 'ends';
  } catch (error) {
    return error instanceof HungTask ? 'hangs' : 'ends';
  }
}
