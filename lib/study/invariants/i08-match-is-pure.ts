import { driverMatchDevice } from '../../base/dd';
import { startIdle } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { MachineGuest } from '../../machine';

/** @see include/linux/device/bus.h struct bus_type match */
export const matchIsPure: Invariant = {
  id: 'I8',
  group: 'code',
  title: 'match asks nobody',
  measure: 'accesses to the host while every driver of every bus is matched with every device',
  async detect(testbed) {
    const machine = await startIdle(testbed);
    const guest = machine.guest();
    await guest.bindFile('bind', guest.deviceNames()[0] ?? '');
    const before = guest.counters().exits;
    const matched = matchAll(guest);
    const exits = guest.counters().exits - before;
    machine.evidence.add(guest.name, `${String(matched)} calls of match, ${String(exits)} exits`);
    return { holds: exits === 0, value: exits, text: `${String(exits)} exits`, evidence: machine.evidence.lines };
  },
};

function matchAll(guest: MachineGuest): number {
  let calls = 0;
  for (const bus of guest.kernel.buses.values()) {
    for (const dev of bus.devices()) {
      for (const drv of bus.drivers()) {
        driverMatchDevice(drv, dev);
        calls++;
      }
    }
  }
  return calls;
}
