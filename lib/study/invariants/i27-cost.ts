import { startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';

/** A measure without a verdict: what naming and claiming cost. */
export const costOfBinding: Invariant = {
  id: 'I27',
  group: 'other',
  title: 'accesses for scan, bind, rebind',
  measure: 'accesses to the host for the scan of all devices, for the first bind of one and for binding it again',
  async detect(testbed) {
    const machine = await startIdle(testbed);
    const guest = machine.guest();
    const scan = guest.counters().exits;
    const name = guest.deviceNames()[0] ?? '';
    await guest.bindFile('bind', name);
    const bind = guest.counters().exits - scan;
    await guest.bindFile('unbind', name);
    const unbound = guest.counters().exits;
    await guest.bindFile('bind', name);
    const rebind = guest.counters().exits - unbound;
    return {
      holds: null,
      value: bind,
      text: `${String(scan)}, ${String(bind)}, ${String(rebind)}`,
      evidence: machine.evidence.lines,
    };
  },
};
