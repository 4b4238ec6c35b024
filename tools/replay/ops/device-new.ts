import type { DeviceInit, Driver } from '../../../lib';
import { deviceGroups } from '../attributes';
import { released } from '../callbacks';
import type { Lab } from '../lab';
import { need } from '../lab-error';
import { LabBus, LabClass, LabDev, LabDevice, LabDrv, LabType } from '../lab-objects';
import { attrs, devt, flag, kernelName, needHandle, probe, type AttrSpec } from '../values';
import type { Words } from '../words';
import { needSameBus } from './device-driver';

const KEYS = [
  'name',
  'bus',
  'id',
  'parent',
  'class',
  'type',
  'driver',
  'attrs',
  'devt',
  'probe',
  'norelease',
  'suppress',
];

/** Makes a device that is initialized, but not added. */
export type DeviceMaker = (lab: Lab) => LabDev;

/** Reads `dev init` and `dev add`. */
export function readDevice(words: Words): DeviceMaker {
  words.expect(3, KEYS);
  const own = attrs(words.key('attrs'));
  const spec = probe(words.key('probe'));
  const suppress = flag(words.key('suppress'));
  const name = kernelName(words.key('name')) ?? words.at(2);
  const id = words.key('id');
  if (id !== undefined) needHandle(id);
  const number = devt(words.key('devt'));
  const release = !flag(words.key('norelease'));
  const otherRelease = words.key('type') !== undefined || words.key('class') !== undefined;
  need(release || otherRelease, 'syntax', 'norelease needs a type or a class, whose release is called');
  const mayPreset = words.key('bus') !== undefined && words.at(1) === 'add';
  need(words.key('driver') === undefined || mayPreset, 'syntax', 'driver goes with dev add and a bus only');
  return (lab) => {
    const refs = lookUp(lab, words);
    const dev = lab.objects.add(new LabDev(words.at(2), refs.bus, refs.cls, refs.parent));
    dev.probe = spec;
    dev.id = id ?? null;
    const init = { ...deviceInit(lab, refs, own), name, ...(number && { devt: number }) };
    dev.device = new LabDevice(lab.kernel, release ? { ...init, release: (d) => released(lab, d, 'dev') } : init, dev);
    dev.device.ueventSuppress = suppress;
    dev.device.driver = (refs.drv?.registration as Driver | undefined) ?? null;
    dev.state = 'init';
    dev.refs = 1;
    return dev;
  };
}

interface References {
  readonly bus: LabBus | undefined;
  readonly parent: LabDev | undefined;
  readonly cls: LabClass | undefined;
  readonly type: LabType | undefined;
  readonly drv: LabDrv | undefined;
}

function lookUp(lab: Lab, words: Words): References {
  const { objects } = lab;
  objects.checkFresh(LabDev, words.at(2));
  const bus = objects.optional(LabBus, words.key('bus'));
  const parent = objects.optional(LabDev, words.key('parent'));
  const cls = objects.optional(LabClass, words.key('class'));
  const type = objects.optional(LabType, words.key('type'));
  const drv = objects.optional(LabDrv, words.key('driver'));
  if (drv !== undefined) needSameBus(bus, drv);
  return { bus, parent, cls, type, drv };
}

function deviceInit(lab: Lab, refs: References, own: readonly AttrSpec[]): DeviceInit {
  return {
    ...(refs.bus && { bus: refs.bus.type }),
    ...(refs.parent && { parent: refs.parent.device }),
    ...(refs.cls && { class: refs.cls.type }),
    ...(refs.type && { type: refs.type.type }),
    groups: deviceGroups(lab, own),
  };
}
