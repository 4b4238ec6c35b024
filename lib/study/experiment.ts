import { markerIfAny } from './attempt';
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
  await guest.bindByHand();
  await loadDrivers(lab, guest);
}

/** Boots a guest that has all drivers; its devices are probed as they are found. */
export async function bootLoaded(lab: Lab, guest: StudyGuest): Promise<void> {
  await guest.boot();
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
  return markerIfAny(lab, machine, guest, guest.device(name));
}

/**
 * Does what a user does to have the device of that name in use: makes it if users make devices, binds it, and puts it
 * to use if that is a step of its own.
 *
 * @returns 0, or the error of the write that was refused
 */
export async function claimByHand(guest: StudyGuest, name: string): Promise<number> {
  const { bus } = guest;
  const create = guest.device(name) === undefined ? (bus.createWrite?.(name) ?? null) : null;
  const made = create === null ? 0 : await guest.write(create.path, create.text);
  if (made !== 0) return made;
  const bound = guest.device(name)?.isBound === true ? 0 : await guest.bindFile('bind', name);
  const online = bus.onlineWrite?.(name) ?? null;
  return bound !== 0 || online === null ? bound : guest.write(online.path, online.text);
}

/** Claims what there are names for, and then what a user can make names for, until one is refused. */
export async function claimAll(guest: StudyGuest): Promise<void> {
  for (const name of guest.deviceNames()) await claimByHand(guest, name);
  for (let i = 0; (await claimByHand(guest, spareName(i))) === 0; i++);
}

/** A name that a user makes up. */
export function spareName(index: number): string {
  return `spare${String(index)}`;
}

/** Unbinds whatever is bound, whichever its driver is. */
export async function unbindAll(guest: StudyGuest): Promise<void> {
  for (const name of guest.boundNames()) await unbind(guest, name);
}

/** Takes the driver from a device, by the file that every driver has. */
export async function unbind(guest: StudyGuest, name: string): Promise<void> {
  const driver = guest.device(name)?.driver;
  if (driver != null) await guest.write(`${guest.busPath}/drivers/${driver.def.name}/unbind`, name);
}

/** Unbinds all and gives back all. */
export async function releaseAll(guest: StudyGuest): Promise<void> {
  await unbindAll(guest);
  await guest.leave();
}

/** Names of a guest's devices that nothing of the hypervisor serves. */
export async function unserved(lab: Lab, machine: Machine, guest: StudyGuest): Promise<string[]> {
  const names: string[] = [];
  for (const dev of guest.devices()) {
    const marker = await markerIfAny(lab, machine, guest, dev);
    if (marker === null) names.push(dev.name ?? '');
  }
  return names;
}

/** Binds the first of a guest's devices that lets itself be bound. @returns its name; null when none did */
export async function bindAny(guest: StudyGuest): Promise<string | null> {
  for (const name of guest.deviceNames()) if ((await guest.bindFile('bind', name)) === 0) return name;
  return null;
}

/** Which of the hypervisor's devices is behind each name that is bound: a line each, sorted. */
export async function mapOf(lab: Lab, machine: Machine, guest: StudyGuest): Promise<string[]> {
  const lines: string[] = [];
  for (const dev of guest.boundDevices()) {
    const marker = await markerOf(guest, lab.workload, machine.models, dev);
    lines.push(`${String(dev.name)} is served by ${marker ?? 'nobody'}`);
  }
  lines.sort();
  for (const line of lines) machine.evidence.add(guest.name, line);
  return lines;
}
