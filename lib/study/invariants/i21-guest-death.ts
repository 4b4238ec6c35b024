import { markerIfAny } from '../attempt';
import { bootLoaded } from '../experiment';
import type { Proof, ProofLine } from '../excerpt';
import type { Finding, Invariant, Lab } from '../finding';
import type { Machine, StudyGuest } from '../machine';

/** How a kernel ends before the next one starts in the same guest; the host is told of neither. */
const ENDS: readonly { readonly text: string; readonly end: (guest: StudyGuest) => Promise<void> }[] = [
  { text: 'after a crash', end: async (guest) => guest.die() },
  { text: 'after kexec', end: (guest) => guest.shutDown() },
];

/**
 * A crash kernel starts without a word to the devices; kexec shuts them down first. In both the next kernel looks for
 * devices and uses all it can.
 *
 * @see kernel/kexec_core.c __crash_kexec, kernel_kexec
 */
export const nextKernelFindsDevices: Invariant = {
  id: 'I21',
  group: 'expectation',
  title: 'the next kernel can use the devices',
  measure: 'devices that the next kernel of a guest cannot use, after a crash of the first and after kexec',
  async detect(lab) {
    const counts: number[] = [];
    const evidence: ProofLine[] = [];
    for (const { text, end } of ENDS) {
      const machine = lab.machine();
      counts.push(await busyAfter(lab, machine, end));
      evidence.push(`--- ${text}`, ...machine.evidence.lines);
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

async function busyAfter(lab: Lab, machine: Machine, end: (guest: StudyGuest) => Promise<void>): Promise<number> {
  const guest = machine.guest();
  await bootLoaded(lab, guest);
  await end(guest);
  await bootLoaded(lab, guest);
  const used = new Set<string>();
  for (const dev of guest.devices()) {
    const marker = await markerIfAny(lab, machine, guest, dev);
    if (marker !== null) used.add(marker);
  }
  return lab.conditions.devices - used.size;
}
