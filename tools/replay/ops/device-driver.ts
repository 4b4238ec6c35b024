import type { Action } from '../lab';
import { need } from '../lab-error';
import { driverHandle, LabDev, LabDrv, type LabBus } from '../lab-objects';
import { needState } from '../objects';
import type { Words } from '../words';

/** @throws LabError state */
export function needSameBus(bus: LabBus | undefined, drv: LabDrv): void {
  const on = bus === undefined ? 'no bus' : `bus ${bus.handle}`;
  need(bus === drv.bus, 'state', `drv ${drv.handle} is on bus ${drv.bus.handle}, the device on ${on}`);
}

export function devDrvattach(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const drv = lab.objects.get(LabDrv, words.at(3));
    needSameBus(dev.bus, drv);
    needState(dev, 'added', 'deleted');
    return dev.device.driverAttach(drv.registration);
  };
}

export function devBind(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const drv = lab.objects.get(LabDrv, words.at(3));
    needSameBus(dev.bus, drv);
    needState(dev, 'added');
    need(dev.device.driver === null, 'busy', `dev ${dev.handle} has driver ${driverHandle(dev.device)}`);
    return dev.device.bindDriver(drv.registration);
  };
}
