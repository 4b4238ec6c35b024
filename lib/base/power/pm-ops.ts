import type { MaySleep } from '../../may-sleep';
import type { Device } from '../device';
import { guard } from '../guard';

/**
 * What a type, a class, a bus or a driver does when the machine sleeps and wakes. Every callback may sleep and may
 * refuse; a refusal on the way down ends the transition and wakes what slept already.
 *
 * @see include/linux/pm.h struct dev_pm_ops
 */
export interface DevPmOps<D extends Device = Device> {
  /** A positive result means: it sleeps already, leave it alone if all below it do. Only a suspend looks at that. */
  prepare?(dev: D): MaySleep<number | void>;
  suspend?(dev: D): MaySleep<number | void>;
  suspendLate?(dev: D): MaySleep<number | void>;
  suspendNoirq?(dev: D): MaySleep<number | void>;
  resumeNoirq?(dev: D): MaySleep<number | void>;
  resumeEarly?(dev: D): MaySleep<number | void>;
  resume?(dev: D): MaySleep<number | void>;
  /** Before an image is taken: the device must be quiet, but need not lose power. */
  freeze?(dev: D): MaySleep<number | void>;
  freezeLate?(dev: D): MaySleep<number | void>;
  freezeNoirq?(dev: D): MaySleep<number | void>;
  /** After the image was taken, in the kernel that took it. */
  thawNoirq?(dev: D): MaySleep<number | void>;
  thawEarly?(dev: D): MaySleep<number | void>;
  thaw?(dev: D): MaySleep<number | void>;
  /** The image is saved and the machine goes off. */
  poweroff?(dev: D): MaySleep<number | void>;
  poweroffLate?(dev: D): MaySleep<number | void>;
  poweroffNoirq?(dev: D): MaySleep<number | void>;
  /** In the kernel of the image, on a machine of which it knows nothing but that it looks like the one it left. */
  restoreNoirq?(dev: D): MaySleep<number | void>;
  restoreEarly?(dev: D): MaySleep<number | void>;
  restore?(dev: D): MaySleep<number | void>;
  complete?(dev: D): MaySleep<void>;
}

export type PmPhase = keyof DevPmOps;

/** One transition of the whole machine. @see include/linux/pm.h PM_EVENT_SUSPEND and following */
export interface PmEvent {
  /** For messages. @see drivers/base/power/main.c pm_verb */
  readonly verb: string;
  /** @see drivers/base/power/main.c pm_op */
  readonly op: PmPhase;
  /** @see drivers/base/power/main.c pm_late_early_op */
  readonly lateEarly: PmPhase;
  /** @see drivers/base/power/main.c pm_noirq_op */
  readonly noirq: PmPhase;
}

/** From a suspend. */
export const PM_RESUME: PmEvent = { verb: 'resume', op: 'resume', lateEarly: 'resumeEarly', noirq: 'resumeNoirq' };
/** After an image was taken, in the kernel that took it. */
export const PM_THAW: PmEvent = { verb: 'thaw', op: 'thaw', lateEarly: 'thawEarly', noirq: 'thawNoirq' };
/** After a freeze that was refused. */
const PM_RECOVER: PmEvent = { ...PM_THAW, verb: 'recover' };
/** In the kernel of an image. */
export const PM_RESTORE: PmEvent = { verb: 'restore', op: 'restore', lateEarly: 'restoreEarly', noirq: 'restoreNoirq' };

/** A transition on the way down, and the one that takes it back. @see drivers/base/power/main.c resume_event */
export interface PmSleepEvent extends PmEvent {
  readonly resumeEvent: PmEvent;
}

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
 * @returns 0 without a callback, else what it gave
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
 * @returns 0 without a callback, else what it gave
 * @see drivers/base/platform.c platform_pm_suspend
 */
export function callDriverPm(dev: Device, phase: PmPhase): MaySleep<number | void> {
  return dev.driver?.def.pm?.[phase]?.(dev) ?? 0;
}
