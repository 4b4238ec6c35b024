import { bootLoaded } from '../evidence/experiment';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import type { Stage } from './stage';

/** Names of the devices that wait to be probed again. @see drivers/base/dd.c deferred_devs_show */
export function deferredNames(guest: MachineGuest): string[] {
  return guest
    .devices()
    .filter(({ knodeDeferred }) => knodeDeferred !== null)
    .map(({ name }) => name ?? '');
}

/** How many of the hypervisor's devices a guest can use. */
export async function countUsable(stage: Stage, guest: MachineGuest): Promise<number> {
  return new Set((await workingNames(stage, guest)).values()).size;
}

/** The names of a guest behind which a device works, and which device that is. */
export async function workingNames(stage: Stage, guest: MachineGuest): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const dev of guest.devices()) {
    const backingDevice = await stage.identify(guest, dev);
    if (backingDevice !== null) found.set(dev.name ?? '', backingDevice);
  }
  return found;
}

/** A step in which a guest boots and uses what it can. @returns how many devices that are */
export async function bootAndUse(stage: Stage, guest: MachineGuest, what: string): Promise<number> {
  const boot = async (): Promise<number> => {
    await bootLoaded(stage.testbed, guest);
    return countUsable(stage, guest);
  };
  return stage.step(what, boot, (count) => `uses ${counted(count, 'device')}`);
}

/** Two guests that need the same devices. */
interface Contended {
  readonly machine: RecordedMachine;
  /** The guest that came second. */
  readonly guest: MachineGuest;
  /** The guest that has all devices it could get. */
  readonly rival: MachineGuest;
}

/** Guest 2 loads its drivers first, and guest 1 loads its own when that is done. */
export async function startContended(stage: Stage): Promise<Contended> {
  const machine = stage.machine(2);
  const [guest, rival] = [machine.guest(), machine.guest(1)];
  for (const [i, one] of [rival, guest].entries()) {
    const what = `guest ${String(2 - i)} boots and loads its drivers`;
    await stage.step(
      what,
      () => bootLoaded(stage.testbed, one),
      () => {
        return `${counted(one.boundNames().length, 'device')} bound, ${String(deferredNames(one).length)} deferred`;
      },
    );
  }
  return { machine, guest, rival };
}

/** Names with commas. */
export function listed(names: readonly (string | null)[]): string {
  return names.length === 0 ? 'none' : names.map((name) => name ?? 'nothing').join(', ');
}

/** `blk_00 is disk0, blk_01 is disk1`; the order is that of the map. */
export function mapped(map: ReadonlyMap<string, string>): string {
  return map.size === 0
    ? 'no names'
    : [...map].map(([name, backingDevice]) => `${name} is ${backingDevice}`).join(', ');
}
