import { bindAndIdentify, bindAny, loadDrivers, releaseAll, unbindAll } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

const REBOOTS = 4;

/**
 * A guest boots, binds its devices in the order in which they were found and notes what is behind each name. Then it
 * unbinds them all, releases what it still holds and reboots, a few times. In between another guest claims one device
 * more each time, and releases all before the last. I22 measures what a shutdown alone releases.
 *
 * @see Documentation/admin-guide/sysfs-rules.rst: the device path is the key
 */
export const stableIdentity: Invariant = {
  id: 'I5',
  group: 'contract',
  title: 'a name means the same device after a reboot',
  measure: `names that lead to another device than before, over ${String(REBOOTS)} reboots with another guest at work`,
  async detect(testbed) {
    const machine = testbed.machine(2);
    const [guest, rival] = [machine.guest(), machine.guest(1)];
    await rival.boot();
    await prepare(testbed, rival);
    const tally: IdentityCounts = { known: new Map(), changed: 0, asked: 0 };
    await guest.boot();
    await look(testbed, machine, guest, tally);
    for (let round = 1; round <= REBOOTS; round++) {
      await releaseAll(guest);
      await guest.reboot();
      if (round < REBOOTS) await bindAny(rival);
      else await unbindAll(rival);
      await look(testbed, machine, guest, tally);
    }
    return {
      holds: tally.asked === 0 ? null : tally.changed === 0,
      value: tally.changed,
      text: `${String(tally.changed)} of ${String(tally.asked)} changed`,
      evidence: machine.evidence.lines,
    };
  },
};

interface IdentityCounts {
  /** The device behind each name at the last look. */
  readonly known: Map<string, string>;
  changed: number;
  /** Names that led to a device and had led to one before. */
  asked: number;
}

/** Drivers are there, binding is by hand. */
async function prepare(testbed: Testbed, guest: MachineGuest): Promise<void> {
  await guest.bindByHand();
  await loadDrivers(testbed, guest);
}

/** A name without a device, because the bind failed, is not another device. */
async function look(
  testbed: Testbed,
  machine: RecordedMachine,
  guest: MachineGuest,
  tally: IdentityCounts,
): Promise<void> {
  await prepare(testbed, guest);
  for (const name of guest.deviceNames()) {
    const backingDevice = await bindAndIdentify(testbed, machine, guest, name);
    if (backingDevice === null) continue;
    const before = tally.known.get(name);
    tally.known.set(name, backingDevice);
    if (before === undefined) continue;
    tally.asked++;
    if (before !== backingDevice) tally.changed++;
  }
}
