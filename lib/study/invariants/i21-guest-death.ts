import { backingDeviceIfAny, bootLoaded } from '../evidence/experiment';
import type { Proof, ProofLine } from '../evidence/excerpt';
import type { Finding, Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

/** How a kernel ends before the next one starts in the same guest; the host is not notified in either case. */
const ENDS: readonly { readonly text: string; readonly end: (guest: MachineGuest) => Promise<void> }[] = [
  { text: 'after a crash', end: async (guest) => guest.die() },
  { text: 'after kexec', end: (guest) => guest.shutDown() },
];

/**
 * A crash kernel starts without a shutdown of the devices; kexec shuts them down first. In both cases the next kernel
 * scans for devices and uses all it can.
 *
 * @see kernel/kexec_core.c __crash_kexec, kernel_kexec
 */
export const nextKernelFindsDevices: Invariant = {
  id: 'I21',
  group: 'expectation',
  title: 'the next kernel can use the devices',
  measure: 'devices that the next kernel of a guest cannot use, after a crash of the first and after kexec',
  async detect(testbed) {
    const counts: number[] = [];
    const evidence: ProofLine[] = [];
    for (const { text, end } of ENDS) {
      const machine = testbed.machine();
      counts.push(await busyAfter(testbed, machine, end));
      evidence.push(`--- ${text}`);
      for (const line of machine.evidence.lines) evidence.push(line);
    }
    return finding(counts, evidence);
  },
};

function finding(counts: readonly number[], evidence: Proof): Finding {
  return {
    holds: counts.every((count) => count === 0),
    value: Math.max(...counts),
    text: ENDS.map(({ text }, i) => `${String(counts[i])} ${text}`).join(', '),
    evidence,
  };
}

async function busyAfter(
  testbed: Testbed,
  machine: RecordedMachine,
  end: (guest: MachineGuest) => Promise<void>,
): Promise<number> {
  const guest = machine.guest();
  await bootLoaded(testbed, guest);
  await end(guest);
  await bootLoaded(testbed, guest);
  const used = new Set<string>();
  for (const dev of guest.devices()) {
    const backingDevice = await backingDeviceIfAny(testbed, machine, guest, dev);
    if (backingDevice !== null) used.add(backingDevice);
  }
  return testbed.conditions.devices - used.size;
}
