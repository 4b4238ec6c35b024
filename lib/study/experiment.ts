import type { Lab } from './finding';
import type { Machine, StudyGuest } from './machine';
import { markerOf } from './workload';

/** A machine whose guests have booted and have all drivers, while nothing is bound: binding is by hand. */
export async function startIdle(lab: Lab, guests = 1): Promise<Machine> {
  const machine = lab.machine(guests);
  for (const guest of machine.guests) await bootIdle(lab, guest);
  return machine;
}

/** The same for one guest. */
export async function bootIdle(lab: Lab, guest: StudyGuest): Promise<void> {
  await guest.boot();
  await guest.write(`${guest.busPath}/drivers_autoprobe`, '0');
  await loadDrivers(lab, guest);
}

/** The transport driver, and the lab's. */
export async function loadDrivers(lab: Lab, guest: StudyGuest): Promise<void> {
  await guest.loadTransport();
  await guest.loadDriver(lab.workload.driver);
}

/**
 * Binds a device by hand and finds out which of the hypervisor's devices it got.
 *
 * @returns the host-side name; null when it was refused or does not work
 */
export async function bindAndMark(lab: Lab, machine: Machine, guest: StudyGuest, name: string): Promise<string | null> {
  if ((await guest.bindFile('bind', name)) !== 0) return null;
  const marker = await markerOf(guest, lab.workload, machine.models, guest.device(name));
  machine.evidence.add(guest.name, `${name} is served by ${marker ?? 'nobody'}`);
  return marker;
}

/** Binds the first of a guest's devices that lets itself be bound. @returns its name; null when none did */
export async function bindAny(guest: StudyGuest): Promise<string | null> {
  for (const name of guest.deviceNames()) if ((await guest.bindFile('bind', name)) === 0) return name;
  return null;
}
