import type { Action } from '../lab';
import { need } from '../lab-error';
import { LabDev, LabDrv } from '../lab-objects';
import type { Words } from '../words';

export function devDrvattach(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const drv = lab.objects.get(LabDrv, words.at(3));
    need(dev.bus !== undefined && dev.bus === drv.bus, 'state');
    need(dev.state === 'added' || dev.state === 'deleted', 'state');
    return dev.device.driverAttach(drv.registration);
  };
}

export function devBind(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const drv = lab.objects.get(LabDrv, words.at(3));
    need(dev.bus !== undefined && dev.bus === drv.bus, 'state');
    need(dev.state === 'added', 'state');
    need(dev.device.driver === null, 'busy');
    return dev.device.bindDriver(drv.registration);
  };
}
