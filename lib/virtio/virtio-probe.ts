import { devMessage } from '../base/device';
import { guard } from '../base/guard';
import { climb, descent, ladder } from '../base/steps';
import { ENODEV } from '../errno';
import { andThen, type MaySleep } from '../may-sleep';
import { FEATURE, hasFeature, NO_STATUS, STATUS } from './spec';
import { virtioConfigDisable, virtioConfigEnable } from './virtio-config';
import { virtioBreakDevice, type VirtioDevice, type VirtioDriver } from './virtio-device';
import { commonFeatures, vringTransportFeatures } from './virtio-features';

interface Probing {
  readonly dev: VirtioDevice;
  readonly drv: VirtioDriver;
}

/**
 * Any failure: status FAILED. The steps after the driver's probe cannot fail in Linux; here a transport can, and the
 * driver's remove is called.
 */
export const PROBE = ladder<Probing>('virtio_dev_probe', [
  { name: 'reset after FAILED', do: ({ dev }) => startAgain(dev) },
  { name: 'virtio_add_status(DRIVER)', do: ({ dev }) => dev.addStatus(STATUS.DRIVER) },
  { name: 'get_features', do: agreeOnFeatures },
  { name: 'finalize_features', do: ({ dev }) => finalizeFeatures(dev) },
  { name: 'validate', do: validate },
  { name: 'virtio_features_ok', do: ({ dev }) => virtioFeaturesOk(dev) },
  { name: 'drv->probe', do: ({ dev, drv }) => drv.probe(dev), undo: leave },
  { name: 'virtio_device_ready', do: ({ dev }) => readyIfNot(dev) },
  { name: 'drv->scan', do: ({ dev, drv }) => drv.scan?.(dev) },
  { name: 'virtio_config_enable', cannotFail: true, do: ({ dev }) => virtioConfigEnable(dev) },
]);

/** A device that was given up needs a reset before the next try: VIRTIO 1.2 §2.1.1. Linux hopes that it forgives. */
function startAgain(dev: VirtioDevice): MaySleep<void> {
  dev.isBroken = false;
  if (!dev.isFailed) return undefined;
  dev.isFailed = false;
  return andThen(dev.transport.reset(), () => dev.addStatus(STATUS.ACKNOWLEDGE));
}

function agreeOnFeatures({ dev, drv }: Probing): MaySleep<void> {
  return andThen(dev.transport.getFeatures(), (offered) => {
    dev.features = commonFeatures(offered, drv);
  });
}

/** The transport has the last word on its own bits. */
export function finalizeFeatures(dev: VirtioDevice): MaySleep<number> {
  const { transport } = dev;
  dev.features = transport.transportFeatures?.(dev.features) ?? vringTransportFeatures(dev.features);
  return transport.finalizeFeatures(dev.features);
}

/** A driver that changes its mind has the features written again. */
function validate({ dev, drv }: Probing): MaySleep<number | void> {
  if (drv.validate === undefined) return undefined;
  const before = dev.features;
  return andThen(drv.validate(dev), (error) => {
    if (error !== undefined && error !== 0) return error;
    return dev.features === before ? 0 : finalizeFeatures(dev);
  });
}

/**
 * The device confirms the negotiated features; for one without VERSION_1 this is skipped.
 *
 * @see drivers/virtio/virtio.c virtio_features_ok, VIRTIO 1.2 §3.1.1
 */
export function virtioFeaturesOk(dev: VirtioDevice): MaySleep<number> {
  if (!hasFeature(dev.features, FEATURE.VERSION_1)) return 0;
  return andThen(dev.addStatus(STATUS.FEATURES_OK), () =>
    andThen(dev.transport.getStatus(), (status) => {
      if ((status & STATUS.FEATURES_OK) !== 0) return 0;
      dev.kernel.log.err(devMessage(dev, `virtio: device refuses features: ${status.toString(16)}`));
      return -ENODEV;
    }),
  );
}

/** For drivers that did not do it themselves. */
export function readyIfNot(dev: VirtioDevice): MaySleep<void> {
  const isReady = (status: number): boolean => (status & STATUS.DRIVER_OK) !== 0 && status !== NO_STATUS;
  return andThen(dev.transport.getStatus(), (status) => (isReady(status) ? undefined : dev.ready()));
}

