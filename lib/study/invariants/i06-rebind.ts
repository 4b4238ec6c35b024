import { bindAndIdentify, bindAny, startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';

const ROUNDS = 8;

/**
 * Unbind and bind by hand, in every second round with another guest that binds a device of its own in between.
 *
 * @see drivers/base/bus.c unbind_store, bind_store
 */
export const rebindGivesTheSameDevice: Invariant = {
  id: 'I6',
  group: 'expectation',
  title: 'rebinding gives the same device',
  measure: 'share of rebinds that gave the device from before; a refused bind gave none',
  async detect(testbed) {
    const machine = await startIdle(testbed, 2);
    const name = machine.guest().deviceNames()[0];
    const tally = { same: 0, other: 0, refused: 0 };
    if (name !== undefined) await rebindOften(testbed, machine, name, tally);
    const given = tally.same + tally.other;
    return {
      holds: name === undefined ? null : tally.other === 0,
      value: given === 0 ? null : tally.same / given,
      text: describe(tally),
      evidence: machine.evidence.lines,
    };
  },
};

type RebindCounts = { same: number; other: number; refused: number };

function describe({ same, other, refused }: RebindCounts): string {
  const parts = [`${String(same)} same`];
  if (other > 0) parts.push(`${String(other)} other`);
  if (refused > 0) parts.push(`${String(refused)} refused`);
  return parts.join(', ');
}

async function rebindOften(
  testbed: Testbed,
  machine: RecordedMachine,
  name: string,
  tally: RebindCounts,
): Promise<void> {
  const guest = machine.guest();
  let before = await bindAndIdentify(testbed, machine, guest, name);
  for (let round = 0; round < ROUNDS; round++) {
    await guest.bindFile('unbind', name);
    const rival = machine.guest(1);
    const taken = round % 2 === 1 ? await bindAny(rival) : null;
    let now = await bindAndIdentify(testbed, machine, guest, name);
    tally[now === null ? 'refused' : now === before ? 'same' : 'other']++;
    if (taken !== null) await rival.bindFile('unbind', taken);
    now ??= await bindAndIdentify(testbed, machine, guest, name);
    before = now;
  }
}
