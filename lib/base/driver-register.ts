import { check, EBUSY, EINVAL } from '../errno';
import { kobjectGet } from '../kobject/kobject';
import { kobjectAdd, kobjectPut } from '../kobject/kobject-life';
import { kobjectUevent } from '../kobject/uevent';
import { andThen, type MaySleep } from '../may-sleep';
import type { Attribute, AttributeGroup } from '../sysfs/attribute';
import { createGroups, removeGroups } from '../sysfs/group';
import { PAGE_SIZE } from '../sysfs/open-file';
import { utf8Length } from '../utf8';
import { drvAttrBind, drvAttrUevent, drvAttrUnbind } from './bus-files';
import { driverAttach } from './dd';
import type { Device } from './device';
import { Driver } from './driver';
import type { KernelCore } from './kernel-core';
import type { ModuleKobject } from './module-kobject';
import { moduleAddDriver, moduleRemoveDriver } from './module-links';
import { driverDetach } from './release-driver';
import type { BusType, DeviceDriver } from './types';

/**
 * Registers a driver, tries to bind it to every device of its bus, and only then adds its files and sends its event.
 *
 * @param owner the module that it came with
 * @returns the registration, also when no device was bound; the error of its bus; -EINVAL when the bus is not
 *   registered, -EBUSY when the name is taken on the bus, the error of the directory or of the driver's own files: then
 *   its devices have been unbound again
 * @see drivers/base/driver.c driver_register
 */
export function driverRegister(
  kernel: KernelCore,
  def: DeviceDriver,
  owner: ModuleKobject | null = null,
): MaySleep<Driver | number> {
  const refused = (def.bus as unknown as BusType).checkDriver?.(def) ?? 0;
  if (refused !== 0) return refused;
  const bus = kernel.busOf(def.bus);
  if (bus === null) {
    kernel.log.err(
      `Driver '${def.name}' was unable to register with bus_type '${def.bus.name}' ` +
        'because the bus was not initialized.',
    );
    return -EINVAL;
  }
  warnOfTwoOwners(kernel, def);
  if (bus.findDriver(def.name) !== null) {
    kernel.log.err(`Error: Driver '${def.name}' is already registered, aborting...`);
    return -EBUSY;
  }
  const drv = new Driver(kernel, def, bus, owner);
  return andThen(busAddDriver(drv), addDriverGroups, drv);
}

function warnOfTwoOwners(kernel: KernelCore, def: DeviceDriver): void {
  const { bus } = def;
  if (bus.callsDriver === true) return;
  const both = (['probe', 'remove', 'shutdown'] as const).some(
    (verb) => bus[verb] !== undefined && def[verb] !== undefined,
  );
  if (both) kernel.log.warn(`Driver '${def.name}' needs updating - please use bus_type methods`);
}

function addDriverGroups(error: number, drv: Driver): MaySleep<Driver | number> {
  if (error !== 0) return error;
  const groupsError = driverAddGroups(drv, drv.def.groups);
  if (groupsError !== 0) return busRemoveDriver(drv).then(() => groupsError);
  kobjectUevent(drv, 'add');
  drv.kernel.deferred.extendTimeout();
  return drv;
}

/** @see drivers/base/bus.c bus_add_driver */
function busAddDriver(drv: Driver): MaySleep<number> {
  const { bus } = drv;
  kobjectGet(bus);
  drv.kernel.log.dbg(() => `bus: '${bus.type.name}': add driver ${drv.def.name}`);
  const error = kobjectAdd(drv, null, drv.def.name);
  if (error !== 0) {
    kobjectPut(drv);
    kobjectPut(bus);
    return error;
  }
  if (drv.sd !== null) drv.sd.view = drv.links;
  drv.knodeBus = bus.klistDrivers.addTail(drv);
  bus.keyIndex?.add(drv, drv.knodeBus);
  return andThen(bus.driversAutoprobe ? driverAttach(drv) : 0, addFiles, drv);
}

/** A driver that already has devices is not given up for a file. */
function addFiles(_: number, drv: Driver): number {
  const { bus, def, kernel } = drv;
  moduleAddDriver(drv);
  const failed = (what: string): void => kernel.log.err(`bus_add_driver: ${what}(${def.name}) failed`);
  if (drv.sd?.addFile(drvAttrUevent) !== 0) kernel.log.err(`bus_add_driver: uevent attr (${def.name}) failed`);
  if (driverAddGroups(drv, bus.type.drvGroups) !== 0) failed('driver_add_groups');
  if (def.suppressBindAttrs !== true && addBindFiles(drv) !== 0) failed('add_bind_files');
  return 0;
}

/** @see drivers/base/bus.c add_bind_files */
function addBindFiles(drv: Driver): number {
  const { sd } = drv;
  if (sd === null) return 0;
  const error = sd.addFile(drvAttrUnbind);
  if (error !== 0) return error;
  const bindError = sd.addFile(drvAttrBind);
  if (bindError !== 0) void sd.removeName('unbind');
  return bindError;
}

function driverAddGroups(drv: Driver, groups: readonly AttributeGroup<never>[] | undefined): number {
  return drv.sd === null ? 0 : createGroups(drv.sd, groups);
}

/** @see drivers/base/driver.c driver_unregister */
export async function driverUnregister(drv: Driver): Promise<void> {
  if (drv.knodeBus === null) {
    drv.kernel.warn('Unexpected driver unregister!');
    return;
  }
  if (drv.sd !== null) await removeGroups(drv.sd, drv.def.groups);
  await busRemoveDriver(drv);
}

/** @see drivers/base/bus.c bus_remove_driver */
async function busRemoveDriver(drv: Driver): Promise<void> {
  const { bus, def, sd } = drv;
  if (def.suppressBindAttrs !== true) {
    await sd?.removeName('bind');
    await sd?.removeName('unbind');
  }
  if (sd !== null) await removeGroups(sd, bus.type.drvGroups);
  await sd?.removeName('uevent');
  const node = drv.knodeBus;
  drv.knodeBus = null;
  bus.keyIndex?.remove(drv);
  if (node !== null) await bus.klistDrivers.remove(node, drv.kernel.world, def.name);
  await driverDetach(drv);
  moduleRemoveDriver(drv);
  kobjectPut(drv);
  kobjectPut(bus);
}

/** @throws ErrnoError EEXIST @see drivers/base/driver.c driver_create_file */
export function driverCreateFile(drv: Driver, attr: Attribute<never>): void {
  check(drv.sd?.addFile(attr) ?? -EINVAL, 'driver_create_file', `${drv.def.name}/${attr.name}`);
}

/** A NUL or a newline ends the name; a text without a name clears. @see drivers/base/driver.c driver_set_override */
export async function driverSetOverride(dev: Device, text: string): Promise<number> {
  if (utf8Length(text) >= PAGE_SIZE - 1) return -EINVAL;
  const name = /^[^\0\n]*/.exec(text)?.[0] ?? '';
  await dev.lock();
  dev.driverOverride = name === '' ? null : name;
  if (dev.bus !== null) {
    dev.bus.klistDevices.changes++;
    dev.bus.klistDrivers.changes++;
  }
  dev.unlock();
  return 0;
}
