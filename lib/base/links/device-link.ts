import { attrRo } from '../../sysfs/attribute';
import { Device } from '../device';
import type { KernelCore } from '../kernel-core';
import type { ClassInterface, DeviceClass } from '../types';
import { DL_FLAG } from './flags';

/** State of a link, in the words of its file `status`. @see drivers/base/core.c status_show */
export type DeviceLinkState =
  'not tracked' | 'dormant' | 'available' | 'consumer probing' | 'active' | 'supplier unbinding';

/** Name of a device's bus or class, for names of links. @see drivers/base/core.c dev_bus_name */
function devBusName(dev: Device): string {
  return dev.bus?.type.name ?? dev.class?.type.name ?? '';
}

function endName(dev: Device): string {
  return `${devBusName(dev)}:${dev.name ?? ''}`;
}

/**
 * A dependence of one device on another: a device of the class `devlink` itself.
 *
 * @see include/linux/device.h struct device_link
 */
export class DeviceLink extends Device {
  status: DeviceLinkState = 'not tracked';
  kref = 1;

  constructor(
    kernel: KernelCore,
    readonly consumer: Device,
    readonly supplier: Device,
    public flags: number,
  ) {
    super(kernel, { name: `${endName(supplier)}--${endName(consumer)}`, class: devlinkClass });
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}

function autoRemoveOn(link: DeviceLink): string {
  if (link.has(DL_FLAG.AUTOREMOVE_SUPPLIER)) return 'supplier unbind';
  return link.has(DL_FLAG.AUTOREMOVE_CONSUMER) ? 'consumer unbind' : 'never';
}

/** @see drivers/base/core.c devlink_class */
export const devlinkClass: DeviceClass<DeviceLink> = {
  name: 'devlink',
  devGroups: [
    {
      attrs: [
        attrRo('status', (link) => `${link.status}\n`),
        attrRo('auto_remove_on', (link) => `${autoRemoveOn(link)}\n`),
        attrRo('runtime_pm', (link) => (link.has(DL_FLAG.PM_RUNTIME) ? '1\n' : '0\n')),
        attrRo('sync_state_only', (link) => (link.has(DL_FLAG.SYNC_STATE_ONLY) ? '1\n' : '0\n')),
      ],
    },
  ],
  devRelease: (link) => link.kernel.links.queueRelease(link),
};

/** Links in /sys between a device link and its two ends. @see drivers/base/core.c devlink_class_intf */
export const devlinkInterface: ClassInterface<DeviceLink> = { addDev: addSymlinks, removeDev: removeSymlinks };

/** @see drivers/base/core.c devlink_add_symlinks */
function addSymlinks(link: DeviceLink): void {
  const { supplier, consumer, sd } = link;
  const made: (() => void)[] = [];
  const add = (from: Device, name: string, to: Device): boolean => {
    if (from.sd?.addLink(name, to.sd) !== 0) return false;
    made.push(() => void from.sd?.removeName(name));
    return true;
  };
  const all =
    sd !== null &&
    add(link, 'supplier', supplier) &&
    add(link, 'consumer', consumer) &&
    add(supplier, `consumer:${endName(consumer)}`, link) &&
    add(consumer, `supplier:${endName(supplier)}`, link);
  if (!all) for (const undo of made.reverse()) undo();
}

/** @see drivers/base/core.c devlink_remove_symlinks */
function removeSymlinks(link: DeviceLink): void {
  const { supplier, consumer } = link;
  void link.sd?.removeName('consumer');
  void link.sd?.removeName('supplier');
  if (consumer.isRegistered) void consumer.sd?.removeName(`supplier:${endName(supplier)}`);
  void supplier.sd?.removeName(`consumer:${endName(consumer)}`);
}
