import type { Action } from '../lab';
import { need } from '../lab-error';
import { LabBus, LabClass, LabIntf, LabSif, type LabDevice } from '../lab-objects';
import type { Words } from '../words';

export function intfAdd(words: Words): Action {
  words.expect(3, ['class']);
  const className = words.key('class');
  need(className !== undefined, 'syntax', 'it needs class=C');
  return async (lab) => {
    const handle = words.at(2);
    lab.objects.checkFresh(LabIntf, handle);
    const cls = lab.objects.get(LabClass, className);
    const added = lab.objects.add(
      new LabIntf(handle, cls, {
        addDev: (dev: LabDevice) => lab.trace.line(`add_dev intf=${handle} dev=${dev.lab.handle}`),
        removeDev: (dev: LabDevice) => lab.trace.line(`remove_dev intf=${handle} dev=${dev.lab.handle}`),
      }),
    );
    added.state = 'added';
    await cls.registration.registerInterface(added.intf);
  };
}

export function intfDel(words: Words): Action {
  words.expect(3);
  return (lab) => unregisterIntf(lab.objects.get(LabIntf, words.at(2)));
}

export async function unregisterIntf(intf: LabIntf): Promise<void> {
  intf.forget();
  intf.state = 'deleted';
  await intf.cls.registration.unregisterInterface(intf.intf);
}

export function sifAdd(words: Words): Action {
  words.expect(3, ['bus']);
  const busName = words.key('bus');
  need(busName !== undefined, 'syntax', 'it needs bus=B');
  return async (lab) => {
    const handle = words.at(2);
    lab.objects.checkFresh(LabSif, handle);
    const bus = lab.objects.get(LabBus, busName);
    const added = lab.objects.add(
      new LabSif(handle, bus, {
        name: handle,
        addDev: (dev: LabDevice) => lab.trace.line(`add_dev sif=${handle} dev=${dev.lab.handle}`),
        removeDev: (dev: LabDevice) => lab.trace.line(`remove_dev sif=${handle} dev=${dev.lab.handle}`),
      }),
    );
    added.state = 'added';
    await bus.registration.registerInterface(added.sif);
  };
}

export function sifDel(words: Words): Action {
  words.expect(3);
  return (lab) => unregisterSif(lab.objects.get(LabSif, words.at(2)));
}

export async function unregisterSif(sif: LabSif): Promise<void> {
  sif.forget();
  sif.state = 'deleted';
  await sif.bus.registration.unregisterInterface(sif.sif);
}
