import type { BusNotifyEvent, Driver, MatchClause, UeventEnv } from '../../../lib';
import { deviceGroups, driverGroups, overrideGroup, ownGroups } from '../attributes';
import { pmOps, probe, remove, traceDma, traceUevent } from '../callbacks';
import type { Action, Lab } from '../lab';
import { need } from '../lab-error';
import {
  driverHandle,
  drvOf,
  LabBus,
  LabDev,
  LabDrv,
  LabSif,
  type LabBusType,
  type LabDevice,
  type LabDriver,
} from '../lab-objects';
import { showResult } from '../numbers';
import { needState, needUnused } from '../objects';
import { attrs, flag, kernelName, match, needHandle, on, type AttrSpec, type MatchSpec } from '../values';
import type { Words } from '../words';

const FLAGS = ['notify', 'probe', 'remove', 'shutdown', 'sync_state', 'override', 'offline', 'pm'] as const;
const KEYS = ['name', 'match', 'uevent', 'dma', 'battrs', 'devattrs', 'drvattrs', ...FLAGS];

interface BusSpec {
  readonly name: string;
  readonly match: MatchSpec;
  readonly uevent: number;
  readonly dma: number;
  readonly flags: Readonly<Record<(typeof FLAGS)[number], boolean>>;
  readonly battrs: readonly AttrSpec[];
  readonly devattrs: readonly AttrSpec[];
  readonly drvattrs: readonly AttrSpec[];
}

function readSpec(words: Words): BusSpec {
  words.expect(3, KEYS);
  const flags = Object.fromEntries(FLAGS.map((name) => [name, flag(words.key(name))])) as BusSpec['flags'];
  return {
    match: match(words.key('match'), true),
    uevent: on(words.key('uevent')),
    dma: on(words.key('dma')),
    flags,
    battrs: attrs(words.key('battrs')),
    devattrs: attrs(words.key('devattrs')),
    drvattrs: attrs(words.key('drvattrs')),
    name: kernelName(words.key('name')) ?? words.at(2),
  };
}

export function busAdd(words: Words): Action {
  const spec = readSpec(words);
  return async (lab) => {
    lab.objects.checkFresh(LabBus, words.at(2));
    const bus = lab.objects.add(new LabBus(words.at(2)));
    Object.assign(bus, { match: spec.match, uevent: spec.uevent, dma: spec.dma, type: busType(lab, bus, spec) });
    await register(lab, bus);
    if (spec.flags.notify)
      bus.stopNotifier = bus.registration.registerNotifier((event, dev: LabDevice) => notify(lab, bus, event, dev));
  };
}

async function register(lab: Lab, bus: LabBus): Promise<void> {
  try {
    bus.registration = await lab.kernel.registerBus(bus.type);
    bus.state = 'added';
  } catch (error) {
    bus.forget();
    throw error;
  }
}

function busType(lab: Lab, bus: LabBus, spec: BusSpec): LabBusType {
  const { flags } = spec;
  return {
    name: spec.name,
    busGroups: ownGroups(lab, spec.battrs, 'bus', bus.handle),
    devGroups: [...deviceGroups(lab, spec.devattrs), ...(flags.override ? [overrideGroup()] : [])],
    drvGroups: driverGroups(lab, spec.drvattrs),
    ...(spec.match === 'none-cb' ? {} : matchCallbacks(lab, bus)),
    ...(spec.uevent === 0 ? {} : { uevent: (dev, env) => uevent(lab, bus, dev, env) }),
    ...(flags.probe ? { probe: (dev) => probe(lab, dev, ' by=bus') } : {}),
    ...(flags.remove ? { remove: (dev) => remove(lab, dev, ' by=bus') } : {}),
    ...(flags.shutdown ? { shutdown: (dev) => lab.trace.line(`shutdown dev=${dev.lab.handle} by=bus`) } : {}),
    ...(flags.sync_state ? { syncState: (dev) => lab.trace.line(`sync_state dev=${dev.lab.handle} by=bus`) } : {}),
    ...(flags.offline ? hotplugCallbacks(lab) : {}),
    ...(flags.pm ? { pm: pmOps(lab, 'bus', 0) } : {}),
    ...(spec.dma === 0 ? {} : dmaCallbacks(lab, bus)),
  };
}

function matchCallbacks(lab: Lab, bus: LabBus): Pick<LabBusType, 'match' | 'explainMatch'> {
  return {
    match: (dev, drv) => matches(lab, bus, dev, drv),
    explainMatch: (dev, { def }) => ({ result: matchResult(bus, dev, def), clauses: [matchClause(bus, dev, def)] }),
  };
}

function hotplugCallbacks(lab: Lab): Pick<LabBusType, 'online' | 'offline'> {
  return {
    online: (dev) => lab.trace.line(`online dev=${dev.lab.handle}`),
    offline: (dev) => lab.trace.line(`offline dev=${dev.lab.handle}`),
  };
}

function dmaCallbacks(lab: Lab, bus: LabBus): Pick<LabBusType, 'dmaConfigure' | 'dmaCleanup'> {
  return {
    dmaConfigure: (dev) => traceDma(lab, dev, bus.dma),
    dmaCleanup: (dev) => lab.trace.line(`dma_cleanup dev=${dev.lab.handle} drv=${driverHandle(dev)}`),
  };
}

