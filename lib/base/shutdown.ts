import type { MaySleep } from '../may-sleep';
import { isDevice, type Device } from './device';
import { guardVoid } from './guard';
import type { KernelCore } from './kernel-core';

/**
 * Makes all devices quiet, those added last first: nothing is unbound or released, and no event is sent. Probing stays
 * blocked and the devices leave the list, so that a second call finds nothing.
 *
 * @see drivers/base/core.c device_shutdown
 */
export async function deviceShutdown(kernel: KernelCore): Promise<void> {
  await kernel.waitForDeviceProbe();
  await kernel.blockProbing();
  const { list } = kernel.devicesKset;
  for (let dev = list.last(); dev !== undefined; dev = list.last()) {
    if (dev.ksetEntry !== null) list.del(dev.ksetEntry);
    dev.ksetEntry = null;
    if (isDevice(dev)) await shutdownDevice(dev);
  }
}

async function shutdownDevice(dev: Device): Promise<void> {
  const parent = dev.parent?.get() ?? null;
  dev.get();
  if (parent !== null) await parent.lock();
  await dev.lock();
  await call(dev, 'shutdown_pre', () => dev.class?.type.shutdownPre?.(dev));
  await call(dev, 'shutdown', () => {
    if (dev.bus?.type.shutdown !== undefined) return dev.bus.type.shutdown(dev);
    return dev.driver?.def.shutdown?.(dev);
  });
  dev.unlock();
  parent?.unlock();
  dev.put();
  parent?.put();
}

function call(dev: Device, what: string, body: () => MaySleep<number | void>): MaySleep<void> {
  return guardVoid(dev.kernel.world, () => `device_shutdown: ${what}, device ${String(dev.name)}`, body);
}
