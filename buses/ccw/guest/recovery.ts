import { ccwBus } from './ccw-bus';
import type { ChannelSubsystem } from './subchannel';
import { CcwDevice } from './device';

/** ns between two looks, longer each time. @see drivers/s390/cio/device.c recovery_delay */
const DELAYS = [3e9, 30e9, 300e9] as const;

/** Devices that are disconnected are looked at again. @see drivers/s390/cio/device.c ccw_device_schedule_recovery */
export function scheduleRecovery({ sch: { css } }: CcwDevice): void {
  if (css.recoveryTimer !== null && css.recoveryPhase === 0) return;
  css.recoveryPhase = 0;
  arm(css);
}

function arm(css: ChannelSubsystem): void {
  css.recoveryTimer?.cancel();
  css.recoveryTimer = css.kernel.world.after(DELAYS[css.recoveryPhase] ?? DELAYS[0], () => look(css), css.kernel);
}

/** Ends when nothing is left to recover. @see drivers/s390/cio/device.c recovery_work_func */
function look(css: ChannelSubsystem): void {
  css.recoveryTimer = null;
  let again = false;
  for (const dev of css.kernel.busOf(ccwBus)?.devices() ?? []) if (dev instanceof CcwDevice && check(dev)) again = true;
  if (!again || isArmed(css)) return;
  css.recoveryPhase = Math.min(css.recoveryPhase + 1, DELAYS.length - 1);
  arm(css);
}

/** A device may have been disconnected while we looked. */
function isArmed({ recoveryTimer }: ChannelSubsystem): boolean {
  return recoveryTimer !== null;
}

/** @see recovery_check */
function check(cdev: CcwDevice): boolean {
  const { sch, state } = cdev;
  if (state === 'disconnected-sense-id') return true;
  const lacksPaths = state === 'online' && ((sch.schib?.pmcw.pam ?? 0) & sch.opm) !== sch.vpm;
  if (state !== 'disconnected' && !lacksPaths) return false;
  cdev.event('verify');
  return true;
}
