import { bootWithModules, devicesInUse } from '../evidence/autoload';
import type { Invariant } from './finding';

/**
 * All drivers are modules, none is loaded, and udev starts when the events of the scan are long gone. Then "add" is
 * written to the uevent file of every device.
 *
 * @see Documentation/driver-api/driver-model/platform.rst: legacy drivers can be neither hotplugged nor coldplugged
 */
export const coldplugFindsAll: Invariant = {
  id: 'I14',
  group: 'contract',
  title: 'a late udev finds all devices',
  measure: 'share of devices that work after udev came late and had the add events replayed',
  async detect(testbed) {
    const { machine, udev } = await bootWithModules(testbed, false);
    const guest = machine.guest();
    machine.evidence.act(guest.name, 'udevd starts');
    udev.start();
    machine.evidence.act(guest.name, 'udevadm trigger --action=add');
    await udev.trigger();
    await guest.settle();
    const used = await devicesInUse(testbed, machine);
    const { devices } = testbed.conditions;
    return {
      holds: used === devices,
      value: devices === 0 ? null : used / devices,
      text: `${String(used)} of ${String(devices)}`,
      evidence: machine.evidence.lines,
    };
  },
};
