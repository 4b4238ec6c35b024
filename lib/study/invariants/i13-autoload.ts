import { bootWithModules, devicesInUse } from '../evidence/autoload';
import type { Invariant } from './finding';

/**
 * All drivers are modules and none is loaded. The events of the scan wait in udev's socket until it starts, as while a
 * machine boots; then modules come by nothing but MODALIAS.
 *
 * @see Documentation/driver-api/driver-model/platform.rst, lib/kobject_uevent.c
 */
export const modulesComeByThemselves: Invariant = {
  id: 'I13',
  group: 'contract',
  title: 'devices bring their modules',
  measure: 'add events with MODALIAS before any driver; every device must be announced and work with what udev loads',
  async detect(testbed) {
    const { machine, udev, announced } = await bootWithModules(testbed, true);
    const events = announced.length;
    machine.evidence.act(machine.guest().name, 'udevd starts');
    udev.start();
    await machine.guest().settle();
    const used = await devicesInUse(testbed, machine);
    const { devices } = testbed.conditions;
    return {
      holds: events >= devices && used === devices,
      value: events,
      text: `${String(events)} announced, ${String(used)} of ${String(devices)} bound`,
      evidence: machine.evidence.lines,
    };
  },
};
