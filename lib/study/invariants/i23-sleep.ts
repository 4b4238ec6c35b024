import { backingDeviceIfAny, bootIdle, startIdle } from '../evidence/experiment';
import type { Proof } from '../evidence/excerpt';
import type { Finding, Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

/**
 * A guest uses the first half of its devices and sleeps while another guest takes the last of its own: once suspended,
 * once hibernated, and restored on a hypervisor on which the other guest has booted before.
 *
 * @see kernel/power/suspend.c suspend_devices_and_enter, kernel/power/hibernate.c hibernation_snapshot
 */
export const sameDeviceAfterSleep: Invariant = {
  id: 'I23',
  group: 'other',
  title: 'the same device after suspend and hibernate',
  measure: 'devices in use that the same device serves after a suspend, and after a restore on a fresh hypervisor',
  async detect(testbed) {
    const suspended = await sleepOnce(testbed, suspend);
    const hibernated = await sleepOnce(testbed, hibernate);
    return finding(suspended, hibernated);
  },
};

interface Slept {
  /** Null: this machine does not sleep. */
  readonly same: number | null;
  readonly asked: number;
  readonly evidence: Proof;
}

function finding(suspended: Slept, hibernated: Slept): Finding {
  const evidence = [...suspended.evidence, '--- hibernation', ...hibernated.evidence];
  const { asked, same } = hibernated;
  if (suspended.same === null || same === null) return { holds: null, value: null, text: 'cannot sleep', evidence };
  return {
    holds: suspended.same === suspended.asked && same === asked,
    value: asked === 0 ? null : same / asked,
    text: `${String(suspended.same)} and ${String(same)} of ${String(asked)}`,
    evidence,
  };
}

async function sleepOnce(
  testbed: Testbed,
  sleep: (testbed: Testbed, machine: RecordedMachine) => Promise<number>,
): Promise<Slept> {
  const machine = await startIdle(testbed, 2);
  const guest = machine.guest();
  const names = guest.deviceNames();
  const before = new Map<string, string>();
  for (const name of names.slice(0, Math.ceil(names.length / 2))) {
    await guest.bindFile('bind', name);
    const backingDevice = await backingDeviceIfAny(testbed, machine, guest, guest.device(name));
    if (backingDevice !== null) before.set(name, backingDevice);
  }
  const error = await sleep(testbed, machine);
  const same = error === 0 ? await countSame(testbed, machine, before) : null;
  return { same, asked: before.size, evidence: machine.evidence.lines };
}

async function countSame(
  testbed: Testbed,
  machine: RecordedMachine,
  before: ReadonlyMap<string, string>,
): Promise<number> {
  const guest = machine.guest();
  let same = 0;
  for (const [name, backingDevice] of before) {
    if ((await backingDeviceIfAny(testbed, machine, guest, guest.device(name))) === backingDevice) same++;
  }
  return same;
}

async function suspend(_lab: Testbed, machine: RecordedMachine): Promise<number> {
  const guest = machine.guest();
  const error = await guest.suspend();
  if (error !== 0) return error;
  await bindLast(machine.guest(1));
  await guest.resume();
  return 0;
}

async function hibernate(testbed: Testbed, machine: RecordedMachine): Promise<number> {
  const guest = machine.guest();
  const error = await guest.hibernate();
  if (error !== 0) return error;
  machine.replaceHypervisor();
  await bootIdle(testbed, machine.guest(1));
  await bindLast(machine.guest(1));
  await guest.restore();
  return 0;
}

async function bindLast(guest: MachineGuest): Promise<void> {
  const name = guest.deviceNames().at(-1);
  if (name !== undefined) await guest.bindFile('bind', name);
}
