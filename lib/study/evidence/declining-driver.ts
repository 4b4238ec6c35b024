import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import { ENODEV } from '../../errno';

/**
 * A driver that does the same as the transport driver and then examines the device, still in its probe. It cleans up
 * and returns -ENODEV for a device that it does not want.
 *
 * @param wants called for each device that is probed
 */
export function decliningDriver(
  transport: DeviceDriver<never>,
  name: string,
  wants: (dev: Device) => Promise<boolean>,
): DeviceDriver<never> {
  const like = transport as DeviceDriver;
  const declining: DeviceDriver = {
    ...like,
    name,
    async probe(dev: Device): Promise<number> {
      const result = (await like.probe?.(dev)) ?? 0;
      if (result !== 0 || (await wants(dev))) return result;
      await like.remove?.(dev);
      return -ENODEV;
    },
  };
  return declining;
}
