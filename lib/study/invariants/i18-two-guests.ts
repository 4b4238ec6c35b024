import { bindAndIdentify, startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

/**
 * Each of two guests wants half of the devices and binds by hand, name after name, until it has them; the first guest
 * goes first. Jain's index is 1 when both got the same and 0.5 when one got all.
 */
export const bothGuestsAreServed: Invariant = {
  id: 'I18',
  group: 'expectation',
  title: 'two guests that want half each get it',
  measure: "Jain's index of what two guests got which want half of the devices each",
  async detect(testbed) {
    const wanted = Math.floor(testbed.conditions.devices / 2);
    const machine = await startIdle(testbed, 2);
    const results: Result[] = [];
    for (const guest of machine.guests) results.push(await take(testbed, machine, guest, wanted));
    const got = results.map((result) => result.got);
    const refused = results.reduce((sum, result) => sum + result.refused, 0);
    return {
      holds: wanted === 0 ? null : got.every((count) => count === wanted),
      value: jain(got),
      text: `${got.join(', ')}${refused === 0 ? '' : `; ${String(refused)} refused`}`,
      evidence: machine.evidence.lines,
    };
  },
};

interface Result {
  readonly got: number;
  /** Names for which a bind failed. */
  readonly refused: number;
}

async function take(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest, wanted: number): Promise<Result> {
  let got = 0;
  let refused = 0;
  for (const name of guest.deviceNames()) {
    if (got === wanted) break;
    if ((await bindAndIdentify(testbed, machine, guest, name)) === null) refused++;
    else got++;
  }
  return { got, refused };
}

/** @returns null when no guest got anything */
function jain(shares: readonly number[]): number | null {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? null : (sum * sum) / (shares.length * squares);
}
