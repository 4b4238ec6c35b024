import { callAtomicVoid, guard } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { Ida } from '../ida';
import { andThen, type MaySleep } from '../may-sleep';
import { STATUS } from './spec';
import { registerVirtioBus } from './virtio-bus';
import { VirtioDevice, type VirtioDeviceInit } from './virtio-device';
import { setFailed } from './virtio-probe';

/** The numbers of the virtio devices of a kernel. @see drivers/virtio/virtio.c virtio_index_ida */
const virtioIndexIda = (): Ida => new Ida();

/**
 * For transports: registers a device on the virtio bus as `virtioN`, N being the lowest free number. The device is
 * reset and acknowledged, and a matching driver is bound. The caller keeps one reference.
 *
 * Registers the bus first if it is not.
 *
 * @throws ErrnoError the error of the transport or of device_add; the device then has status FAILED, its number is free
 *   again and its last reference dropped
 * @see drivers/virtio/virtio.c register_virtio_device
 */
export function registerVirtioDevice(kernel: Kernel, init: VirtioDeviceInit): MaySleep<VirtioDevice> {
  return andThen(registerVirtioBus(kernel), (bus) => {
    const ida = kernel.stateOf(virtioIndexIda);
    const dev = new VirtioDevice(kernel, ida.alloc(), init);
    dev.bus = bus;
    callAtomicVoid(
      kernel,
      () => `attach: device ${String(dev.name)}`,
      () => init.transport.attach?.(dev),
    );
    const add = (): MaySleep<number> =>
      andThen(acknowledge(dev), (error) =>
        andThen(error === 0 ? kernel.ops.deviceAdd(dev) : error, (failed) => (failed === 0 ? 0 : giveUp(dev, failed))),
      );
    return kernel.query('register_virtio_device', dev.name, add, () => dev);
  });
}

/** A previous driver may have left it in any state. */
function acknowledge(dev: VirtioDevice): MaySleep<number> {
  const where = (): string => `register_virtio_device: device ${String(dev.name)}`;
  return guard(dev.kernel.world, where, () => andThen(dev.transport.reset(), () => dev.addStatus(STATUS.ACKNOWLEDGE)));
}

function giveUp(dev: VirtioDevice, error: number): MaySleep<number> {
  dev.kernel.stateOf(virtioIndexIda).free(dev.index);
  return andThen(setFailed(dev), () => {
    dev.put();
    return error;
  });
}

/**
 * For transports: unregisters a device. Its driver is unbound, its number is free again.
 *
 * @see drivers/virtio/virtio.c unregister_virtio_device
 */
export function unregisterVirtioDevice(dev: VirtioDevice): MaySleep<void> {
  const { index, kernel } = dev;
  return andThen(dev.unregister(), () => kernel.stateOf(virtioIndexIda).free(index));
}
