import type { DeviceDriver } from '../../base/types';
import { attempt } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import { decliningDriver } from '../evidence/declining-driver';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

/** A driver that does all that the transport driver does, and then runs into a fault of its own. */
function clumsyDriver(transport: DeviceDriver<never>): DeviceDriver<never> {
  return decliningDriver(transport, 'clumsy', () => Promise.reject(new Error('clumsy: a NULL pointer')));
}

/**
 * An oops in probe ends the task where it stands: the device stays locked, the probe is never over. What a user can
 * still try to clean up is tried: unbind, rmmod, giving back all, an orderly shutdown.
 *
 * @see drivers/base/dd.c really_probe, kernel/exit.c make_task_dead
 */
export const oopsIsRecoverable: Invariant = {
  id: 'I20',
  group: 'other',
  title: 'an oops in a driver is recoverable',
  measure: 'devices still held after an oops in a probe, whatever a user tries; and how many of the attempts hang',
  async detect(testbed) {
    const machine = testbed.machine();
    const guest = machine.guest();
    const clumsy = await bindClumsy(testbed, machine, guest);
    if (clumsy === null) return { holds: null, value: null, text: 'no oops', evidence: machine.evidence.lines };
    const { hung, tried } = await cleanUp(machine, guest, clumsy);
    const leaked = machine.held;
    machine.evidence.add('host', `devices still held: ${String(leaked)}`);
    return {
      holds: leaked === 0,
      value: leaked,
      text: `${String(leaked)} held, ${String(hung)} of ${String(tried)} hang`,
      evidence: machine.evidence.lines,
    };
  },
};

interface Clumsy {
  readonly driver: DeviceDriver<never>;
  readonly device: string;
}

/** The last device that is there, so that what can be given back one by one comes before it. */
async function bindClumsy(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest): Promise<Clumsy | null> {
  await guest.boot();
  await guest.bindByHand();
  const driver = clumsyDriver(guest.bus.transport);
  await guest.loadDriver(driver);
  await guest.loadDriver(testbed.workload.driver);
  for (const device of guest.deviceNames().toReversed()) {
    const bind = (): Promise<number> => guest.write(`${guest.busPath}/drivers/clumsy/bind`, device);
    if ((await attempt(machine, guest.name, 'bind', bind)) === 'oops') return { driver, device };
  }
  return null;
}

async function cleanUp(
  machine: RecordedMachine,
  guest: MachineGuest,
  { driver, device }: Clumsy,
): Promise<{ readonly hung: number; readonly tried: number }> {
  const attempts: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['unbind', () => guest.write(`${guest.busPath}/drivers/clumsy/unbind`, device)],
    ['rmmod', () => guest.unloadDriver(driver)],
    ['give back all', () => guest.leave()],
    ['poweroff', () => guest.shutDown()],
  ];
  let hung = 0;
  for (const [what, body] of attempts) if ((await attempt(machine, guest.name, what, body)) === 'hung') hung++;
  return { hung, tried: attempts.length };
}
