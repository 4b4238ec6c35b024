import type { Driver } from '../../../lib/base/driver';
import { ErrnoError } from '../../../lib/errno';
import type { DriverRegistration } from '../../../lib/module';
import { ps3SystemBus } from './bus';
import type { Ps3System } from './device';

/**
 * Registers and unregisters drivers of this bus, with the strategy's callbacks. Drivers of other buses are not
 * affected.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_driver_register, ps3_system_bus_driver_unregister
 */
export function ps3Registration(system: Ps3System): DriverRegistration {
  const { kernel, strategy } = system;
  const unregister = async (drv: Driver): Promise<void> => {
    if (drv.bus.type.name === ps3SystemBus.name) await strategy.driverLeaves?.(system, drv);
    await drv.unregister();
  };
  const announce = async (drv: Driver): Promise<void> => {
    try {
      if (drv.bus.type.name === ps3SystemBus.name) await strategy.driverRegistered?.(system, drv);
    } catch (error) {
      if (error instanceof ErrnoError) await unregister(drv);
      throw error;
    }
  };
  return {
    register: (def, owner) =>
      kernel.world.run(
        async () => {
          const drv = await kernel.registerDriver(def, owner);
          await announce(drv);
          return drv;
        },
        'ps3_system_bus_driver_register',
        kernel,
      ),
    unregister: (drv) => kernel.world.run(() => unregister(drv), 'ps3_system_bus_driver_unregister', kernel),
  };
}
