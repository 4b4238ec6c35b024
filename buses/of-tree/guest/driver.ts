import { EINVAL, ENODEV, ENXIO, ErrnoError } from '../../../lib/errno';
import type { Driver } from '../../../lib/base/driver';
import type { Kernel } from '../../../lib/base/kernel';
import type { MaySleep } from '../../../lib/may-sleep';
import type { PlatformDevice, PlatformDriver } from './device';

/**
 * Registers a driver for existing devices: its probe runs now or never. Later binds give ENXIO.
 *
 * @throws ErrnoError EINVAL for a driver that prefers asynchronous probes, ENODEV when no device was bound (the driver
 *   is not registered then), and as registerDriver
 * @see drivers/base/platform.c __platform_driver_probe
 */
export async function platformDriverProbe(
  kernel: Kernel,
  def: PlatformDriver,
  probe: (dev: PlatformDevice) => MaySleep<number | void>,
): Promise<Driver<PlatformDriver>> {
  const syscall = '__platform_driver_probe';
  if (def.probeType === 'prefer-asynchronous') {
    kernel.log.err(`${def.name}: drivers registered with ${syscall} can not be probed asynchronously`);
    throw new ErrnoError(EINVAL, { syscall, path: def.name });
  }
  let over = false;
  const once: PlatformDriver = {
    ...def,
    probeType: 'force-synchronous',
    suppressBindAttrs: true,
    preventDeferredProbe: true,
    probe: (dev) => (over ? -ENXIO : probe(dev)),
  };
  const registered = await kernel.registerDriver(once);
  over = true;
  if (registered.klistDevices.length > 0) return registered;
  await registered.unregister();
  throw new ErrnoError(ENODEV, { syscall, path: def.name });
}

/**
 * Registers drivers in order; when one is refused, those before it are taken back in reverse.
 *
 * @throws ErrnoError as registerDriver
 * @see drivers/base/platform.c __platform_register_drivers
 */
export async function platformRegisterDrivers(
  kernel: Kernel,
  defs: readonly PlatformDriver[],
): Promise<readonly Driver<PlatformDriver>[]> {
  const registered: Driver<PlatformDriver>[] = [];
  for (const def of defs) {
    try {
      registered.push(await kernel.registerDriver(def));
    } catch (error) {
      for (const drv of registered.reverse()) await drv.unregister();
      throw error;
    }
  }
  return registered;
}
