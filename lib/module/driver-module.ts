import type { Driver } from '../base/driver';
import type { Kernel } from '../base/kernel';
import type { BusType, DeviceDriver } from '../base/types';
import { ErrnoError } from '../errno';
import type { MaySleep } from '../may-sleep';
import type { Module, ModuleDef } from './kernel-module';

/** Registers drivers of a bus in one kernel, if the bus does more than the core. */
export interface DriverRegistration {
  /** @throws ErrnoError as Kernel.registerDriver, and what the bus refuses with: the driver is not registered then */
  register(def: DeviceDriver<never>, owner: Module | null): MaySleep<Driver>;
  unregister(drv: Driver): MaySleep<void>;
}

/** How a module of drivers is made. */
export interface DriverModuleOptions {
  /** Default: the first driver's name, with underscores. */
  readonly name?: string;
  /** Patterns beside those of the drivers' id tables. @see include/linux/module.h MODULE_ALIAS */
  readonly aliases?: readonly string[];
  /** See {@link ModuleDef.depends}. */
  readonly depends?: readonly string[];
  /** Default: that of the core. */
  readonly registration?: DriverRegistration;
}

/** Patterns of the devices that a driver's id tables are for, as its bus writes them. */
export function driverAliases(def: DeviceDriver<never>): readonly string[] {
  return (def.bus as unknown as BusType).aliases?.(def) ?? [];
}

/**
 * A module that registers drivers in order when it is loaded and unregisters them in reverse when it is unloaded. Its
 * aliases follow from their id tables.
 *
 * @see include/linux/device/driver.h module_driver
 */
export function driverModule(
  drivers: DeviceDriver<never> | readonly [DeviceDriver<never>, ...DeviceDriver<never>[]],
  options: DriverModuleOptions = {},
): ModuleDef {
  const defs = 'name' in drivers ? ([drivers] as const) : drivers;
  return {
    name: options.name ?? defs[0].name.replaceAll('-', '_'),
    aliases: [...new Set([...defs.flatMap(driverAliases), ...(options.aliases ?? [])])],
    depends: options.depends ?? [],
    init: (kernel, module) => registerAll(module, defs, options.registration ?? ofCore(kernel)),
    exit: (kernel, module) => unregisterAll(module, options.registration ?? ofCore(kernel)),
  };
}

function ofCore(kernel: Kernel): DriverRegistration {
  return { register: (def, owner) => kernel.registerDriver(def, owner), unregister: (drv) => drv.unregister() };
}

/** When one is refused, those before it are taken back. */
async function registerAll(
  module: Module,
  defs: readonly DeviceDriver<never>[],
  registration: DriverRegistration,
): Promise<void> {
  const registered: Driver[] = [];
  module.data = registered;
  try {
    for (const def of defs) registered.push(await registration.register(def, module));
  } catch (error) {
    if (error instanceof ErrnoError) await unregisterAll(module, registration);
    throw error;
  }
}

async function unregisterAll(module: Module, registration: DriverRegistration): Promise<void> {
  const registered = module.data as Driver[];
  for (const drv of registered.splice(0).reverse()) await registration.unregister(drv);
}
