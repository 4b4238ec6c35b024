import { errnoName } from '../../errno';
import { bindAny, bootIdle, bootLoaded } from '../evidence/experiment';
import { workingNames, mapped } from './operations';
import type { Scenario } from './scenario';

type Facts = {
  readonly refusal: string | null;
  readonly names: number;
  readonly same: number;
  readonly other: number;
  readonly dead: number;
};

/** @see kernel/power/hibernate.c hibernation_restore */
export const hibernate: Scenario<Facts> = {
  name: 'hibernate',
  title: 'an image wakes over other disks than it went to sleep with, or over none, its drivers bound',
  about:
    'Guest 1 uses its devices and hibernates. The hypervisor is replaced by a fresh one with the same devices. ' +
    'Guest 2 boots there first and binds one device; then the image of guest 1 wakes, with its drivers bound and ' +
    'its disks mounted, and goes on as if nothing had happened.',
  strategy: 'at-probe',
  measures: {
    refusal: 'what the hibernation was refused with',
    names: 'names behind which a device worked before',
    same: 'of those, names with the same device after waking',
    other: 'of those, names with another device',
    dead: 'of those, names without a device that works',
  },
  why: [
    {
      kernel: 'kernel/power/hibernate.c hibernation_restore',
      file: 'lib/machine/guest-life.ts',
      name: 'restore',
      rule: 'restore wakes bound drivers and probes nothing: what was claimed at bind is not claimed again',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/guest/strategies/handles.ts',
      name: 'reallocate',
      rule:
        'a handle of the image means nothing to a fresh hypervisor; the bus asks for another one at restore, below ' +
        'a driver that is bound, and gets whatever is free by then, or nothing',
    },
  ],
  async run(stage) {
    const machine = stage.machine(2);
    const [guest, other] = [machine.guest(), machine.guest(1)];
    const boot = async (): Promise<Markers> => {
      await bootLoaded(stage.testbed, guest);
      return workingNames(stage, guest);
    };
    const before = await stage.step('guest 1 boots and loads its drivers', boot, mapped);
    const told = (no: number): string => (no === 0 ? 'an image is taken' : errnoName(no));
    const error = await stage.step('guest 1 hibernates', () => guest.hibernate(), told);
    if (error !== 0) return { refusal: errnoName(error), names: before.size, same: 0, other: 0, dead: 0 };
    const takeOne = async (): Promise<string | null> => {
      machine.replaceHypervisor();
      await bootIdle(stage.testbed, other);
      return bindAny(other);
    };
    const fresh = 'guest 2 boots on a fresh hypervisor and binds a device';
    await stage.step(fresh, takeOne, (name) => `binds ${name ?? 'none'}`);
    const wake = async (): Promise<Markers> => {
      await guest.restore();
      return workingNames(stage, guest);
    };
    const after = await stage.step('the image of guest 1 wakes', wake, mapped);
    return { refusal: null, names: before.size, ...compared(before, after) };
  },
  happens: ({ other, dead }) => other > 0 || dead > 0,
};

type Markers = ReadonlyMap<string, string>;

function compared(before: Markers, after: Markers): Pick<Facts, 'same' | 'other' | 'dead'> {
  const names = [...before.keys()];
  const count = (is: (name: string) => boolean): number => names.filter(is).length;
  return {
    same: count((name) => after.get(name) === before.get(name)),
    other: count((name) => after.has(name) && after.get(name) !== before.get(name)),
    dead: count((name) => !after.has(name)),
  };
}
