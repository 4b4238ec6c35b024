import type { Driver } from '../base/driver';
import type { Kernel } from '../base/kernel';
import type { BusType, DeviceDriver } from '../base/types';
import { ErrnoError } from '../errno';
import type { Module, ModuleDef } from './kernel-module';

/** How a module of drivers is made. */
export interface DriverModuleOptions {
  /** Default: the first driver's name, with underscores. */
  readonly name?: string;
  /** Patterns beside those of the drivers' id tables. @see include/linux/module.h MODULE_ALIAS */
  readonly aliases?: readonly string[];
  /** See {@link ModuleDef.depends}. */
  readonly depends?: readonly string[];
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
    init: (kernel, module) => registerAll(kernel, module, defs),
    exit: (_kernel, module) => unregisterAll(module),
  };
}

/** When one is refused, those before it are taken back. */
async function registerAll(kernel: Kernel, module: Module, defs: readonly DeviceDriver<never>[]): Promise<void> {
  const registered: Driver[] = [];
  module.data = registered;
  try {
    for (const def of defs) registered.push(await kernel.registerDriver(def, module));
  } catch (error) {
    if (error instanceof ErrnoError) await unregisterAll(module);
    throw error;
  }
}

async function unregisterAll(module: Module): Promise<void> {
  const registered = module.data as Driver[];
  for (const drv of registered.splice(0).reverse()) await drv.unregister();
}
