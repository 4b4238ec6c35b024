import { unbind } from '../evidence/experiment';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { bootKind, groupByDevice, kindOf, type Kind } from './kind';
import type { Scenario } from './scenario';
import { listed } from './operations';

type Facts = { readonly faces: number; readonly heldUnbound: number; readonly heldAtEnd: boolean | null };

/** @see arch/powerpc/platforms/ps3/system-bus.c ps3_close_hv_device_sb */
export const closeOrder: Scenario<Facts> = {
  name: 'close-order',
  title: 'an unbound device is still held, and nothing in /sys tells by what',
  about:
    'A guest binds all devices and finds out which of them stand for the same device of the hypervisor as the first ' +
    'one. It unbinds these one after the other. On ps3-handle/repository the devices are USB controllers, each of ' +
    'which is two devices of the bus.',
  strategy: 'repository',
  measures: {
    faces: 'devices of the bus that stand for the one of the hypervisor',
    heldUnbound: 'times that one of them was unbound and the device was held all the same',
    heldAtEnd: 'is the device held when all of them are unbound?',
  },
  why: [
    {
      kernel: 'arch/powerpc/platforms/ps3/system-bus.c ps3_close_hv_device_sb',
      file: 'buses/ps3-handle/guest/strategies/hv-devices.ts',
      name: 'closeLast',
      rule:
        'only the last user closes; the counter is in no file, and the two devices have neither a link nor a parent ' +
        'in common that would tell',
    },
  ],
  async run(stage) {
    const kind = kindOf(stage);
    const machine = stage.machine(1, {}, [kind.makeModel(0), kind.makeModel(1)]);
    const guest = machine.guest();
    await bootKind(stage, kind, guest);
    const find = (): Promise<Faces> => facesOfFirst(kind, machine, guest);
    const told = ({ backingDevice: one, names: all }: Faces): string => `${one ?? 'nothing'} is ${listed(all)}`;
    const { backingDevice, names } = await stage.step('all are bound', find, told);
    let heldUnbound = 0;
    for (const name of names) {
      const what = `${names[0] === name ? 'the first' : 'the next'} one is unbound`;
      const isStillHeld = await stage.step(
        what,
        async () => {
          await unbind(guest, name);
          return isHeld(machine, backingDevice);
        },
        (held) => `${name} has no driver; ${backingDevice ?? ''} is ${held ? 'held' : 'not held'}`,
      );
      if (isStillHeld) heldUnbound++;
    }
    return {
      faces: names.length,
      heldUnbound,
      heldAtEnd: backingDevice === null ? null : isHeld(machine, backingDevice),
    };
  },
  happens: ({ faces, heldUnbound, heldAtEnd }) => faces > 1 && heldUnbound > 0 && heldAtEnd === false,
};

function isHeld({ hypervisor }: RecordedMachine, backingDevice: string | null): boolean {
  return hypervisor.claims.list().some(({ device }) => device.name === backingDevice);
}

/** One device of the hypervisor, and the names that it is behind. */
interface Faces {
  readonly backingDevice: string | null;
  readonly names: readonly string[];
}

/** Of the device behind the first name that works. */
async function facesOfFirst(kind: Kind, machine: RecordedMachine, guest: MachineGuest): Promise<Faces> {
  const [first] = await groupByDevice(kind, machine, guest);
  return { backingDevice: first?.[0] ?? null, names: (first?.[1] ?? []).map(({ name }) => name ?? '') };
}
