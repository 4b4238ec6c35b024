import {
  bootIdle,
  claimAll,
  claimByHand,
  bootLoaded,
  releaseAll,
  unserved,
  bindUnrelated,
} from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

/** Binds in the waiting guest that have nothing to do with the bus. */
const OTHER_BINDS = 3;
const HOUR_NS = 3_600_000_000_000;

/**
 * One guest claims all that it can get. Another boots with its drivers and waits; meanwhile some devices of another bus
 * are bound in it, as happens in any kernel. Then the first releases all, and an hour passes without any operation.
 * Devices that the waiting guest gets only after that, when a user scans again and binds by hand, were missed.
 *
 * @see drivers/base/dd.c driver_deferred_probe_trigger
 */
export const deferralConverges: Invariant = {
  id: 'I11',
  group: 'code',
  title: 'who waits for a device is woken',
  measure: 'tries of a waiting guest that the hypervisor refused; it must get what comes free without a user',
  async detect(testbed) {
    const machine = testbed.machine(2);
    const [holder, waiter] = [machine.guest(), machine.guest(1)];
    await bootIdle(testbed, holder);
    await claimAll(holder);
    await bootLoaded(testbed, waiter);
    const before = await served(testbed, machine, waiter);
    for (let i = 0; i < OTHER_BINDS; i++) await bindUnrelated(waiter);
    const tries = machine.hypervisor.log.countRefusals(waiter.name);
    await releaseAll(holder);
    await machine.world.advance(HOUR_NS);
    const woken = (await served(testbed, machine, waiter)) - before;
    await claimAgain(testbed, machine, waiter);
    const missed = (await served(testbed, machine, waiter)) - before - woken;
    const names = waiter.deviceNames().length;
    return {
      holds: names === 0 ? null : missed === 0,
      value: tries,
      text: names === 0 ? 'no device that could wait' : describe(tries, woken, missed),
      evidence: machine.evidence.lines,
    };
  },
};

function describe(tries: number, woken: number, missed: number): string {
  const waited = woken + missed;
  return waited === 0 ? 'none waits' : `${String(tries)} refused, ${String(woken)} of ${String(waited)} woken`;
}

async function served(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest): Promise<number> {
  return guest.deviceNames().length - (await unserved(testbed, machine, guest)).length;
}

async function claimAgain(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest): Promise<void> {
  await guest.rescan();
  for (const name of await unserved(testbed, machine, guest)) await claimByHand(guest, name);
}
