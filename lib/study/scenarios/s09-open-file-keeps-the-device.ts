import { errnoName } from '../../errno';
import type { OpenFile } from '../../sysfs';
import { bootLoaded, releaseAll } from '../evidence/experiment';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import { bootAndUse, workingNames } from './operations';
import type { Scenario } from './scenario';

type Facts = {
  readonly fileHolds: boolean | null;
  readonly referenceHolds: boolean | null;
  readonly held: number;
  readonly usable: number;
  readonly heldAfterPut: number;
};

const HOUR_NS = 3_600_000_000_000;

/** @see drivers/base/core.c put_device, fs/kernfs/dir.c kernfs_drain */
export const openFileKeepsTheDevice: Scenario<Facts> = {
  name: 'open-file-keeps-the-device',
  title: 'a forgotten reference keeps a device from all guests; an open file of /sys does not',
  about:
    'A process of guest 1 has a file of the first device in /sys open; a driver of it has taken a reference to the ' +
    'second and forgets to drop it. Guest 1 unbinds everything and gives back what it holds. An hour later guest 2 ' +
    'boots. At the end the reference is dropped.',
  strategy: 'eager',
  measures: {
    fileHolds: 'does the guest still hold the device whose file is open?',
    referenceHolds: 'does the guest still hold the device with the forgotten reference?',
    held: 'devices that guest 1 holds after it gave back everything',
    usable: 'devices that guest 2 can use',
    heldAfterPut: 'devices that guest 1 holds when the reference is dropped',
  },
  why: [
    {
      kernel: 'drivers/base/core.c device_release',
      file: 'buses/ps3-handle/guest/strategies/handles.ts',
      name: 'addHeld',
      rule:
        'the handle goes back when the device is released, which is when its last reference is dropped: earlier, ' +
        'and another guest could get a device that this one may still touch',
    },
    {
      kernel: 'fs/kernfs/dir.c kernfs_drain',
      file: 'lib/sysfs/open-file.ts',
      name: '#gone',
      rule: 'an open file of /sys holds its inode and not the device: after removal it reads ENODEV',
    },
  ],
  async run(stage) {
    const machine = stage.machine(2);
    const guest = machine.guest();
    await bootLoaded(stage.testbed, guest);
    const [first, second] = [...(await workingNames(stage, guest))];
    const told =
      ([name, backingDevice]: Working = ['none', 'nothing']) =>
      (): string =>
        `${name}, which is ${backingDevice}`;
    const opening = (): OpenFile => openUevent(guest, first?.[0]);
    const open = await stage.step('a file of the first device is opened', opening, told(first));
    const device = guest.device(second?.[0] ?? '');
    await stage.step('a reference to the second device is taken', () => device?.get(), told(second));
    await stage.step(
      'guest 1 unbinds and gives back everything',
      () => releaseAll(guest),
      () => heldText(machine),
    );
    await stage.step(
      'an hour goes by; the process reads its file',
      () => readLater(machine, open),
      (text) => text,
    );
    const held = heldByFirst(machine);
    const holds = (of?: Working): boolean | null => (of === undefined ? null : held.includes(of[1]));
    const usable = await bootAndUse(stage, machine.guest(1), 'guest 2 boots and loads its drivers');
    await stage.step(
      'the reference is dropped',
      () => device?.put(),
      () => heldText(machine),
    );
    return {
      fileHolds: holds(first),
      referenceHolds: holds(second),
      held: held.length,
      usable,
      heldAfterPut: heldByFirst(machine).length,
    };
  },
  happens: ({ referenceHolds }) => referenceHolds === true,
};

/** A name, and the device of the hypervisor behind it. */
type Working = readonly [name: string, backingDevice: string];

function openUevent(guest: MachineGuest, name = ''): OpenFile {
  return guest.kernel.sysfs.open(`${guest.busPath}/devices/${name}/uevent`, 'r');
}

/** @returns the error of the read */
async function readLater(machine: RecordedMachine, open: OpenFile): Promise<string> {
  const { world } = machine;
  await world.advance(HOUR_NS);
  const text = await world.run(() => open.read(), 'read', machine.guest().kernel);
  return typeof text === 'number' ? errnoName(text) : 'it reads as before';
}

function heldByFirst(machine: RecordedMachine): string[] {
  const { guest } = machine.guest();
  return machine.hypervisor.claims
    .list()
    .filter((claim) => claim.guest === guest)
    .map(({ device }) => device.name);
}

function heldText(machine: RecordedMachine): string {
  return `${counted(heldByFirst(machine).length, 'device')} held by guest 1`;
}
