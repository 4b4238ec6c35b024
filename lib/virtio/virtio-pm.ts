import { guard } from '../base/guard';
import { climb, type Ladder } from '../base/steps';
import { after, type MaySleep } from '../may-sleep';
import { STATUS } from './spec';
import { virtioConfigDisable, virtioConfigEnable } from './virtio-config';
import type { VirtioDevice } from './virtio-device';
import { finalizeFeatures, readyIfNot, setFailed, virtioFeaturesOk } from './virtio-probe';

/**
 * For transports, when the machine goes to sleep: the driver leaves the device, which forgets all, and stays bound.
 *
 * @returns 0, or what the driver refused with
 * @see drivers/virtio/virtio.c virtio_device_freeze
 */
export function virtioDeviceFreeze(dev: VirtioDevice): MaySleep<number> {
  const where = (): string => `virtio_device_freeze: device ${String(dev.name)}`;
  return guard(dev.kernel.world, where, () =>
    after(virtioConfigDisable(dev), () =>
      after(dev.transport.getStatus(), (status) => {
        dev.isFailed = (status & STATUS.FAILED) !== 0;
        return dev.virtioDriver?.freeze?.(dev);
      }),
    ),
  );
}

interface Restoring {
  readonly dev: VirtioDevice;
}

/** What a device needs before any driver may have it. */
const RESET: Ladder<Restoring> = {
  fn: 'virtio_device_restore',
  steps: [
    { name: 'virtio_reset_device', sure: true, do: ({ dev }) => dev.reset() },
    { name: 'virtio_add_status(ACKNOWLEDGE)', sure: true, do: ({ dev }) => dev.addStatus(STATUS.ACKNOWLEDGE) },
    // For who looks at the status: the driver had failed before.
    { name: 'virtio_add_status(FAILED)', sure: true, do: ({ dev }) => (dev.isFailed ? dev.addStatus(STATUS.FAILED) : 0) },
  ],
};

/** The features are those that were agreed on before; the device may refuse them. */
const RESTORE: Ladder<Restoring> = {
  fn: 'virtio_device_restore',
  steps: [
    { name: 'virtio_add_status(DRIVER)', sure: true, do: ({ dev }) => dev.addStatus(STATUS.DRIVER) },
    { name: 'finalize_features', do: ({ dev }) => finalizeFeatures(dev) },
    { name: 'virtio_features_ok', do: ({ dev }) => virtioFeaturesOk(dev) },
    { name: 'drv->restore', do: ({ dev }) => dev.virtioDriver?.restore?.(dev) },
    { name: 'virtio_device_ready', sure: true, do: ({ dev }) => readyIfNot(dev) },
    { name: 'virtio_config_enable', sure: true, do: ({ dev }) => virtioConfigEnable(dev) },
  ],
};

/**
 * For transports, when the machine wakes: the device may be in any state, and must end in the one that its driver left.
 *
 * @returns 0, or what device or driver refused with; the device's status then has FAILED, and the driver stays bound
 * @see drivers/virtio/virtio.c virtio_device_restore
 */
export function virtioDeviceRestore(dev: VirtioDevice): MaySleep<number> {
  const where = (): string => `virtio_device_restore: device ${String(dev.name)}`;
  dev.isBroken = false;
  const restored = guard(dev.kernel.world, where, () =>
    after(climb(RESET, { dev }), () => (dev.virtioDriver === null ? 0 : climb(RESTORE, { dev }))),
  );
  return after(restored, (error) => (error === 0 ? 0 : after(setFailed(dev), () => error)));
}
