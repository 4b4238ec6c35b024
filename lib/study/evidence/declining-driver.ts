import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import { ENODEV } from '../../errno';

/**
 * A driver that does all that the transport driver does and then looks at the device, still in its probe. One that it
 * does not want it leaves in good order, with ENODEV.
 *
 * @param wants told of each device that it was shown
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
