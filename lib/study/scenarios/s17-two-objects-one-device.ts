import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import type { MaySleep } from '../../may-sleep';
import type { MachineGuest } from '../../machine';
import { groupByDevice, kindOf, type Groups, type Kind } from './kind';
import type { Scenario } from './scenario';
import type { Stage } from './stage';
import { listed } from './operations';

type Facts = {
  readonly objects: number;
  readonly unordered: number;
  readonly inversions: number;
  readonly inversionsWithLink: number;
};

/** @see drivers/base/power/main.c dpm_suspend; drivers/usb/core/hcd-pci.c ehci_wait_for_companions */
export const twoObjectsOneDevice: Scenario<Facts> = {
  name: 'two-objects-one-device',
  title: 'two objects of one device suspend in the wrong order, for the core does not know that they are one',
  about:
    'A guest binds all devices and finds out which stand for the same device of the hypervisor. Of those, the one ' +
    'whose driver was loaded first depends on the others, as EHCI does on its companion OHCI. The devices suspend ' +
    'and resume; then the same with a device link for each dependence. On ps3-handle/repository the devices are USB ' +
    'controllers.',
  strategy: 'repository',
  measures: {
    objects: 'most devices of the bus that stand for one of the hypervisor',
    unordered: 'dependences for which the core knows no order: neither is above the other, and no link says so',
    inversions: 'devices that suspended after a device that they depend on',
    inversionsWithLink: 'the same with device links',
  },
  why: [
    {
      kernel: 'drivers/base/power/main.c dpm_suspend',
      file: 'lib/base/power/suspend.ts',
      name: 'dpmSuspend',
      rule: 'devices suspend in the reverse order of registration; only parents and device links correct that',
    },
    {
      kernel: 'arch/powerpc/platforms/ps3/device-init.c ps3_setup_ehci_device, ps3_setup_ohci_device',
      file: 'buses/ps3-handle/guest/strategies/repository.ts',
      name: 'EHCI',
      rule:
        'one line of the repository becomes two devices side by side, EHCI first; that they are one is known to the ' +
        'usage counter alone',
    },
  ],
  async run(stage) {
    const kind = kindOf(stage);
    const machine = stage.machine(1, {}, [kind.makeModel(0), kind.makeModel(1)]);
    const guest = machine.guest();
    const order: Device[] = [];
    const find = async (): Promise<Groups> => {
      await start(stage, kind, guest, order);
      return groupByDevice(kind, machine, guest);
    };
    const groups = await stage.step('all are bound', find, (found) =>
      [...found].map(([one, faces]) => `${one} is ${namesOf(faces)}`).join('; '),
    );
    const pairs = [...groups.values()].flatMap(pairsOf);
    const unordered = pairs.filter(([a, b]) => !a.hasDependent(b) && !b.hasDependent(a)).length;
    const inversions = await suspendAndResume(stage, guest, 'they suspend', order, pairs);
    for (const [consumer, supplier] of pairs) await consumer.linkTo(supplier);
    const inversionsWithLink = await suspendAndResume(stage, guest, 'linked, they suspend', order, pairs);
    const objects = Math.max(0, ...[...groups.values()].map(({ length }) => length));
    return { objects, unordered, inversions, inversionsWithLink };
  },
  happens: ({ inversions, inversionsWithLink }) => inversions > inversionsWithLink,
};

/** Drivers that note when their devices suspend. */
async function start({ testbed }: Stage, kind: Kind, guest: MachineGuest, order: Device[]): Promise<void> {
  await guest.boot();
  await guest.loadDriver(testbed.workload.driver);
  for (const driver of kind.drivers(guest)) {
    const like = driver as DeviceDriver;
    const noting: DeviceDriver = { ...like, pm: { ...like.pm, suspend: (dev) => noteAnd(order, dev, like) } };
    await guest.loadDriver(noting);
  }
}

function noteAnd(order: Device[], dev: Device, { pm }: DeviceDriver): MaySleep<number | void> {
  order.push(dev);
  return pm?.suspend?.(dev);
}

type Pairs = readonly (readonly [consumer: Device, supplier: Device])[];

/** The first of a group depends on the others. */
function pairsOf([first, ...rest]: readonly Device[]): Pairs {
  return first === undefined ? [] : rest.map((other) => [first, other] as const);
}

/** @returns how many suspended after a device that they depend on */
async function suspendAndResume(
  stage: Stage,
  { kernel }: MachineGuest,
  what: string,
  order: Device[],
  pairs: Pairs,
): Promise<number> {
  order.length = 0;
  const act = async (): Promise<void> => {
    await kernel.suspendDevices();
    await kernel.resumeDevices();
  };
  await stage.step(what, act, () => `in this order: ${namesOf(order)}`);
  return pairs.filter(([consumer, supplier]) => order.indexOf(consumer) > order.indexOf(supplier)).length;
}

function namesOf(devices: readonly Device[]): string {
  return listed(devices.map(({ name }) => name));
}
