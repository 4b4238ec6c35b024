/** What users see of devices, whatever driver and bus they have: disks, random numbers, terminals, networks. */
import type { Kernel } from '../base/kernel';
import { each, type MaySleep } from '../may-sleep';
import { registerBlockClass } from './block';
import { registerHwrng } from './hwrng';
import { registerNetClass } from './net';
import { registerTtyClass } from './tty';

export { addDisk, allocDisk, blockDisk, blockDisks, delGendisk } from './block';
export {
  cdevAdd,
  cdevDel,
  CharFile,
  openChrdev,
  registerChrdev,
  unregisterChrdev,
  type FileOperations,
  type OpenedFile,
  type OpenOptions,
} from './chrdev';
export { bdiClassInit } from './bdi';
export { deadlineInit } from './elevator';
export { BlockDisk } from './gendisk';
export { Napi } from './napi';
export { hvcAlloc, HvcConsole, hvcRemove, type HvOps } from './hvc';
export { hwrng, registerHwrng, type HwrngSource } from './hwrng';
export { MISC_DYNAMIC_MINOR, miscDeregister, MiscDevice, miscRegister, type MiscInit } from './misc';
export {
  ethRandomAddr,
  NET_ADDR,
  NetDevice,
  netDevice,
  netDevices,
  registerNetClass,
  registerNetdev,
  registerNetdevice,
  rtnlLock,
  rtnlUnlock,
  unregisterNetdev,
  type NetDeviceInit,
  type NetDeviceOps,
} from './net';
export { BlockRequest, SECTOR_SIZE, type BlockOp, type BlockOps } from './request-queue';
export { sizeText } from './size-text';
export { ttyClass, type Winsize } from './tty';

/**
 * Registers all subsystems, as at boot. Otherwise a driver registers the one that it needs.
 *
 * @see init/main.c do_initcalls
 */
export function initSubsystems(kernel: Kernel): MaySleep<void> {
  return each([registerTtyClass, registerBlockClass, registerNetClass, registerHwrng], (register) => register(kernel));
}
