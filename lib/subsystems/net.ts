import { guard } from '../base/guard';
import type { Kernel } from '../base/kernel';
import type { MaySleep } from '../may-sleep';
import type { NetDevice } from './net-device';
import { addQueueKobjects } from './net-queues';
import { netClass, netdevRegisterKobject } from './net-sysfs';
import { rtnlLock, rtnlUnlock } from './rtnl';

export { NET_ADDR, NetDevice, type NetDeviceInit, type NetDeviceOps } from './net-device';
export { rtnlLock, rtnlUnlock } from './rtnl';

const ETH_ALEN = 6;

interface NetCore {
  readonly devices: Set<NetDevice>;
  /** Number of the device that was made last; 1 is the loopback device's, which is not here. */
  ifindex: number;
}

const netCore = (): NetCore => ({ devices: new Set(), ifindex: 1 });

/** A made-up address that no maker of devices has given. @see include/linux/etherdevice.h eth_random_addr */
export function ethRandomAddr(kernel: Kernel): Uint8Array {
  const address = kernel.world.random.bytes(ETH_ALEN);
  address[0] = ((address[0] ?? 0) & 0xfe) | 0x02;
  return address;
}

/** Registers the class in this kernel, once. @see net/core/net-sysfs.c netdev_kobject_init */
export function registerNetClass(kernel: Kernel): MaySleep<unknown> {
  return kernel.classOf(netClass) ?? kernel.registerClass(netClass);
}

/**
 * For drivers, with the rtnl lock held: shows a device as `ethN`, N being the lowest that is free.
 *
 * @returns 0 or a negative errno; the device is not shown then
 * @see net/core/dev.c register_netdevice
 */
export async function registerNetdevice(dev: NetDevice): Promise<number> {
  const { kernel } = dev;
  const core = kernel.stateOf(netCore);
  dev.name = devAllocName(core, 'eth');
  core.ifindex += 1;
  dev.ifindex = core.ifindex;
  const error = await guard(
    kernel.world,
    () => `register_netdevice(${String(dev.name)})`,
    () => netdevRegisterKobject(dev),
  );
  if (error !== 0) return error;
  core.devices.add(dev);
  dev.queues = addQueueKobjects(dev, dev.rxGroup);
  return 0;
}

/** @see net/core/dev.c __dev_alloc_name */
function devAllocName({ devices }: NetCore, prefix: string): string {
  const names = new Set([...devices].map(({ name }) => name));
  let index = 0;
  while (names.has(`${prefix}${String(index)}`)) index += 1;
  return `${prefix}${String(index)}`;
}

/** For drivers: {@link registerNetdevice} under the lock. @throws ErrnoError @see net/core/dev.c register_netdev */
export function registerNetdev(dev: NetDevice): MaySleep<void> {
  return dev.kernel.operate('register_netdev', dev.name, async () => {
    await rtnlLock(dev.kernel);
    const error = await registerNetdevice(dev);
    rtnlUnlock(dev.kernel);
    return error;
  });
}

/**
 * For drivers: closes and removes a device. Frames are refused from now on. The driver keeps its reference.
 *
 * The lock is not held while the files are removed: a write to one may be waiting for it. Linux restarts such a write.
 *
 * @see net/core/dev.c unregister_netdev
 */
export function unregisterNetdev(dev: NetDevice): MaySleep<void> {
  const { kernel } = dev;
  return kernel.operate('unregister_netdev', dev.name, async () => {
    await rtnlLock(kernel);
    await dev.devClose();
    dev.markGone();
    rtnlUnlock(kernel);
    await dev.queues?.remove();
    await dev.del();
    kernel.stateOf(netCore).devices.delete(dev);
  });
}

/** A network device by name; null if there is none. */
export function netDevice(kernel: Kernel, name: string): NetDevice | null {
  return netDevices(kernel).find((dev) => dev.name === name) ?? null;
}

/** All network devices, in the order of registration. */
export function netDevices(kernel: Kernel): readonly NetDevice[] {
  return [...kernel.stateOf(netCore).devices];
}
