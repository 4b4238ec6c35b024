import type { KernelCore } from '../kernel-core';
import type { PmEvent, PmSleepEvent } from './pm-ops';

/**
 * Takes all devices of a machine down, to the point where the machine would sleep or an image would be taken. Processes
 * are not frozen: the caller lets none run.
 *
 * @throws ErrnoError the error of a callback; all devices are awake again then
 * @see kernel/power/suspend.c suspend_devices_and_enter, kernel/power/hibernate.c hibernation_snapshot, create_image
 */
export async function enterSleep(kernel: KernelCore, event: PmSleepEvent): Promise<void> {
  try {
    await kernel.suspendDevices(event);
    await kernel.suspendDevicesLate(event);
  } catch (error) {
    await kernel.resumeDevices(event.resumeEvent);
    throw error;
  }
}

/**
 * Wakes all devices. One that fails is in the log, and the others are woken all the same.
 *
 * @see kernel/power/suspend.c suspend_enter, kernel/power/hibernate.c create_image, hibernation_snapshot
 */
export async function leaveSleep(kernel: KernelCore, event: PmEvent): Promise<void> {
  await kernel.resumeDevicesEarly(event);
  await kernel.resumeDevices(event);
}
