import { virtioRng } from '../../drivers/virtio_rng';
import { EntropyDevice } from '../../lib/hypervisor';
import { fixtureName, Machine, type BusFixture, type MachineGuest } from '../../lib/machine';
import type { Clocks } from './figures';

/** Steps that a machine takes until all its devices are in use. */
export const SCALE_STEPS = ['plug', 'scan', 'bind'] as const;

/** What each step took, ns of all devices together. */
export type ScaleTimes = Readonly<Record<(typeof SCALE_STEPS)[number], Clocks>>;

/** RAM for each device: its queue's rings, and what a transport keeps beside them. */
const BYTES_PER_DEVICE = 20 * 1024;
const LEAST_MEMORY = 16 * 1024 * 1024;
/** So small that they are full for any number of devices: a full one drops a line for each. */
const LOGS = { logLimit: 64, kernel: { logBufShift: 12 } };

/** Boots one guest with so many entropy devices and their driver. @throws Error unless all of them are bound */
export async function bootMany(fixture: BusFixture, devices: number, now: () => Clocks): Promise<ScaleTimes> {
  const models = Array.from({ length: devices }, (_, i) => new EntropyDevice({ name: `rng${String(i)}`, seed: i }));
  const times: Clocks[] = [now()];
  const conditions = { seed: 1, devices, policy: 'lowest' } as const;
  const memory = Math.max(LEAST_MEMORY, Math.ceil((devices * BYTES_PER_DEVICE) / 4096) * 4096);
  const guest = new Machine(fixture, conditions, models, 1, { memory, ...LOGS }).guest();
  times.push(now());
  await guest.boot();
  times.push(now());
  await bindAll(guest);
  times.push(now());
  const bound = guest.boundNames().length;
  if (bound !== devices)
    throw new Error(`${fixtureName(fixture)}: ${String(bound)} of ${String(devices)} devices are bound`);
  const [plug, scan, bind] = SCALE_STEPS.map((_, i) => between(times[i], times[i + 1])) as [Clocks, Clocks, Clocks];
  return { plug, scan, bind };
}

async function bindAll(guest: MachineGuest): Promise<void> {
  await guest.loadDriver(virtioRng);
  await guest.loadTransport();
  const { bus } = guest;
  for (const name of bus.onlineWrite === undefined ? [] : guest.boundNames()) {
    const write = bus.onlineWrite?.(name) ?? null;
    if (write !== null) await guest.write(write.path, write.text);
  }
}

function between(start: Clocks | undefined, end: Clocks | undefined): Clocks {
  if (start === undefined || end === undefined) throw new Error('there is no such step');
  return { wall: end.wall - start.wall, cpu: end.cpu - start.cpu };
}