/** An override decides first, then the driver's number, then the bus's, then the ids. */
function matches(lab: Lab, bus: LabBus, device: LabDevice, drv: Driver<LabDriver>): number {
  const result = matchResult(bus, device, drv.def);
  lab.trace.line(
    `match bus=${bus.handle} drv=${drv.def.lab.handle} dev=${device.lab.handle} ret=${showResult(result)}`,
  );
  return result;
}

function matchResult(bus: LabBus, device: LabDevice, def: LabDriver): number {
  const { driverOverride, lab: dev } = device;
  const drv = def.lab;
  if (driverOverride !== null) return driverOverride === def.name ? 1 : 0;
  if (typeof drv.match === 'number') return drv.match;
  if (typeof bus.match === 'number') return bus.match;
  return dev.id !== null && drv.ids.includes(dev.id) ? 1 : 0;
}

/** The condition that decides in {@link matchResult}. */
function matchClause(bus: LabBus, device: LabDevice, def: LabDriver): MatchClause {
  const fn = 'cb_match';
  const holds = matchResult(bus, device, def) > 0;
  const { driverOverride, lab: dev } = device;
  const drv = def.lab;
  if (driverOverride !== null)
    return { fn, holds, text: `driver_override is ${driverOverride}, the driver is ${def.name}` };
  if (typeof drv.match === 'number')
    return { fn, holds, text: `driver ${drv.handle} has match=${showResult(drv.match)}` };
  if (typeof bus.match === 'number') return { fn, holds, text: `bus ${bus.handle} has match=${showResult(bus.match)}` };
  const ids = drv.ids.length === 0 ? 'none' : drv.ids.join(', ');
  return { fn, holds, text: `ids: the device has ${dev.id ?? 'none'}, the driver lists ${ids}` };
}

function uevent(lab: Lab, bus: LabBus, device: LabDevice, env: UeventEnv): number {
  const result = traceUevent(lab, `bus=${bus.handle} dev=${device.lab.handle}`, bus.uevent, env);
  if (result !== 0) return result;
  const { id } = device.lab;
  const error = id === null ? 0 : env.add('MODALIAS', `lab:${id}`);
  return error === 0 ? env.add('LAB_bus', bus.handle) : error;
}

function notify(lab: Lab, bus: LabBus, event: BusNotifyEvent, device: LabDevice): void {
  lab.trace.line(`notify bus=${bus.handle} event=${event} dev=${device.lab.handle} drv=${driverHandle(device)}`);
}

export function busDel(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const bus = lab.objects.get(LabBus, words.at(2));
    const users = [...lab.objects.of(LabDev), ...lab.objects.of(LabDrv), ...lab.objects.of(LabSif)];
    needUnused(users.filter((user) => user.bus === bus));
    return unregisterBus(bus);
  };
}

export async function unregisterBus(bus: LabBus): Promise<void> {
  bus.stopNotifier?.();
  bus.state = 'deleted';
  bus.forget();
  await bus.registration.unregister();
}

export function busSet(words: Words): Action {
  words.expect(3, ['match', 'uevent', 'dma']);
  const chosen = words.key('match') === undefined ? undefined : match(words.key('match'));
  const ueventOn = on(words.key('uevent'));
  const dma = on(words.key('dma'));
  return (lab) => {
    const bus = lab.objects.get(LabBus, words.at(2));
    if (chosen !== undefined) bus.match = chosen;
    if (ueventOn !== 0) bus.uevent = ueventOn;
    if (dma !== 0) bus.dma = dma;
  };
}

export function busRescan(words: Words): Action {
  words.expect(3);
  return (lab) => lab.objects.get(LabBus, words.at(2)).registration.rescan();
}

export function busSort(words: Words): Action {
  words.expect(3);
  return (lab) => {
    lab.objects.get(LabBus, words.at(2)).registration.sortBreadthfirst((a, b) => compare(a.name ?? '', b.name ?? ''));
  };
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function busDevs(words: Words): Action {
  words.expect(3, ['start']);
  const start = words.key('start');
  if (start !== undefined) needHandle(start);
  return (lab) => {
    const bus = lab.objects.get(LabBus, words.at(2));
    const from = lab.objects.optional(LabDev, start);
    if (from !== undefined) {
      need(from.bus === bus, 'state', `dev ${from.handle} is not on bus ${bus.handle}`);
      needState(from, 'added', 'deleted');
    }
    const { registration } = bus;
    list(lab, from === undefined ? registration.devices() : registration.devicesAfter(from.device));
  };
}

/** Handles of devices, one a line. */
export function list(lab: Lab, devices: Iterable<unknown>): void {
  for (const device of devices) lab.trace.line(`| ${(device as LabDevice).lab.handle}`);
}

export function busDrvs(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const { registration } = lab.objects.get(LabBus, words.at(2));
    for (const drv of registration.drivers()) lab.trace.line(`| ${drvOf(drv).handle}`);
  };
}

export function busFind(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const found = lab.objects.get(LabBus, words.at(2)).registration.findDevice(words.at(3)) as LabDevice | null;
    lab.trace.line(`| ${found?.lab.handle ?? '-'}`);
  };
}

export function busFinddrv(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const found = lab.objects.get(LabBus, words.at(2)).registration.findDriver(words.at(3));
    lab.trace.line(`| ${found === null ? '-' : drvOf(found).handle}`);
  };
}
