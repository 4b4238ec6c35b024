import type { Attribute, AttributeGroup, Driver } from '../../lib';
import { utf8Length } from '../../lib/utf8';
import type { Lab } from './lab';
import { drvOf, type LabDevice } from './lab-objects';
import { parseNum, showResult } from './numbers';
import { quote } from './trace-writer';
import type { AttrSpec } from './values';

/** The owner of an attribute, as in the trace. */
type Owner = 'dev' | 'drv' | 'bus' | 'class' | 'kobj';

/** A group with these attributes; undefined without any, as for a kernel object without groups. */
function group<T>(
  lab: Lab,
  specs: readonly AttrSpec[],
  owner: Owner,
  handleOf: (self: T) => string,
): AttributeGroup<T>[] {
  // The kernel does not pass the attribute to the callbacks of a bus and a driver.
  const shown = (name: string): string => (owner === 'drv' || owner === 'bus' ? '*' : name);
  const attrs = specs.map((spec) => attribute(lab, spec, owner, shown(spec.name), handleOf));
  return attrs.length === 0 ? [] : [{ attrs }];
}

function attribute<T>(
  lab: Lab,
  spec: AttrSpec,
  owner: Owner,
  shown: string,
  handleOf: (self: T) => string,
): Attribute<T> {
  const show = (self: T): string => {
    lab.trace.line(`show ${owner}=${handleOf(self)} attr=${shown}`);
    return `${handleOf(self)}.${shown}\n`;
  };
  const store = (self: T, data: string): number => {
    const result = storeResult(data);
    lab.trace.line(`store ${owner}=${handleOf(self)} attr=${shown} data=${quote(data)} ret=${showResult(result)}`);
    return result;
  };
  const readable = (spec.mode & 0o444) !== 0;
  const writable = (spec.mode & 0o200) !== 0;
  return { name: spec.name, mode: spec.mode, ...(readable ? { show } : {}), ...(writable ? { store } : {}) };
}

/** A negative errno that the text names, else all bytes. */
function storeResult(data: string): number {
  const head = (/^[^\0]{0,31}/.exec(data)?.[0] ?? '').trimEnd();
  const value = head.startsWith('-') ? parseNum(head) : null;
  return value !== null && value < 0 ? value : utf8Length(data);
}

export function deviceGroups(lab: Lab, specs: readonly AttrSpec[]): AttributeGroup<LabDevice>[] {
  return group(lab, specs, 'dev', (device: LabDevice) => device.lab.handle);
}

/** A driver's own attributes, and those that a bus gives to all its drivers. */
export function driverGroups(lab: Lab, specs: readonly AttrSpec[]): AttributeGroup<Driver>[] {
  return group(lab, specs, 'drv', (driver: Driver) => drvOf(driver).handle);
}

/** The attributes of a bus, a class and a kobject know their owner. */
export function ownGroups(
  lab: Lab,
  specs: readonly AttrSpec[],
  owner: 'bus' | 'class' | 'kobj',
  handle: string,
): AttributeGroup[] {
  return group(lab, specs, owner, () => handle);
}

/** `driver_override`, as buses have it that allow one. */
export function overrideGroup(): AttributeGroup<LabDevice> {
  const show = async (device: LabDevice): Promise<string> => {
    await device.lock();
    const text = device.driverOverride ?? '(null)';
    device.unlock();
    return `${text}\n`;
  };
  const store = async (device: LabDevice, data: string): Promise<void> => {
    await device.setDriverOverride(data);
  };
  return { attrs: [{ name: 'driver_override', mode: 0o644, show, store }] };
}
