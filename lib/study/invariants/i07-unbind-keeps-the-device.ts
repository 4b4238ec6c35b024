import { startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';

/** @see drivers/base/dd.c __device_release_driver */
export const unbindKeepsTheDevice: Invariant = {
  id: 'I7',
  group: 'code',
  title: 'unbinding leaves the device',
  measure: 'devices whose directory is there after an unbind and that can be bound again by hand',
  async detect(testbed) {
    const machine = await startIdle(testbed);
    const guest = machine.guest();
    let bound = 0;
    let kept = 0;
    for (const name of guest.deviceNames()) {
      if ((await guest.bindFile('bind', name)) !== 0) continue;
      bound++;
      await guest.bindFile('unbind', name);
      const there = guest.deviceNames().includes(name);
      machine.evidence.add(guest.name, `${name} is ${there ? 'there' : 'gone'} after unbind`);
      if (there && (await guest.bindFile('bind', name)) === 0) kept++;
    }
    return {
      holds: bound === 0 ? null : kept === bound,
      value: kept,
      text: `${String(kept)} of ${String(bound)}`,
      evidence: machine.evidence.lines,
    };
  },
};
