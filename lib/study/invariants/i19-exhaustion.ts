import type { Kernel } from '../../base/kernel';
import { errno, ErrnoError, errnoName } from '../../errno';
import type { MachineGuest } from '../../machine';
import { claimAll, claimByHand, releaseAll, spareName, startIdle, unserved } from '../evidence/experiment';
import type { RecordedMachine } from '../evidence/recorded-machine';
import { notApplicable, type Invariant } from './finding';

/**
 * Two guests claim all devices. Then a user of the second requests one more: which error does the write return, and is
 * it the same as when the hypervisor fails every call with EIO? Could the user have known: is there a number in /sys
 * that was the number of free devices at each read?
 *
 * @see drivers/vfio/mdev/mdev_sysfs.c available_instances_show
 */
export const exhaustionIsVisible: Invariant = {
  id: 'I19',
  group: 'expectation',
  title: 'one sees that no device is free',
  measure: 'files in /sys that tell how many devices are free; and the error must not be that of a broken hypervisor',
  async detect(testbed) {
    const machine = await startIdle(testbed, 2);
    const loser = machine.guest(1);
    const counts = new FreeCounts(machine, loser);
    await counts.look();
    for (const guest of machine.guests) await claimAll(guest);
    await counts.look();
    const { held, models, evidence } = machine;
    if (held === 0) return notApplicable('nothing is claimed', evidence.lines);
    if (testbed.isPrivate) return notApplicable('each guest has its own', evidence.lines);
    if (held < models.length) return notApplicable('nothing runs out', evidence.lines);
    // A name that nothing serves, or one that the user makes up.
    const name = (await unserved(testbed, machine, loser))[0] ?? spareName(loser.deviceNames().length);
    const full = await claimByHand(loser, name);
    const broken = await claimOfBroken(loser, name);
    await releaseAll(machine.guest());
    await counts.look();
    const files = counts.files();
    evidence.add('user', `numbers of free devices: ${files.join(' ') || 'none'}`);
    return {
      holds: files.length > 0 && full !== 0 && full !== broken,
      value: files.length,
      text: `${files.length === 0 ? 'no number' : 'a number'}; ${nameOf(full)}, broken ${nameOf(broken)}`,
      evidence: evidence.lines,
    };
  },
};

/** The error of the write when the hypervisor fails every call with EIO. */
async function claimOfBroken(user: MachineGuest, name: string): Promise<number> {
  user.guest.refuseCalls = errno.EIO;
  const error = await claimByHand(user, name);
  user.guest.refuseCalls = 0;
  return error;
}

function nameOf(error: number): string {
  return error === 0 ? 'no error' : errnoName(error);
}

interface Look {
  /** Devices that are not claimed. */
  readonly free: number;
  readonly numbers: ReadonlyMap<string, number>;
}

/** Looks for files of a guest's /sys with the number of free devices. */
class FreeCounts {
  readonly #machine: RecordedMachine;
  readonly #guest: MachineGuest;
  readonly #looks: Look[] = [];

  constructor(machine: RecordedMachine, guest: MachineGuest) {
    this.#machine = machine;
    this.#guest = guest;
  }

  async look(): Promise<void> {
    this.#looks.push({ free: this.#machine.free, numbers: await readNumbers(this.#guest.kernel) });
  }

  /** The files that were right at every look; none while always as many were free, for then any number would do. */
  files(): string[] {
    const [first] = this.#looks;
    if (first === undefined || this.#looks.every(({ free }) => free === first.free)) return [];
    const isRight = (path: string): boolean => this.#looks.every(({ free, numbers }) => numbers.get(path) === free);
    return [...first.numbers.keys()].filter(isRight);
  }
}

/** Every file of /sys that holds a number, by path; links are not followed. */
async function readNumbers({ sysfs, world }: Kernel): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  const visit = async (path: string): Promise<void> => {
    const { kind, mode } = sysfs.stat(path);
    if (kind === 'dir') for (const name of sysfs.readdir(path)) await visit(`${path}/${name}`);
    if (kind !== 'file' || (mode & 0o400) === 0) return;
    const text = await world.run(() => readText(sysfs, path), `read(${path})`);
    if (/^\d+\n?$/.test(text)) numbers.set(path, Number(text));
  };
  await visit('/sys');
  return numbers;
}

/** Empty for what cannot be read. */
async function readText(sysfs: Kernel['sysfs'], path: string): Promise<string> {
  try {
    const text = await sysfs.open(path, 'r').read();
    return typeof text === 'string' ? text : '';
  } catch (error) {
    if (error instanceof ErrnoError) return '';
    throw error;
  }
}
