import type { StyleName } from '../../access/place';
import { Machine, type BusFixture, type Workload } from '../../machine';
import type { VirtioDevice } from '../../virtio';
import type { AccessTransport } from '../../virtio/access-style';

/** What a style may be able to do besides talking to a device. */
export interface Ability {
  /** In few words, for tables. */
  readonly title: string;
  /** What is tried. */
  readonly meaning: string;
  can(trial: Trial): Promise<boolean>;
}

/** What abilities are tried on. */
interface Trial {
  readonly fixture: BusFixture;
  readonly style: StyleName;
  readonly workload: Workload;
}

/** A machine whose driver has its devices. */
async function machineOf({ fixture, style, workload }: Trial, devices: number) {
  const models = Array.from({ length: devices }, (_, i) => workload.makeModel(i));
  const machine = new Machine(fixture, { seed: 1, devices, policy: 'lowest', access: [style] }, models);
  const guest = machine.guest();
  const work = async (): Promise<boolean> => {
    await guest.loadTransport();
    await guest.loadDriver(workload.driver);
    const bound = [...(guest.kernel.busOf(workload.driver.bus)?.devices() ?? [])].filter(({ isBound }) => isBound);
    let verified = 0;
    for (const dev of bound) if (await workload.verify(guest, dev, models)) verified += 1;
    return verified === devices;
  };
  await guest.boot();
  return { machine, guest, work };
}

/** Does the device work while the host reaches no memory of the guest's own? */
async function worksSealed(trial: Trial): Promise<boolean> {
  const { guest, work } = await machineOf(trial, 1);
  guest.guest.isSealed = true;
  try {
    return await work();
  } catch {
    // A driver that waits for ever is reported as a hung task.
    return false;
  }
}

/** Does a process see what the kernel sees, without a call? */
async function mapsIntoProcess(trial: Trial): Promise<boolean> {
  const { guest, work } = await machineOf(trial, 1);
  if (!(await work())) return false;
  const [dev] = [...(guest.kernel.busOf(trial.workload.driver.bus)?.devices() ?? [])] as VirtioDevice[];
  const transport = dev?.transport as Partial<AccessTransport> | undefined;
  if (dev === undefined || transport?.mmap === undefined) return false;
  const pages = transport.mmap();
  const { exits } = guest.counters();
  const id = [0, 4, 8].map((at) => pages.getU32(at));
  return id.includes(dev.virtioId.device) && guest.counters().exits === exits;
}

/** Do two devices work whose interrupts are told apart by their value alone? */
async function sharesVector(trial: Trial): Promise<boolean> {
  const { machine, guest, work } = await machineOf(trial, 2);
  if (!(await work())) return false;
  await machine.settle();
  const vectors = guest.kernel.irq.list().filter(({ count, name }) => count > 0 && name !== trial.fixture.bus);
  return vectors.length === 2 && new Set(vectors.map(({ vector }) => vector)).size === 1;
}

export const ABILITIES: readonly Ability[] = [
  {
    title: 'mmap',
    meaning: 'a process of the guest has the device mapped, and reads which one it is without any exit',
    can: mapsIntoProcess,
  },
  {
    title: 'sealed RAM',
    meaning: 'the device works while the host reaches no RAM of the guest: no shared memory, or memory of its own',
    can: worksSealed,
  },
  {
    title: 'value',
    meaning: 'two devices work on one vector, told apart by the value of the interrupt',
    can: sharesVector,
  },
];
