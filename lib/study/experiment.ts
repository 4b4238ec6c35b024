import type { Lab } from './finding';
import type { Machine, StudyGuest } from './machine';
import { markerOf } from './workload';

/** A machine whose guests have booted and have all drivers, while nothing is bound: binding is by hand. */
export async function startIdle(lab: Lab, guests = 1): Promise<Machine> {
  const machine = lab.machine(guests);
  for (const guest of machine.guests) {
    await guest.boot();
    await guest.write(`${guest.busPath}/drivers_autoprobe`, '0');
    await guest.loadTransport();
    await guest.loadDriver(lab.workload.driver);
  }
  return machine;
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

/** Which of the hypervisor's devices is behind each name that is bound: a line each, sorted. */
export async function mapOf(lab: Lab, machine: Machine, guest: StudyGuest): Promise<string[]> {
  const lines: string[] = [];
  for (const dev of guest.devices().filter(({ isBound }) => isBound)) {
    const marker = await markerOf(guest, lab.workload, machine.models, dev);
    lines.push(`${String(dev.name)} is served by ${marker ?? 'nobody'}`);
  }
  lines.sort();
  for (const line of lines) machine.evidence.add(guest.name, line);
  return lines;
}
