import type { Kernel } from '../../../lib/base/kernel';
import type { MaySleep } from '../../../lib/may-sleep';
import type { GuestBus } from '../../../lib/machine/fixture';
import { registerVirtioBus } from '../../../lib/virtio';
import { ps3SystemBus } from './bus';
import { ps3Registration } from './registration';
import { type Ps3Driver, type Ps3Strategy, Ps3System } from './device';

/**
 * Registers the bus and makes its devices; `transport` is for who registers drivers.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_init, device-init.c ps3_register_devices
 */
export function bootSystemBus(
  kernel: Kernel,
  strategy: Ps3Strategy,
  transport: Ps3Driver,
  styles: readonly number[] = [],
): MaySleep<GuestBus> {
  const system = new Ps3System(kernel, strategy, ps3SystemBus, styles);
  const scan = (): MaySleep<void> => strategy.scan(system);
  const boot = async (): Promise<GuestBus> => {
    await system.register();
    await kernel.registerBus(ps3SystemBus);
    await registerVirtioBus(kernel);
    await scan();
    const run = (body: () => MaySleep<void>): MaySleep<void> => kernel.world.run(body, 'ps3_register_devices', kernel);
    return {
      busName: ps3SystemBus.name,
      transport,
      registration: ps3Registration(system),
      rescan: () => run(scan),
      configure: () => run(() => strategy.configure?.(system)),
      createWrite: (name) => strategy.createWrite?.(name) ?? null,
      onlineWrite: (name) => strategy.onlineWrite?.(name) ?? null,
      leave: () => run(() => strategy.leave?.(system)),
    };
  };
  return kernel.world.run(boot, 'ps3_register_devices', kernel);
}
