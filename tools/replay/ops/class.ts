import type { DeviceClass, DeviceType } from '../../../lib';
import { deviceGroups, ownGroups } from '../attributes';
import { pmOps, released, traceUevent } from '../callbacks';
import type { Action, Lab } from '../lab';
import { needUnused } from '../objects';
import { LabClass, LabDev, LabIntf, LabType, type LabDevice } from '../lab-objects';
import { attrs, flag, kernelName, on, type AttrSpec } from '../values';
import type { Words } from '../words';
import { list } from './bus';

export function classAdd(words: Words): Action {
  words.expect(3, ['name', 'uevent', 'attrs', 'devattrs', 'shutdown', 'pm']);
  const spec: ClassSpec = {
    uevent: on(words.key('uevent')),
    shutdown: flag(words.key('shutdown')),
    pm: flag(words.key('pm')),
    attrs: attrs(words.key('attrs')),
    devattrs: attrs(words.key('devattrs')),
    name: kernelName(words.key('name')) ?? words.at(2),
  };
  return async (lab) => {
    lab.objects.checkFresh(LabClass, words.at(2));
    const cls = lab.objects.add(new LabClass(words.at(2)));
    cls.type = classType(lab, cls, spec);
    await register(lab, cls);
  };
}

interface ClassSpec {
  readonly name: string;
  readonly uevent: number;
  readonly shutdown: boolean;
  readonly pm: boolean;
  readonly attrs: readonly AttrSpec[];
  readonly devattrs: readonly AttrSpec[];
}

function classType(lab: Lab, cls: LabClass, spec: ClassSpec): DeviceClass<LabDevice> {
  return {
    name: spec.name,
    classGroups: ownGroups(lab, spec.attrs, 'class', cls.handle),
    devGroups: deviceGroups(lab, spec.devattrs),
    ...(spec.uevent === 0 ? {} : { devUevent: ueventOf(lab, 'class', cls.handle, spec.uevent) }),
    ...(spec.shutdown ? { shutdownPre: (dev) => lab.trace.line(`shutdown dev=${dev.lab.handle} by=class`) } : {}),
    ...(spec.pm ? { pm: pmOps(lab, 'class', 0) } : {}),
    devRelease: (dev) => released(lab, dev, 'class'),
    classRelease: () => {
      lab.trace.line(`release class=${cls.handle}`);
      cls.released = true;
    },
  };
}

/** The uevent callback of a class or of a type. */
function ueventOf(
  lab: Lab,
  what: 'class' | 'type',
  handle: string,
  on: number,
): NonNullable<DeviceType<LabDevice>['uevent']> {
  return (dev, env) => {
    const result = traceUevent(lab, `${what}=${handle} dev=${dev.lab.handle}`, on, env);
    return result === 0 ? env.add(`LAB_${what}`, handle) : result;
  };
}

async function register(lab: Lab, cls: LabClass): Promise<void> {
  try {
    cls.registration = await lab.kernel.registerClass(cls.type);
    cls.state = 'added';
  } catch (error) {
    cls.forget();
    throw error;
  }
}

export function classDel(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const cls = lab.objects.get(LabClass, words.at(2));
    needUnused([...lab.objects.of(LabDev), ...lab.objects.of(LabIntf)].filter((user) => user.cls === cls));
    return unregisterClass(cls);
  };
}

export async function unregisterClass(cls: LabClass): Promise<void> {
  cls.state = 'deleted';
  cls.forget();
  await cls.registration.unregister();
}

export function classDevs(words: Words): Action {
  words.expect(3);
  return (lab) => list(lab, lab.objects.get(LabClass, words.at(2)).registration.devices());
}

export function typeAdd(words: Words): Action {
  words.expect(3, ['uevent', 'devattrs']);
  const ueventOn = on(words.key('uevent'));
  const devattrs = attrs(words.key('devattrs'));
  return (lab) => {
    const handle = words.at(2);
    lab.objects.checkFresh(LabType, handle);
    const type: DeviceType<LabDevice> = {
      name: handle,
      groups: deviceGroups(lab, devattrs),
      ...(ueventOn === 0 ? {} : { uevent: ueventOf(lab, 'type', handle, ueventOn) }),
      release: (dev) => released(lab, dev, 'type'),
    };
    lab.objects.add(new LabType(handle, type));
  };
}
