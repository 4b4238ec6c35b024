import { Device } from '../../base/device';
import type { BusType, DeviceDriver } from '../../base/types';
import { ErrnoError } from '../../errno';
import type { DeviceModel } from '../../hypervisor';
import { type MachineGuest, backingDeviceOf } from '../../machine';
import type { MaySleep } from '../../may-sleep';
import { HungTask } from '../../world';
import type { RecordedMachine } from './recorded-machine';
import type { Testbed } from './testbed';

/** A machine whose guests have booted and have all drivers, while nothing is bound: the experiment binds. */
export async function startIdle(testbed: Testbed, guests = 1): Promise<RecordedMachine> {
  const machine = testbed.machine(guests);
  for (const guest of machine.guests) await bootIdle(testbed, guest);
  return machine;
}

/** The same for one guest. */
export async function bootIdle(testbed: Testbed, guest: MachineGuest): Promise<void> {
  await guest.boot();
  await guest.bindByHand();
  await loadDrivers(testbed, guest);
}

/** Boots a guest that has all drivers; its devices are probed as they are found. */
export async function bootLoaded(testbed: Testbed, guest: MachineGuest): Promise<void> {
  await guest.boot();
  await loadDrivers(testbed, guest);
}

/** The transport driver, and the testbed's. */
export async function loadDrivers(testbed: Testbed, guest: MachineGuest): Promise<void> {
  await guest.loadTransport();
  await guest.loadDriver(testbed.workload.driver);
}

/**
 * Binds a device by hand and finds out which of the hypervisor's devices it got.
 *
 * @returns the host-side name; null when it was refused or does not work
 */
export async function bindAndIdentify(
  testbed: Testbed,
  machine: RecordedMachine,
  guest: MachineGuest,
  name: string,
): Promise<string | null> {
  if ((await guest.bindFile('bind', name)) !== 0) return null;
  return backingDeviceIfAny(testbed, machine, guest, guest.device(name));
}

/**
 * Does what a user does to have the device of that name in use: makes it if users make devices, binds it, and puts it
 * to use if that is a step of its own.
 *
 * @returns 0, or the error of the write that was refused
 */
export async function claimByHand(guest: MachineGuest, name: string): Promise<number> {
  const { bus } = guest;
  const create = guest.device(name) === undefined ? (bus.createWrite?.(name) ?? null) : null;
  const made = create === null ? 0 : await guest.write(create.path, create.text);
  if (made !== 0) return made;
  const bound = guest.device(name)?.isBound === true ? 0 : await guest.bindFile('bind', name);
  const online = bus.onlineWrite?.(name) ?? null;
  return bound !== 0 || online === null ? bound : guest.write(online.path, online.text);
}

/** Claims what there are names for, and then what a user can make names for, until one is refused. */
export async function claimAll(guest: MachineGuest): Promise<void> {
  for (const name of guest.deviceNames()) await claimByHand(guest, name);
  for (let i = 0; (await claimByHand(guest, spareName(i))) === 0; i++);
}

/** A name that a user makes up. */
export function spareName(index: number): string {
  return `spare${String(index)}`;
}

/** Unbinds whatever is bound, whichever its driver is. */
export async function unbindAll(guest: MachineGuest): Promise<void> {
  for (const name of guest.boundNames()) await unbind(guest, name);
}

/** Takes the driver from a device, by the file that every driver has. */
export async function unbind(guest: MachineGuest, name: string): Promise<void> {
  const driver = guest.device(name)?.driver;
  if (driver != null) await guest.write(`${guest.busPath}/drivers/${driver.def.name}/unbind`, name);
}

/** Unbinds and releases everything. */
export async function releaseAll(guest: MachineGuest): Promise<void> {
  await unbindAll(guest);
  await guest.leave();
}

/** Names of a guest's devices that nothing of the hypervisor serves. */
export async function unserved(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest): Promise<string[]> {
  const names: string[] = [];
  for (const dev of guest.devices()) {
    const backingDevice = await backingDeviceIfAny(testbed, machine, guest, dev);
    if (backingDevice === null) names.push(dev.name ?? '');
  }
  return names;
}

/** Binds the first of a guest's devices that lets itself be bound. @returns its name; null when none did */
export async function bindAny(guest: MachineGuest): Promise<string | null> {
  for (const name of guest.deviceNames()) if ((await guest.bindFile('bind', name)) === 0) return name;
  return null;
}

/** Which of the hypervisor's devices is behind each name that is bound: a line each, sorted. */
export async function mapOf(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest): Promise<string[]> {
  const lines: string[] = [];
  for (const dev of guest.boundDevices()) {
    const backingDevice = await backingDeviceOf(guest, testbed.workload, machine.models, dev);
    lines.push(`${String(dev.name)} is served by ${backingDevice ?? 'nobody'}`);
  }
  lines.sort();
  for (const line of lines) machine.evidence.add(guest.name, line);
  return lines;
}

/** How an operation ended that may do worse than be refused. */
export type Outcome = 'done' | 'refused' | 'hung' | 'oops';

/** Does something in a guest that may hang or run into an oops, and writes down how it ended. */
export async function attempt(
  machine: RecordedMachine,
  who: string,
  what: string,
  body: () => MaySleep<unknown>,
): Promise<Outcome> {
  const mark = machine.world.oopsCount;
  try {
    await body();
    return 'done';
  } catch (error) {
    const outcome = outcomeOf(error, machine.world.oopsCount > mark);
    if (outcome === null) throw error;
    const why = String(error).split('\n', 1)[0] ?? '';
    machine.evidence.add(who, `${what}: ${outcome}: ${why}`);
    return outcome;
  }
}

/** Null: a defect of the program. */
function outcomeOf(error: unknown, isNewOops: boolean): Outcome | null {
  if (error instanceof ErrnoError) return 'refused';
  if (error instanceof HungTask) return 'hung';
  return isNewOops ? 'oops' : null;
}

/**
 * Which of the hypervisor's devices serves a device that may not work.
 *
 * @param models every device that it may be
 * @returns the host-side name; null when it is not bound, fails or never completes
 */
export async function backingDeviceIfAny(
  testbed: Testbed,
  machine: RecordedMachine,
  guest: MachineGuest,
  dev: Device | undefined,
  models: readonly DeviceModel[] = machine.models,
): Promise<string | null> {
  const backingDevices: (string | null)[] = [];
  const ask = async (): Promise<unknown> =>
    backingDevices.push(await backingDeviceOf(guest, testbed.workload, models, dev));
  await attempt(machine, guest.name, 'a request', ask);
  const [backingDevice = null] = backingDevices;
  machine.evidence.add(guest.name, `${dev?.name ?? 'what is gone'} is served by ${backingDevice ?? 'nobody'}`);
  return backingDevice;
}

const unrelatedBus: BusType = { name: 'unrelated', match: () => true };
const unrelatedDriver: DeviceDriver = { name: 'unrelated', bus: unrelatedBus };

/** Has a device of another bus bound, which has nothing to do with any other, and what follows from that done. */
export async function bindUnrelated(guest: MachineGuest): Promise<void> {
  const { kernel } = guest;
  if (kernel.busOf(unrelatedBus) === null) {
    await kernel.registerBus(unrelatedBus);
    await kernel.registerDriver(unrelatedDriver);
  }
  const number = [...(kernel.busOf(unrelatedBus)?.devices() ?? [])].length;
  await new Device(kernel, { name: `unrelated${String(number)}`, bus: unrelatedBus, release: () => undefined }).add();
  await guest.settle();
}
