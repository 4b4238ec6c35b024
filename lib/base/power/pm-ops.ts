import type { MaySleep } from '../../may-sleep';
import type { Device } from '../device';
import { guard } from '../guard';
import type { DevPmOps, PmEvent, PmPhase, PmSleepEvent } from '../types';

export type { DevPmOps, PmEvent, PmPhase, PmSleepEvent } from '../types';

/** From a suspend. */
export const PM_RESUME: PmEvent = { verb: 'resume', op: 'resume', lateEarly: 'resumeEarly', noirq: 'resumeNoirq' };
/** After an image was taken, in the kernel that took it. */
export const PM_THAW: PmEvent = { verb: 'thaw', op: 'thaw', lateEarly: 'thawEarly', noirq: 'thawNoirq' };
/** After a freeze that was refused. */
const PM_RECOVER: PmEvent = { ...PM_THAW, verb: 'recover' };
/** In the kernel of an image. */
export const PM_RESTORE: PmEvent = { verb: 'restore', op: 'restore', lateEarly: 'restoreEarly', noirq: 'restoreNoirq' };

/** The machine sleeps and keeps its memory. */
export const PM_SUSPEND: PmSleepEvent = {
  verb: 'suspend',
  op: 'suspend',
  lateEarly: 'suspendLate',
  noirq: 'suspendNoirq',
  resumeEvent: PM_RESUME,
};
/** An image is about to be taken. */
export const PM_FREEZE: PmSleepEvent = {
  verb: 'freeze',
  op: 'freeze',
  lateEarly: 'freezeLate',
  noirq: 'freezeNoirq',
  resumeEvent: PM_RECOVER,
};
/** The image is saved, the machine goes off. */
export const PM_HIBERNATE: PmSleepEvent = {
  verb: 'hibernate',
  op: 'poweroff',
  lateEarly: 'poweroffLate',
  noirq: 'poweroffNoirq',
  resumeEvent: PM_RESTORE,
};

/**
 * The same two callbacks for a suspend and for each step of a hibernation.
 *
 * @see include/linux/pm.h SET_SYSTEM_SLEEP_PM_OPS
 */
export function systemSleepPmOps<D extends Device>(
  suspend: (dev: D) => MaySleep<number | void>,
  resume: (dev: D) => MaySleep<number | void>,
): DevPmOps<D> {
  return { suspend, resume, freeze: suspend, thaw: resume, poweroff: suspend, restore: resume };
}

/**
 * Calls one phase of the first level that has power management: type, class, bus; of the driver only if that level has
 * no such callback.
 *
 * @returns 0 without a callback, else its result
 * @see drivers/base/power/main.c __device_suspend
 */
export function callPm(dev: Device, phase: PmPhase): MaySleep<number> {
  const ops = [dev.type?.pm ?? dev.class?.type.pm ?? dev.bus?.type.pm, dev.driver?.def.pm].find(
    (o) => o?.[phase] !== undefined,
  );
  if (ops === undefined) return 0;
  const where = (): string => `dpm_run_callback: ${phase}, device ${String(dev.name)}`;
  return guard(dev.kernel.world, where, () => ops[phase]?.(dev));
}

/**
 * For buses that have power management of their own and leave it to the driver: calls one phase of the driver's.
 *
 * @returns 0 without a callback, else its result
 * @see drivers/base/platform.c platform_pm_suspend
 */
export function callDriverPm(dev: Device, phase: PmPhase): MaySleep<number | void> {
  return dev.driver?.def.pm?.[phase]?.(dev) ?? 0;
}
