import type { Kernel } from '../base/kernel';
import type { MaySleep } from '../may-sleep';
import { Mutex } from '../world/mutex';

/** Protects changes of network devices. @see net/core/rtnetlink.c rtnl_mutex */
const rtnlMutex = (): Mutex => new Mutex();

/** @see net/core/rtnetlink.c rtnl_lock */
export function rtnlLock(kernel: Kernel): MaySleep<void> {
  return kernel.stateOf(rtnlMutex).lock(kernel.world, 'rtnl_mutex');
}

/** @see net/core/rtnetlink.c rtnl_unlock */
export function rtnlUnlock(kernel: Kernel): void {
  kernel.stateOf(rtnlMutex).unlock(kernel.world);
}
