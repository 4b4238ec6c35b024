import { markerIfAny } from '../attempt';
import { bootIdle, startIdle } from '../experiment';
import type { Proof } from '../excerpt';
import type { Finding, Invariant, Lab } from '../finding';
import type { Machine, StudyGuest } from '../machine';

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
  measure: 'devices in use that are served by the same device after a suspend, and after a restore on a fresh hypervisor',
  async detect(lab) {
    const suspended = await sleepOnce(lab, suspend);
    const hibernated = await sleepOnce(lab, hibernate);
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

async function sleepOnce(lab: Lab, sleep: (lab: Lab, machine: Machine) => Promise<number>): Promise<Slept> {
  const machine = await startIdle(lab, 2);
  const guest = machine.guest();
  const names = guest.deviceNames();
  const before = new Map<string, string>();
  for (const name of names.slice(0, Math.ceil(names.length / 2))) {
    await guest.bindFile('bind', name);
    const marker = await markerIfAny(lab, machine, guest, guest.device(name));
    if (marker !== null) before.set(name, marker);
  }
  const error = await sleep(lab, machine);
  const same = error === 0 ? await countSame(lab, machine, before) : null;
  return { same, asked: before.size, evidence: machine.evidence.lines };
}

async function countSame(lab: Lab, machine: Machine, before: ReadonlyMap<string, string>): Promise<number> {
  const guest = machine.guest();
  let same = 0;
  for (const [name, marker] of before) {
    if ((await markerIfAny(lab, machine, guest, guest.device(name))) === marker) same++;
  }
  return same;
}

async function suspend(_lab: Lab, machine: Machine): Promise<number> {
  const guest = machine.guest();
  const error = await guest.suspend();
  if (error !== 0) return error;
  await bindLast(machine.guest(1));
  await guest.resume();
  return 0;
}

async function hibernate(lab: Lab, machine: Machine): Promise<number> {
  const guest = machine.guest();
  const error = await guest.hibernate();
  if (error !== 0) return error;
  machine.replaceHypervisor();
  await bootIdle(lab, machine.guest(1));
  await bindLast(machine.guest(1));
  await guest.restore();
  return 0;
}

async function bindLast(guest: StudyGuest): Promise<void> {
  const name = guest.deviceNames().at(-1);
  if (name !== undefined) await guest.bindFile('bind', name);
}
