import { errno, errnoName } from '../../errno';
import { claimByHand, releaseAll, spareName, startIdle } from '../evidence/experiment';
import type { Proof, ProofLine } from '../evidence/excerpt';
import { notApplicable, type Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';

/** What hosts refuse claims with, and the port itself. */
const REFUSALS = ['EPERM', 'ENOENT', 'EIO', 'ENXIO', 'EBUSY', 'ENODEV', 'EINVAL', 'ENOSYS'] as const;

/**
 * A user requests a device, with the same writes each time, and the hypervisor fails every call with one error: which
 * error does the user's write return? Only where the write claims something; otherwise there is no call that could
 * fail.
 */
export const errorsKeepTheirMeaning: Invariant = {
  id: 'I26',
  group: 'other',
  title: 'the reason of a refusal arrives',
  measure: `errors that arrive at the write that wants a device, of ${String(REFUSALS.length)} that the hypervisor has`,
  async detect(testbed) {
    const { lines, claims } = await refusedWith(testbed, 0);
    if (claims === 0) return notApplicable('the write claims nothing', lines);
    if (testbed.isPrivate) return notApplicable('each guest has its own', lines);
    const arrived = new Set<number>();
    const evidence: ProofLine[] = [];
    for (const refusal of REFUSALS) {
      const tried = await refusedWith(testbed, errno[refusal]);
      if (tried.error !== 0) arrived.add(tried.error);
      evidence.push(`--- ${refusal}`);
      for (const line of tried.lines) evidence.push(line);
      evidence.push(`the user sees ${nameOf(tried.error)}`);
    }
    return {
      holds: arrived.size === REFUSALS.length,
      value: arrived.size,
      text: `${String(REFUSALS.length)} become ${String(arrived.size)}`,
      evidence,
    };
  },
};

interface Tried {
  /** What was written down of it. */
  readonly lines: Proof;
  /** Of the user's write: 0 or negative. */
  readonly error: number;
  /** How many claims it made. */
  readonly claims: number;
}

/** @param refusal error number with which the hypervisor refuses; 0: it does not */
async function refusedWith(testbed: Testbed, refusal: number): Promise<Tried> {
  const machine = await startIdle(testbed);
  const guest = machine.guest();
  await releaseAll(guest);
  const mark = machine.evidence.mark();
  const before = machine.allocations;
  guest.guest.refuseCalls = refusal;
  const error = await claimByHand(guest, guest.deviceNames()[0] ?? spareName(0));
  return { lines: machine.evidence.since(mark), error, claims: machine.allocations - before };
}

function nameOf(error: number): string {
  return error === 0 ? 'no error' : errnoName(error);
}
