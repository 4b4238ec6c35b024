import { deviceGroups, driverGroups } from '../attributes';
import { pmOps, probe as probeDevice, remove } from '../callbacks';
import type { Action, Lab } from '../lab';
import { need } from '../lab-error';
import { LabBus, LabDrv, type LabDriver } from '../lab-objects';
import { attrs, flag, kernelName, match, names, on, probe, type AttrSpec } from '../values';
import type { Words } from '../words';
import { list } from './bus';

const FLAGS = ['async', 'suppress_bind_attrs', 'sync_state', 'shutdown', 'noprobe', 'noremove'] as const;
const KEYS = ['name', 'bus', 'ids', 'probe', 'match', 'devm', 'attrs', 'devattrs', 'pm', ...FLAGS];

interface DriverSpec {
  readonly name: string;
  /** 1: it has power management; an errno: which refuses to suspend. */
  readonly pm: number;
  readonly flags: Readonly<Record<(typeof FLAGS)[number], boolean>>;
  readonly attrs: readonly AttrSpec[];
  readonly devattrs: readonly AttrSpec[];
}

export function drvAdd(words: Words): Action {
  words.expect(3, KEYS);
  const busName = words.key('bus');
  need(busName !== undefined, 'syntax', 'it needs bus=B');
  const pm = on(words.key('pm'));
  const change = readBehaviour(words);
  const spec: DriverSpec = {
    flags: Object.fromEntries(FLAGS.map((name) => [name, flag(words.key(name))])) as DriverSpec['flags'],
    attrs: attrs(words.key('attrs')),
    devattrs: attrs(words.key('devattrs')),
    name: kernelName(words.key('name')) ?? words.at(2),
    pm,
  };
  return (lab) => {
    lab.objects.checkFresh(LabDrv, words.at(2));
    const bus = lab.objects.get(LabBus, busName);
    const drv = lab.objects.add(new LabDrv(words.at(2), bus));
    change(drv);
    drv.state = 'added';
    return register(lab, drv, driverOf(lab, drv, spec));
  };
}

/** What both `drv add` and `drv set` can set. */
function readBehaviour(words: Words): (drv: LabDrv) => void {
  const ids = names(words.key('ids'));
  const devm = names(words.key('devm'));
  const chosen = match(words.key('match'));
  const spec = probe(words.key('probe'));
  return (drv) => {
    if (words.key('ids') !== undefined) drv.ids = ids;
    if (words.key('devm') !== undefined) drv.devm = devm;
    if (words.key('match') !== undefined) drv.match = chosen;
    if (spec !== undefined) drv.probe = spec;
  };
}

function driverOf(lab: Lab, drv: LabDrv, spec: DriverSpec): LabDriver {
  const { flags } = spec;
  return {
    lab: drv,
    name: spec.name,
    bus: drv.bus.type,
    groups: driverGroups(lab, spec.attrs),
    devGroups: deviceGroups(lab, spec.devattrs),
    suppressBindAttrs: flags.suppress_bind_attrs,
    ...(flags.async ? { probeType: 'prefer-asynchronous' } : {}),
    ...(spec.pm === 0 ? {} : { pm: pmOps(lab, 'drv', Math.min(spec.pm, 0)) }),
    ...(flags.noprobe ? {} : { probe: (dev) => probeDevice(lab, dev, '') }),
    ...(flags.noremove ? {} : { remove: (dev) => remove(lab, dev, '') }),
    ...(flags.shutdown ? { shutdown: (dev) => lab.trace.line(`shutdown dev=${dev.lab.handle} by=drv`) } : {}),
    ...(flags.sync_state ? { syncState: (dev) => lab.trace.line(`sync_state dev=${dev.lab.handle} by=drv`) } : {}),
  };
}

async function register(lab: Lab, drv: LabDrv, def: LabDriver): Promise<void> {
  try {
    drv.registration = await lab.kernel.registerDriver(def);
  } catch (error) {
    drv.state = 'failed';
    drv.forget();
    throw error;
  }
}

export function drvSet(words: Words): Action {
  words.expect(3, ['ids', 'probe', 'match', 'devm']);
  const change = readBehaviour(words);
  return (lab) => change(lab.objects.get(LabDrv, words.at(2)));
}

export function drvDel(words: Words): Action {
  words.expect(3);
  return (lab) => unregisterDriver(lab.objects.get(LabDrv, words.at(2)));
}

export async function unregisterDriver(drv: LabDrv): Promise<void> {
  drv.state = 'deleted';
  drv.forget();
  await drv.registration.unregister();
}

export function drvAttach(words: Words): Action {
  words.expect(3);
  return (lab) => lab.objects.get(LabDrv, words.at(2)).registration.attach();
}

export function drvDevs(words: Words): Action {
  words.expect(3);
  return (lab) => list(lab, lab.objects.get(LabDrv, words.at(2)).registration.devices());
}
