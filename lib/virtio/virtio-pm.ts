import { guard } from '../base/guard';
import { climb, ladder } from '../base/steps';
import { andThen, type MaySleep } from '../may-sleep';
import { STATUS } from './spec';
import { virtioConfigDisable, virtioConfigEnable } from './virtio-config';
import { virtioBreakDevice, type VirtioDevice } from './virtio-device';
import { finalizeFeatures, readyIfNot, setFailed, virtioFeaturesOk } from './virtio-probe';

interface Sleeping {
  readonly dev: VirtioDevice;
}

export const FREEZE = ladder<Sleeping>('virtio_device_freeze', [
  { name: 'virtio_config_disable', cannotFail: true, do: ({ dev }) => virtioConfigDisable(dev), undo: listenAgain },
  { name: 'get_status', do: ({ dev }) => rememberFailed(dev) },
  { name: 'drv->freeze', do: ({ dev }) => dev.virtioDriver?.freeze?.(dev) },
]);

/** A device that fails to freeze continues to work. */
function listenAgain({ dev }: Sleeping): void {
  if (dev.virtioDriver !== null) virtioConfigEnable(dev);
}

function rememberFailed(dev: VirtioDevice): MaySleep<void> {
  return andThen(dev.transport.getStatus(), (status) => {
    dev.isFailed = (status & STATUS.FAILED) !== 0;
  });
}

/**
 * For transports, at suspend: the driver freezes and resets the device, and stays bound.
 *
 * @returns 0, or the error of driver or transport: the device then continues to work
 * @see drivers/virtio/virtio.c virtio_device_freeze
 */
export function virtioDeviceFreeze(dev: VirtioDevice): MaySleep<number> {
  const where = (): string => `virtio_device_freeze: device ${String(dev.name)}`;
  return guard(dev.kernel.world, where, () => climb(FREEZE, { dev }));
}

/** What a device needs before any driver may have it. */
export const RESET = ladder<Sleeping>('virtio_device_restore', [
  { name: 'virtio_reset_device', do: ({ dev }) => dev.transport.reset() },
  { name: 'virtio_add_status(ACKNOWLEDGE)', do: ({ dev }) => dev.addStatus(STATUS.ACKNOWLEDGE) },
  { name: 'virtio_add_status(FAILED)', do: failedBefore },
]);

/** For observers of the status. */
function failedBefore({ dev }: Sleeping): MaySleep<void> {
  return dev.isFailed ? dev.addStatus(STATUS.FAILED) : undefined;
}

/** The features are those that were agreed on before; the device may refuse them. */
export const RESTORE = ladder<Sleeping>('virtio_device_restore', [
  { name: 'virtio_add_status(DRIVER)', do: ({ dev }) => dev.addStatus(STATUS.DRIVER) },
  { name: 'finalize_features', do: ({ dev }) => finalizeFeatures(dev) },
  { name: 'virtio_features_ok', do: ({ dev }) => virtioFeaturesOk(dev) },
  { name: 'drv->restore', do: ({ dev }) => dev.virtioDriver?.restore?.(dev) },
  { name: 'virtio_device_ready', do: ({ dev }) => readyIfNot(dev) },
  { name: 'virtio_config_enable', cannotFail: true, do: ({ dev }) => virtioConfigEnable(dev) },
]);

/**
 * For transports, at resume: the device may be in any state, and is restored to the state before the freeze.
 *
 * @returns 0, or the error of device, driver or transport; the device's status then has FAILED, its queues are broken,
 *   and the driver stays bound
 * @see drivers/virtio/virtio.c virtio_device_restore
 */
export function virtioDeviceRestore(dev: VirtioDevice): MaySleep<number> {
  const where = (): string => `virtio_device_restore: device ${String(dev.name)}`;
  dev.isBroken = false;
  const restore = (error: number): MaySleep<number> =>
    error !== 0 || dev.virtioDriver === null ? error : climb(RESTORE, { dev });
  const restored = guard(dev.kernel.world, where, () => andThen(climb(RESET, { dev }), restore));
  return andThen(restored, (error) => (error === 0 ? 0 : andThen(lost(dev), () => error)));
}

/** Waits for the device would never end: its driver is notified, with queues or without. */
function lost(dev: VirtioDevice): MaySleep<unknown> {
  const hadQueues = dev.vqs.length > 0;
  virtioBreakDevice(dev);
  if (!hadQueues) dev.virtioDriver?.broken?.(dev);
  return setFailed(dev);
}
