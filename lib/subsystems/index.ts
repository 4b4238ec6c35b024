/** What users see of devices, whatever driver and bus they have: disks and random numbers. */
import type { Kernel } from '../base/kernel';
import { after, type MaySleep } from '../may-sleep';
import { registerBlockClass } from './block';
import { registerHwrng } from './hwrng';

export {
  addDisk, allocDisk, blockClass, BlockDisk, blockDisk, blockDisks, delGendisk, registerBlockClass, SECTOR_SIZE,
  type DiskInit,
} from './block';
export { Hwrng, hwrng, registerHwrng, type HwrngSource } from './hwrng';
export { miscClass, MiscDevice, miscRegister, registerMiscClass, type MiscInit } from './misc';
export { BlockRequest, type BlockOp, type BlockOps } from './request-queue';
export { sizeText } from './size-text';

/**
 * Makes all subsystems known, as while a machine boots. What was not, a driver makes known when it needs it.
 *
 * @see init/main.c do_initcalls
 */
export function initSubsystems(kernel: Kernel): MaySleep<void> {
  return after(registerBlockClass(kernel), () => after(registerHwrng(kernel), () => undefined));
}
