import type { MaySleep } from '../../may-sleep';
import type { Device } from '../device';
import { guard } from '../guard';

/**
 * What a type, a class, a bus or a driver does when the machine sleeps and wakes. Every callback may sleep and may
 * refuse; a refusal of a suspend callback ends the suspend and wakes what slept already.
 *
 * @see include/linux/pm.h struct dev_pm_ops
 */
export interface DevPmOps<D extends Device = Device> {
  /** A positive result means: it sleeps already, leave it alone if all below it do. */
  prepare?(dev: D): MaySleep<number | void>;
  suspend?(dev: D): MaySleep<number | void>;
  suspendLate?(dev: D): MaySleep<number | void>;
  suspendNoirq?(dev: D): MaySleep<number | void>;
  resumeNoirq?(dev: D): MaySleep<number | void>;
  resumeEarly?(dev: D): MaySleep<number | void>;
  resume?(dev: D): MaySleep<number | void>;
  complete?(dev: D): MaySleep<void>;
}

export type PmPhase = keyof DevPmOps;

/**
 * Calls one phase of the first level that has power management: type, class, bus; of the driver only if that level has
 * no such callback.
 *
 * @returns 0 without a callback, else what it gave
 * @see drivers/base/power/main.c __device_suspend
 */
export function callPm(dev: Device, phase: PmPhase): MaySleep<number> {
  const ops = [dev.type?.pm ?? dev.class?.type.pm ?? dev.bus?.type.pm, dev.driver?.def.pm].find((o) => o?.[phase] !== undefined);
  if (ops === undefined) return 0;
  const where = (): string => `dpm_run_callback: ${phase}, device ${String(dev.name)}`;
  return guard(dev.kernel.world, where, () => ops[phase]?.(dev));
}
