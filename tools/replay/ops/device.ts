import type { Device } from '../../../lib';
import type { Action, Lab } from '../lab';
import { need, UnsupportedOp } from '../lab-error';
import { LabDev, type LabDevice } from '../lab-objects';
import { flag, isHandle, kernelName, probe } from '../values';
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

/** Puts a reference of the program; the last one gives the handle free. */
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
    const usable = [dev.bus, dev.cls].every((owner) => owner === undefined || owner.state === 'added');
    need(dev.state === 'init' && usable && dev.parent?.released !== true, 'state');
    return add(dev);
  };
}

export function devRemove(words: Words): Action {
  words.expect(3);
  return async (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    need(dev.state === 'added', 'state');
    need(lab.nesting === 0 || dev.callbacks === 0, 'busy');
    await remove(dev);
    if (words.at(1) === 'del') put(dev);
  };
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
    need(dev.state !== 'added' || dev.refs > 1, 'busy');
    put(dev);
  };
}

export function devSet(words: Words): Action {
  words.expect(3, ['probe', 'id', 'suppress']);
  const spec = probe(words.key('probe'));
  const suppress = flag(words.key('suppress'));
  const id = words.key('id');
  need(id === undefined || isHandle(id));
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
    need(dev.state === 'added' || dev.state === 'deleted', 'state');
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
    need(dev.bus !== undefined, 'state');
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
    need(dev.state === 'added' || dev.state === 'deleted', 'state');
    const found = dev.device.findChild(words.at(3)) as LabDevice | null;
    lab.trace.line(`| ${found?.lab.handle ?? '-'}`);
  };
}

/** `dev online` and `dev offline`. */
export function devHotplug(words: Words): Action {
  return onKnownDevice(words, () => {
    throw new UnsupportedOp(`dev ${words.at(1)}`);
  });
}

export function devRename(words: Words): Action {
  words.expect(4);
  kernelName(words.at(3));
  return (lab) => {
    need(lab.objects.get(LabDev, words.at(2)).state === 'added', 'state');
    throw new UnsupportedOp('dev rename');
  };
}

const ORDERS = ['none', 'after', 'before', 'last'];

export function devMove(words: Words): Action {
  words.expect(4, ['order']);
  const order = words.key('order') ?? 'none';
  need(ORDERS.includes(order));
  return (lab) => {
    const dev = lab.objects.get(LabDev, words.at(2));
    const target = words.at(3) === '-' ? null : lab.objects.get(LabDev, words.at(3));
    need(dev.state === 'added' && (target === null || target.state === 'added'), 'state');
    need(target === null ? order === 'none' || order === 'last' : !dependsOn(dev.device, target.device), 'busy');
    throw new UnsupportedOp('dev move');
  };
}

/** Is `target` the device, below it, or below a child of it? */
function dependsOn(device: Device, target: Device): boolean {
  for (let at: Device | null = target; at !== null; at = at.parent) if (at === device) return true;
  return [...device.children()].some((child) => dependsOn(child, target));
}
