import { bindAndMark, bindAny, loadDrivers, releaseAll, unbindAll } from '../experiment';
import type { Invariant, Lab } from '../finding';
import type { Machine, StudyGuest } from '../machine';

const REBOOTS = 4;

/**
 * A guest boots, binds its devices in the order in which they were found and notes what is behind each name. Then it
 * unbinds them all, gives back what it still holds and reboots, a few times. In between another guest takes one device
 * more each time, and gives all back before the last. What a shutdown alone gives back is another question.
 *
 * @see Documentation/admin-guide/sysfs-rules.rst: the device path is the key
 */
export const stableIdentity: Invariant = {
  id: 'I5',
  group: 'contract',
  title: 'a name means the same device after a reboot',
  measure: `names that lead to another device than before, over ${String(REBOOTS)} reboots with another guest at work`,
  async detect(lab) {
    const machine = lab.machine(2);
    const [guest, rival] = [machine.guest(), machine.guest(1)];
    await rival.boot();
    await prepare(lab, rival);
    const tally: Tally = { known: new Map(), changed: 0, asked: 0 };
    await guest.boot();
    await look(lab, machine, guest, tally);
    for (let round = 1; round <= REBOOTS; round++) {
      await releaseAll(guest);
      await guest.reboot();
      if (round < REBOOTS) await bindAny(rival);
      else await unbindAll(rival);
      await look(lab, machine, guest, tally);
    }
    return {
      holds: tally.asked === 0 ? null : tally.changed === 0,
      value: tally.changed,
      text: `${String(tally.changed)} of ${String(tally.asked)} changed`,
      evidence: machine.evidence.lines,
    };
  },
};

interface Tally {
  /** What each name led to when it was last asked. */
  readonly known: Map<string, string>;
  changed: number;
  /** Names that led to a device and had led to one before. */
  asked: number;
}

/** Drivers are there, binding is by hand. */
async function prepare(lab: Lab, guest: StudyGuest): Promise<void> {
  await guest.bindByHand();
  await loadDrivers(lab, guest);
}

/** A name that leads to nothing, because it was refused, is no other device. */
async function look(lab: Lab, machine: Machine, guest: StudyGuest, tally: Tally): Promise<void> {
  await prepare(lab, guest);
  for (const name of guest.deviceNames()) {
    const marker = await bindAndMark(lab, machine, guest, name);
    if (marker === null) continue;
    const before = tally.known.get(name);
    tally.known.set(name, marker);
    if (before === undefined) continue;
    tally.asked++;
    if (before !== marker) tally.changed++;
  }
}
