import type { Device } from '../../base/device';
import { type MachineGuest, deviceTree, backingDeviceOf, type Workload } from '../../machine';
import type { Trial } from './trial';

/** A device that is bound when all is done. */
export interface BoundDevice {
  readonly guest: MachineGuest;
  /** On its bus. */
  readonly name: string;
  /** Its driver and that of its virtio device. */
  readonly drivers: readonly string[];
  /** Host-side name of the device that serves it; null when it does not work. */
  readonly backingDevice: string | null;
}

/**
 * The final state: a line for each device that is bound and for each that is held, sorted. It is read after every guest
 * has scanned for devices once more: a missing notification is a different matter from the order. Names of the bus
 * count; those that the core gives in the order of binding, such as virtio0, do not, since no bus guarantees them.
 */
export async function finalState(trial: Trial, workloads: readonly Workload[]): Promise<string[]> {
  for (const guest of trial.guests) await guest.rescanAndConfigure();
  const { claims } = trial.machine.hypervisor;
  const held = claims.list().map(({ device, guest }) => `${guest.name} holds ${device.name}`);
  const bound = await boundDevices(trial, workloads);
  const lines = bound.map(({ guest, name, drivers, backingDevice }) => {
    return `${guest.name} ${name} is ${backingDevice ?? 'nothing'} (${drivers.join(', ')})`;
  });
  return [...lines, ...held].sort();
}

/** The bound devices of each guest; afterwards the drivers of all classes are registered, which this requires. */
export async function boundDevices(trial: Trial, workloads: readonly Workload[]): Promise<BoundDevice[]> {
  const seen = trial.guests.flatMap((guest) => {
    return guest.boundDevices().map((dev) => ({ guest, name: String(dev.name), drivers: driversBelow(dev) }));
  });
  for (const guest of new Set(seen.map((known) => known.guest))) await loadMissing(guest, workloads);
  const bound: BoundDevice[] = [];
  for (const known of seen)
    bound.push({ ...known, backingDevice: await serverOf(known.guest, known.name, trial, workloads) });
  return bound;
}

function driversBelow(top: Device): string[] {
  return [...deviceTree(top)].flatMap((dev) => (dev.isBound ? [dev.driver?.name ?? ''] : []));
}

async function loadMissing(guest: MachineGuest, workloads: readonly Workload[]): Promise<void> {
  for (const { driver } of workloads) {
    const there = guest.kernel.busOf(driver.bus)?.findDriver(driver.name) ?? null;
    if (there === null) await guest.loadDriver(driver);
  }
}

async function serverOf(
  guest: MachineGuest,
  name: string,
  trial: Trial,
  workloads: readonly Workload[],
): Promise<string | null> {
  for (const workload of workloads) {
    const backingDevice = await backingDeviceOf(guest, workload, trial.models, guest.device(name));
    if (backingDevice !== null) return backingDevice;
  }
  return null;
}
