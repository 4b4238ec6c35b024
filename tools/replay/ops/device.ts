import type { DpmOrder } from '../../../lib';
import type { Action, Lab } from '../lab';
import { need } from '../lab-error';
import { LabDev, type LabDevice } from '../lab-objects';
import { needState } from '../objects';
import { show } from '../show';
import { flag, kernelName, needHandle, probe } from '../values';
import type { Words } from '../words';
import { list } from './bus';
import { readDevice } from './device-new';

export function devInit(words: Words): Action {
  const make = readDevice(words);
  return (lab) => void make(lab);
}

export function devAdd(words: Words): Action {
  const make = readDevice(words);
  return async (lab) => {
    const dev = make(lab);
    try {
      await add(dev);
    } catch (error) {
      put(dev);
      throw error;
    }
  };
}

/** device_add(), as which the device counts as added from just before. */
async function add(dev: LabDev): Promise<void> {
  const { device } = dev;
  dev.state = 'added';
  dev.callbacks++;
  try {
    await device.add();
  } catch (error) {
    dev.state = 'failed';
    throw error;
  } finally {
    dev.callbacks--;
  }
  if (device.linksStatus !== 'driver-bound') device.driver = null;
}

/** Puts a reference of the program; the last one frees the handle. */
export function put(dev: LabDev): void {
  if (--dev.refs === 0) dev.forget();
  dev.device.put();
}

/** device_del(), as which the device counts as deleted from just before. */
export async function remove(dev: LabDev): Promise<void> {
  dev.state = 'deleted';
  await dev.device.del();
}

export function devRegister(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    needState(dev, 'init');
    for (const owner of [dev.bus, dev.cls]) if (owner !== undefined) needState(owner, 'added');
    need(dev.parent?.released !== true, 'state', `its parent ${dev.parent?.handle ?? ''} was released`);
    return add(dev);
  };
}

export function devRemove(words: Words): Action {
  words.expect(3);
  return async (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    needState(dev, 'added');
    if (lab.nesting > 0) needIdle(dev);
    await remove(dev);
    if (words.at(1) === 'del') put(dev);
  };
}

/** What a hook deletes must not be at work. */
function needIdle(dev: LabDev): void {
  need(dev.callbacks === 0, 'busy', `an op or a callback is at work on dev ${dev.handle}`);
  const linked = dev.device.suppliers.length + dev.device.consumers.length > 0;
  need(!linked, 'busy', `dev ${dev.handle} has links`);
}

export function devGet(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    dev.device.get();
    dev.refs++;
  };
}

export function devPut(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const last = `it is the last reference of dev ${dev.handle}, which is added`;
    need(dev.state !== 'added' || dev.refs > 1, 'busy', last);
    put(dev);
  };
}

export function devSet(words: Words): Action {
  words.expect(3, ['probe', 'id', 'suppress']);
  const spec = probe(words.key('probe'));
  const suppress = flag(words.key('suppress'));
  const id = words.key('id');
  if (id !== undefined) needHandle(id);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    if (spec !== undefined) dev.probe = spec;
    if (id !== undefined) dev.id = id;
    if (words.key('suppress') !== undefined) dev.device.ueventSuppress = suppress;
  };
}

/** Ops that need a device which is or was added. */
function onKnownDevice(words: Words, act: (dev: LabDev, lab: Lab) => ReturnType<Action>): Action {
  words.expect(3);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    needState(dev, 'added', 'deleted');
    return act(dev, lab);
  };
}

export function devAttach(words: Words): Action {
  return onKnownDevice(words, async ({ device }) => ((await device.attach()) ? 1 : 0));
}

export function devRelease(words: Words): Action {
  return onKnownDevice(words, ({ device }) => device.releaseDriver());
}

export function devReprobe(words: Words): Action {
  return onKnownDevice(words, (dev) => {
    need(dev.bus !== undefined, 'state', `dev ${dev.handle} is on no bus`);
    return dev.device.reprobe();
  });
}

export function devChildren(words: Words): Action {
  return onKnownDevice(words, ({ device }, lab) => list(lab, device.children()));
}

export function devChildrenRev(words: Words): Action {
  return onKnownDevice(words, ({ device }, lab) => list(lab, device.childrenReverse()));
}

export function devFind(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    needState(dev, 'added', 'deleted');
    const found = dev.device.findChild(words.at(3)) as LabDevice | null;
    lab.trace.line(`| ${found?.lab.handle ?? '-'}`);
  };
}

/** `dev online` and `dev offline`. */
export function devHotplug(words: Words): Action {
  return onKnownDevice(words, async ({ device }) => {
    const changed = await (words.at(1) === 'online' ? device.setOnline() : device.setOffline());
    return changed ? 0 : 1;
  });
}

export function devRename(words: Words): Action {
  words.expect(4);
  const name = kernelName(words.at(3)) ?? '';
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    needState(dev, 'added');
    return dev.device.rename(name);
  };
}

const ORDERS: ReadonlyMap<string, DpmOrder> = new Map([
  ['none', 'none'],
  ['after', 'dev-after-parent'],
  ['before', 'parent-before-dev'],
  ['last', 'dev-last'],
]);

export function devMove(words: Words): Action {
  words.expect(4, ['order']);
  const order = words.key('order') ?? 'none';
  const dpmOrder = ORDERS.get(order);
  need(dpmOrder !== undefined, 'syntax', `unknown order ${show(order)}; there are ${[...ORDERS.keys()].join(', ')}`);
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const target = words.at(3) === '-' ? null : lab.objects.get(LabDev, words.at(3));
    needState(dev, 'added');
    if (target !== null) needState(target, 'added');
    needMovable(dev, target, order);
    return dev.device.move(target?.device ?? null, dpmOrder);
  };
}

/** Below something that depends on it, later walks of the core would never end. */
function needMovable(dev: LabDev, target: LabDev | null, order: string): void {
  const alone = order === 'none' || order === 'last';
  if (target === null) need(alone, 'busy', `order=${order} needs a new parent`);
  else {
    const depends = dev.device.hasDependent(target.device);
    need(!depends, 'busy', `dev ${target.handle} is ${dev.handle}, or below it, or depends on it`);
  }
}
