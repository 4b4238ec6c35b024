import { check } from '../errno';
import type { Kobject } from '../kobject/kobject';
import type { KsetUeventOps } from '../kobject/kset';
import { kobjectSynthUevent } from '../kobject/synth-uevent';
import { decidingKset, kobjectUeventEnv, type KobjectAction } from '../kobject/uevent';
import { UeventEnv } from '../kobject/uevent-env';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRw } from '../sysfs/attribute';
import { devMessage, isDevice, type Device } from './device';
import { callAtomic, refusal } from './guard';
import type { BusType, DeviceClass } from './types';

/** Only devices that have a bus or a class send events. @see drivers/base/core.c dev_uevent_filter */
function devUeventFilter(kobj: Kobject): boolean {
  return isDevice(kobj) && (kobj.bus !== null || kobj.class !== null);
}

/** @see drivers/base/core.c dev_uevent_name */
function devUeventName(kobj: Kobject): string | null {
  const dev = kobj as unknown as Device;
  return dev.bus?.type.name ?? dev.class?.type.name ?? null;
}

/** The bus's, the class's and the type's callback are all called; the last result counts. @see core.c dev_uevent */
function devUevent(kobj: Kobject, env: UeventEnv): number {
  const dev = kobj as unknown as Device;
  addDevtVars(dev, env);
  if (dev.type?.name !== undefined) env.add('DEVTYPE', dev.type.name);
  if (dev.driver !== null) env.add('DRIVER', dev.driver.def.name);
  dev.ofNode?.addUeventVars(env);
  let result = 0;
  const { bus, class: cls, type } = dev;
  if (bus?.type.uevent !== undefined) result = busUevent(dev, bus.type, env);
  if (cls?.type.devUevent !== undefined) result = callUevent(dev, 'class', () => cls.type.devUevent?.(dev, env));
  if (type?.uevent !== undefined) result = callUevent(dev, 'type', () => type.uevent?.(dev, env));
  return result;
}

function busUevent(dev: Device, type: BusType, env: UeventEnv): number {
  const { world } = dev.kernel;
  let result: number | void;
  world.atomicDepth++;
  try {
    result = type.uevent?.(dev, env);
  } catch (error) {
    world.atomicDepth--;
    return ueventThrew(dev, 'bus', error);
  }
  world.atomicDepth--;
  if (world.sleptOn === null && typeof result === 'number') return result;
  return ueventGave(dev, 'bus', result);
}

function ueventGave(dev: Device, whose: string, result: number | void): number {
  return callUevent(dev, whose, () => result);
}

function ueventThrew(dev: Device, whose: string, error: unknown): number {
  return callUevent(dev, whose, () => {
    throw error;
  });
}

/** @param whose which callback: the bus's, the class's or the type's */
function callUevent(dev: Device, whose: string, callback: () => number | void): number {
  const where = (): string => `dev_uevent: ${whose} callback, device ${String(dev.name)}`;
  try {
    return callAtomic(dev.kernel, where, callback) ?? 0;
  } catch (error) {
    return refusal(dev.kernel.world, where, error);
  }
}

/** Name and mode of the device node. @see drivers/base/core.c device_get_devnode */
function deviceGetDevnode(dev: Device): { readonly name: string; readonly mode: number } {
  const where = (): string => `device_get_devnode: device ${String(dev.name)}`;
  const ask = (): ReturnType<NonNullable<DeviceClass['devnode']>> =>
    dev.type?.devnode?.(dev) ?? dev.class?.type.devnode?.(dev) ?? null;
  const given = callAtomic(dev.kernel, where, ask);
  return { name: given?.name ?? (dev.name ?? '').replaceAll('!', '/'), mode: given?.mode ?? 0 };
}

function addDevtVars(dev: Device, env: UeventEnv): void {
  if (dev.devt === null || dev.devt.major === 0) return;
  env.add('MAJOR', dev.devt.major);
  env.add('MINOR', dev.devt.minor);
  const node = deviceGetDevnode(dev);
  env.add('DEVNAME', node.name);
  if (node.mode !== 0) env.add('DEVMODE', `0${(node.mode & 0o777).toString(8)}`);
}

/** No callback of bus, class or type would be called. */
function isQuiet(kobj: Kobject): boolean {
  if (!isDevice(kobj) || kobj.devt !== null || kobj.ofNode !== null) return false;
  const owners = kobj.bus?.type.uevent !== undefined || kobj.class?.type.devUevent !== undefined;
  return !owners && kobj.type?.uevent === undefined;
}

/** @see drivers/base/core.c device_uevent_ops */
export const deviceUeventOps: KsetUeventOps = {
  isQuiet,
  filter: devUeventFilter,
  subsystem: devUeventName,
  uevent: devUevent,
};

/**
 * Only the variables that the kset's callback adds; empty for a device whose events are filtered.
 *
 * @see core.c uevent_show
 */
function ueventShow(dev: Device): MaySleep<string> {
  const ops = decidingKset(dev)?.ueventOps;
  if (ops?.uevent === undefined || ops.filter?.(dev) === false) return '';
  const env = new UeventEnv(dev.kernel);
  return andThen(dev.lock(), () => {
    const result = ops.uevent?.(dev, env) ?? 0;
    dev.unlock();
    return result === 0 ? env.vars.map((text) => `${text}\n`).join('') : '';
  });
}

/** @see drivers/base/core.c uevent_store */
function ueventStore(dev: Device, text: string): number | undefined {
  const result = kobjectSynthUevent(dev, text);
  if (result === 0) return undefined;
  dev.kernel.log.err(devMessage(dev, `uevent: failed to send synthetic uevent: ${String(result)}`));
  return result;
}

/** The file `uevent` of every device. */
export const devAttrUevent = attrRw('uevent', ueventShow, ueventStore);

/** @throws ErrnoError the error of sending */
export function deviceUevent(dev: Device, action: KobjectAction, vars: readonly string[]): void {
  check(kobjectUeventEnv(dev, action, vars), 'kobject_uevent_env', dev.name ?? undefined);
}
