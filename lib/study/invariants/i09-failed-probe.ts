import type { Invariant } from './finding';
import { decliningDriver } from '../evidence/declining-driver';

/**
 * A driver does not like what it sees, and leaves in good order.
 *
 * @see drivers/base/dd.c really_probe, label probe_failed
 */
export const failedProbeLeavesNoTrace: Invariant = {
  id: 'I9',
  group: 'code',
  title: 'a failed probe leaves no trace',
  measure: 'devices held after every probe was refused by the driver, less those held before',
  async detect(testbed) {
    const machine = testbed.machine();
    const guest = machine.guest();
    await guest.boot();
    const held = machine.held;
    const { allocations } = machine;
    const memory = guest.kernel.dma?.inUse ?? 0;
    await guest.loadDriver(decliningDriver(guest.bus.transport, 'picky', () => Promise.resolve(false)));
    const left = machine.held - held;
    const leaked = (guest.kernel.dma?.inUse ?? 0) - memory;
    machine.evidence.add(guest.name, `claims left: ${String(left)}, bytes of memory left: ${String(leaked)}`);
    return {
      holds: left === 0 && leaked === 0,
      value: left,
      text: `${String(left)} held, ${String(machine.allocations - allocations)} allocated`,
      evidence: machine.evidence.lines,
    };
  },
};