/**
 * Binds a driver to a device.
 *
 * @returns 0, or the error of a step; the device's status then has FAILED
 * @see drivers/virtio/virtio.c virtio_dev_probe
 */
export function virtioDevProbe(dev: VirtioDevice): MaySleep<number> {
  const drv = dev.virtioDriver;
  if (drv === null) return -ENODEV;
  const where = (): string => `virtio_dev_probe: driver ${drv.name}, device ${String(dev.name)}`;
  return andThen(
    guard(dev.kernel.world, where, () => climb(PROBE, { dev, drv })),
    (error) => (error === 0 ? 0 : andThen(setFailed(dev), () => error)),
  );
}

/** If not even the status can be written, nothing changes. */
export function setFailed(dev: VirtioDevice): MaySleep<unknown> {
  dev.isFailed = true;
  const where = (): string => `virtio_add_status: device ${String(dev.name)}`;
  return guard(dev.kernel.world, where, () => dev.addStatus(STATUS.FAILED));
}

interface Leaving {
  readonly dev: VirtioDevice;
}

export const REMOVE = descent<Leaving>('virtio_dev_remove', [
  { name: 'virtio_config_disable', cannotFail: true, do: ({ dev }) => virtioConfigDisable(dev) },
  {
    name: 'drv->remove',
    do: ({ dev }) => callRemove(dev),
    fail: ({ dev }, error) => andThen(callRemove(dev), () => error),
  },
  { name: 'WARN_ON_ONCE(get_status)', do: ({ dev }) => checkReset(dev) },
  { name: 'virtio_add_status(ACKNOWLEDGE)', do: ({ dev }) => dev.addStatus(STATUS.ACKNOWLEDGE) },
]);

/** A driver that fails in the midst of leaving may have left queues behind: nothing else gives them up. */
function callRemove(dev: VirtioDevice): MaySleep<number> {
  const where = (): string => `virtio_dev_remove: device ${String(dev.name)}`;
  return andThen(
    guard(dev.kernel.world, where, () => dev.virtioDriver?.remove(dev)),
    (error) => (error === 0 ? 0 : andThen(dev.reset(), () => andThen(dev.delVqs(), () => error))),
  );
}

/** The driver should have reset it; Linux leaves it so. A broken device was reported before. */
function checkReset(dev: VirtioDevice): MaySleep<number | void> {
  return andThen(dev.transport.getStatus(), (status) => {
    if (status === 0 || dev.isBroken) return undefined;
    if (status === NO_STATUS) return -ENODEV;
    dev.kernel.warn(`virtio_dev_remove: ${String(dev.name)} was not reset`);
    dev.isFailed = true;
    return andThen(dev.reset(), () => 0);
  });
}

/**
 * Always finishes. A device that is not as it should be then is reset before the next driver has it.
 *
 * @see drivers/virtio/virtio.c virtio_dev_remove
 */
export function virtioDevRemove(dev: VirtioDevice): MaySleep<void> {
  return andThen(leave({ dev }), () => undefined);
}

function leave({ dev }: Leaving): MaySleep<void> {
  return andThen(climb(REMOVE, { dev }), (error) => {
    if (error !== 0) dev.isFailed = true;
  });
}

export const SHUTDOWN = descent<Leaving>('virtio_dev_shutdown', [
  { name: 'virtio_break_device', cannotFail: true, do: ({ dev }) => virtioBreakDevice(dev) },
  { name: 'virtio_synchronize_cbs', do: ({ dev }) => dev.transport.synchronizeCbs() },
  { name: 'virtio_reset_device', cannotFail: true, do: ({ dev }) => dev.reset() },
]);

/** Stops the device where it stands, if a driver uses it. @see drivers/virtio/virtio.c virtio_dev_shutdown */
export function virtioDevShutdown(dev: VirtioDevice): MaySleep<void> {
  return dev.driver === null ? undefined : andThen(climb(SHUTDOWN, { dev }), () => undefined);
}
