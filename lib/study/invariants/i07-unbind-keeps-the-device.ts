import { startIdle } from '../experiment';
import type { Invariant } from '../finding';

/** @see drivers/base/dd.c __device_release_driver */
export const unbindKeepsTheDevice: Invariant = {
  id: 'I7',
  title: 'unbinding leaves the device',
  measure: 'devices whose directory is there after an unbind and that can be bound again by hand',
  async detect(lab) {
    const machine = await startIdle(lab);
    const guest = machine.guest();
    const names = guest.deviceNames();
    let kept = 0;
    for (const name of names) {
      await guest.bindFile('bind', name);
      await guest.bindFile('unbind', name);
      const there = guest.deviceNames().includes(name);
      machine.evidence.add(guest.name, `${name} is ${there ? 'there' : 'gone'} after unbind`);
      if (there && (await guest.bindFile('bind', name)) === 0) kept++;
    }
    return {
      holds: names.length === 0 ? null : kept === names.length,
      value: kept,
      text: `${String(kept)} of ${String(names.length)}`,
      evidence: machine.evidence.lines,
    };
  },
};
