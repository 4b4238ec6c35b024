import type { Kernel } from '../base/kernel';
import { ErrnoError } from '../errno';
import type { Machine, StudyGuest } from './machine';

interface Look {
  /** Devices that nobody claims. */
  readonly free: number;
  readonly numbers: ReadonlyMap<string, number>;
}

/** Looks for files of a guest's /sys that tell how many devices are free. */
export class FreeCounts {
  readonly #machine: Machine;
  readonly #guest: StudyGuest;
  readonly #looks: Look[] = [];

  constructor(machine: Machine, guest: StudyGuest) {
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
