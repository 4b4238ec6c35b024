import { EINVAL, EIO } from '../../errno';
import { attrRo, attrRw, type Attribute, type AttributeGroup } from '../../sysfs/attribute';
import { createGroup } from '../../sysfs/group';
import type { Device } from '../device';

/** What users have set in `power/`, where it is not as it was. */
interface Settings {
  isForbidden?: boolean;
  isAsync?: boolean;
  wakeup?: boolean;
}

const settingsOfDevices = (): WeakMap<Device, Settings> => new WeakMap();

function settingsOf(dev: Device): Settings {
  return dev.kernel.stateOf(settingsOfDevices).get(dev) ?? {};
}

function change(dev: Device, setting: Settings): void {
  dev.kernel.stateOf(settingsOfDevices).set(dev, { ...settingsOf(dev), ...setting });
}

function isForbidden(dev: Device): boolean {
  return settingsOf(dev).isForbidden ?? dev.runtimePm.isForbidden;
}

function usageOf(dev: Device): number {
  return dev.runtimePm.usage + (isForbidden(dev) ? 1 : 0);
}

function activeKids(dev: Device): number {
  return [...dev.children()].filter((child) => child.runtimePm.isEnabled && isActive(child)).length;
}

function isActive(dev: Device): boolean {
  return usageOf(dev) > 0 || activeKids(dev) > 0;
}

/** @see drivers/base/power/sysfs.c runtime_status_show */
function statusOf(dev: Device): string {
  if (!dev.runtimePm.isEnabled) return 'unsupported';
  return isActive(dev) ? 'active' : 'suspended';
}

/** @see drivers/base/power/sysfs.c runtime_enabled_show */
function enabledText(dev: Device): string {
  const { isEnabled } = dev.runtimePm;
  if (!isEnabled) return isForbidden(dev) ? 'disabled & forbidden' : 'disabled';
  return isForbidden(dev) ? 'forbidden' : 'enabled';
}

function choice(text: string, yes: string, no: string, set: (value: boolean) => void): number | void {
  const word = text.replace(/\n$/, '');
  if (word !== yes && word !== no) return -EINVAL;
  set(word === yes);
}

const line = (text: string | number): string => `${String(text)}\n`;

const plainAttrs: readonly Attribute<Device>[] = [
  attrRw<Device>(
    'async',
    (dev) => line((settingsOf(dev).isAsync ?? dev.runtimePm.isAsync) ? 'enabled' : 'disabled'),
    (dev, text) => choice(text, 'enabled', 'disabled', (isAsync) => change(dev, { isAsync })),
  ),
  attrRo<Device>('runtime_status', (dev) => line(statusOf(dev))),
  attrRo<Device>('runtime_usage', (dev) => line(usageOf(dev))),
  attrRo<Device>('runtime_active_kids', (dev) => line(activeKids(dev))),
  attrRo<Device>('runtime_enabled', (dev) => line(enabledText(dev))),
];

const NS_PER_MS = 1e6;

/** Nothing here has ever slept, so that all time was active time. */
const callbackAttrs: readonly Attribute<Device>[] = [
  attrRw<Device>(
    'control',
    (dev) => line(isForbidden(dev) ? 'on' : 'auto'),
    (dev, text) => choice(text, 'on', 'auto', (forbidden) => change(dev, { isForbidden: forbidden })),
  ),
  attrRo<Device>('runtime_active_time', (dev) => {
    const { now } = dev.kernel.world;
    return line(dev.runtimePm.isEnabled ? Math.floor(now / NS_PER_MS) : 0);
  }),
  attrRo<Device>('runtime_suspended_time', () => line(0)),
  attrRw<Device>(
    'autosuspend_delay_ms',
    () => -EIO,
    () => -EIO,
  ),
];

function mayWakeup(dev: Device): boolean {
  return settingsOf(dev).wakeup ?? dev.runtimePm.wakeup ?? false;
}

/** Nothing is counted before a user allows it. */
function counter(name: string): Attribute<Device> {
  return attrRo<Device>(name, (dev) => line(mayWakeup(dev) ? 0 : ''));
}

const wakeupAttrs: readonly Attribute<Device>[] = [
  attrRw<Device>(
    'wakeup',
    (dev) => line(mayWakeup(dev) ? 'enabled' : 'disabled'),
    (dev, text) => choice(text, 'enabled', 'disabled', (wakeup) => change(dev, { wakeup })),
  ),
  ...[
    'count',
    'active_count',
    'abort_count',
    'expire_count',
    'active',
    'total_time_ms',
    'max_time_ms',
    'last_time_ms',
  ].map((what) => counter(`wakeup_${what}`)),
];

/** One object for each combination, so that devices share the list of their files. */
const GROUPS: readonly AttributeGroup<Device>[] = [
  plainAttrs,
  [...plainAttrs, ...callbackAttrs],
  [...plainAttrs, ...wakeupAttrs],
  [...plainAttrs, ...callbackAttrs, ...wakeupAttrs],
].map((attrs) => ({ name: 'power', attrs }));

/** The directory `power`, in a kernel with power management. @see drivers/base/power/sysfs.c dpm_sysfs_add */
export function dpmSysfsAdd(dev: Device): number {
  if (!dev.kernel.hasPm || dev.sd === null) return 0;
  const { hasCallbacks, wakeup } = dev.runtimePm;
  const group = GROUPS[(hasCallbacks ? 1 : 0) + (wakeup === undefined ? 0 : 2)];
  return group === undefined ? 0 : createGroup(dev.sd, group);
}

/** @see drivers/base/power/sysfs.c dpm_sysfs_remove */
export function dpmSysfsRemove(dev: Device): void {
  if (dev.kernel.hasPm) void dev.sd?.removeName('power');
}
