import { devMessage } from '../base/device';
import { callAtomicVoid, guard } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { andThen, type MaySleep } from '../may-sleep';
import type { ConfigEvent } from '../trace';
import { Workqueue, type Work } from '../world/workqueue';
import { STATUS } from './spec';
import { virtioBreakDevice, type VirtioDevice } from './virtio-device';

/** Where the status is looked at: on some buses that sleeps. */
const virtioWq = (kernel: Kernel): Workqueue => new Workqueue(kernel.world, 'virtio', kernel);

/**
 * For transports, from an interrupt: the configuration has changed. While the driver is not ready for it, the change is
 * pending. The same interrupt reports that a device needs a reset: then its queues are marked broken, since it has
 * stopped.
 *
 * @see drivers/virtio/virtio.c virtio_config_changed, VIRTIO 1.2 §2.1.2
 */
export function virtioConfigChanged(dev: VirtioDevice): void {
  const { configEnabled, virtioDriver: driver } = dev;
  if (!configEnabled) {
    traceConfig(dev, 'pending');
    dev.configChangePending = true;
    return;
  }
  const isTold = driver?.configChanged !== undefined;
  traceConfig(dev, isTold ? 'called' : 'none');
  const where = (): string => `configChanged: driver ${String(driver?.name)}, device ${String(dev.name)}`;
  if (isTold) callAtomicVoid(dev.kernel, where, () => driver.configChanged?.(dev));
  dev.kernel.stateOf(virtioWq).queue((dev.statusWork ??= statusWorkOf(dev)));
}

/** For transports where the interrupt arrives before it is requested, which a driver does with findVqs. */
export function virtioConfigIgnored(dev: VirtioDevice): void {
  traceConfig(dev, 'none');
}

function traceConfig(dev: VirtioDevice, outcome: ConfigEvent['outcome']): void {
  const { trace } = dev.kernel;
  if (!trace.on) return;
  const drv = dev.virtioDriver?.name ?? null;
  trace.emit({ kind: 'config', fn: 'virtio_config_changed', dev: dev.name ?? '', drv, outcome });
}

/** Looks whether the device needs a reset. Linux leaves what is in flight then waiting for ever. */
function statusWorkOf(dev: VirtioDevice): Work {
  return { name: `virtio_status(${String(dev.name)})`, run: () => checkStatus(dev) };
}

function checkStatus(dev: VirtioDevice): MaySleep<void> {
  if (!dev.configEnabled || dev.isBroken) return undefined;
  const where = (): string => `virtio_config_changed: device ${String(dev.name)}`;
  return andThen(
    guard(dev.kernel.world, where, () => dev.transport.getStatus()),
    (status) => {
      const answers = status >= 0 && (status & STATUS.DEVICE_NEEDS_RESET) === 0;
      if (answers || !dev.configEnabled) return;
      dev.kernel.log.err(devMessage(dev, 'device needs a reset'));
      virtioBreakDevice(dev);
    },
  );
}

/** No change is notified after this. @see drivers/virtio/virtio.c virtio_config_disable */
export function virtioConfigDisable(dev: VirtioDevice): MaySleep<void> {
  dev.configEnabled = false;
  return dev.statusWork === null ? undefined : dev.kernel.stateOf(virtioWq).flushWork(dev.statusWork);
}

/** Delivers a change that came meanwhile. @see drivers/virtio/virtio.c virtio_config_enable */
export function virtioConfigEnable(dev: VirtioDevice): void {
  dev.configEnabled = true;
  if (dev.configChangePending) virtioConfigChanged(dev);
  dev.configChangePending = false;
}
