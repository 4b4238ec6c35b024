import type { MaySleep } from '../../../lib';
import type { Lab } from '../lab';
import { LabClass, LabBus, LabDev, LabDrv, LabIntf, LabKobj, LabKset, LabSif } from '../lab-objects';
import { LabObject, type Constructor } from '../objects';
import { unregisterBus } from './bus';
import { unregisterClass } from './class';
import { put, remove } from './device';
import { unregisterDriver } from './driver';
import { unregisterIntf, unregisterSif } from './interfaces';
import { putKobj, removeKobj } from './kobj';
import { unregisterKset } from './kset';

/** Takes down everything that the program left, in the recorder's order, each step in a task of its own. */
export async function reset(lab: Lab): Promise<void> {
  await unblock(lab);
  for (const drv of lab.objects.of(LabDrv)) drv.hooks.probe = drv.hooks.remove = null;
  await takeDownDevices(lab);
  await takeDownRest(lab);
  await lab.world.settle();
  for (const object of lab.objects) if (object.leaked) traceLeft(lab, 'leaked', object);
  lab.resources.clear();
  lab.objects.clear();
}

async function unblock(lab: Lab): Promise<void> {
  if (lab.syncPaused) {
    lab.syncPaused = false;
    lab.trace.line('| sync resume');
    await lab.operate('sync resume', () => lab.kernel.resumeSyncState());
    await lab.world.settle();
  }
  if (!lab.probingBlocked) return;
  lab.probingBlocked = false;
  lab.trace.line('| probing unblock');
  await lab.operate('probing unblock', () => lab.kernel.unblockProbing());
  await lab.world.settle();
}

async function takeDownDevices(lab: Lab): Promise<void> {
  await takeDown(lab, 'del', LabObject, isInterface, unregisterInterface, true);
  await takeDown(lab, 'del', LabDrv, isAdded, unregisterDriver, true);
  await takeDown(lab, 'remove', LabDev, isAdded, remove, true);
  await takeDown(lab, 'put', LabDev, isHeld, (dev) => putAll(dev, put), true);
}

async function takeDownRest(lab: Lab): Promise<void> {
  await takeDown(lab, 'del', LabKobj, isAdded, removeKobj);
  await takeDown(lab, 'put', LabKobj, isHeld, (kobj) => putAll(kobj, putKobj));
  await takeDown(lab, 'del', LabKset, isAdded, unregisterKset);
  await takeDown(lab, 'del', LabClass, isAdded, unregisterClass);
  await takeDown(lab, 'del', LabBus, isAdded, unregisterBus);
}

/** One step after the other, the newest object first. */
async function takeDown<T extends LabObject>(
  lab: Lab,
  verb: string,
  type: Constructor<T>,
  applies: (object: T) => boolean,
  step: (object: T) => MaySleep<void>,
  settles = false,
): Promise<void> {
  for (let object = lab.objects.newest(type, applies); object; object = lab.objects.newest(type, applies)) {
    const next = object;
    traceLeft(lab, verb, next);
    await lab.operate(`reset: ${verb} ${next.kind} ${next.handle}`, () => step(next));
    if (settles) await lab.world.settle();
  }
}

function traceLeft(lab: Lab, verb: string, object: LabObject): void {
  lab.trace.line(`| ${verb} ${object.kind} ${object.handle}`);
}

function isAdded(object: LabObject): boolean {
  return object.state === 'added';
}

function isHeld(object: LabObject): boolean {
  return object.named && object.refs > 0;
}

function isInterface(object: LabObject): boolean {
  return (object instanceof LabIntf || object instanceof LabSif) && isAdded(object);
}

function unregisterInterface(object: LabObject): MaySleep<void> {
  return object instanceof LabIntf ? unregisterIntf(object) : unregisterSif(object as unknown as LabSif);
}

function putAll<T extends LabObject>(object: T, putOne: (object: T) => void): void {
  while (object.refs > 0) putOne(object);
}
