import type { Invariant } from '../finding';
import { devicesWithoutDrivers } from './i01-devices-without-drivers';
import { scanHasNoSideEffect } from './i02-scan-has-no-side-effect';
import { scanIsIdempotent } from './i03-scan-is-idempotent';
import { stableIdentity } from './i05-stable-identity';
import { rebindGivesTheSameDevice } from './i06-rebind';
import { unbindKeepsTheDevice } from './i07-unbind-keeps-the-device';
import { matchIsPure } from './i08-match-is-pure';
import { failedProbeLeavesNoTrace } from './i09-failed-probe';
import { userCanChoose } from './i12-user-can-choose';
import { modulesComeByThemselves } from './i13-autoload';
import { coldplugFindsAll } from './i14-coldplug';
import { oopsIsRecoverable } from './i20-oops';
import { nextKernelFindsDevices } from './i21-guest-death';
import { shutdownReturnsEverything } from './i22-shutdown-returns';
import { sameDeviceAfterSleep } from './i23-sleep';
import { sleepFollowsDependence } from './i24-sleep-order';
import { costOfBinding } from './i27-cost';

/** All invariants that are measured, in the order of the study. */
export const INVARIANTS: readonly Invariant[] = [
  devicesWithoutDrivers,
  scanHasNoSideEffect,
  scanIsIdempotent,
  stableIdentity,
  rebindGivesTheSameDevice,
  unbindKeepsTheDevice,
  matchIsPure,
  failedProbeLeavesNoTrace,
  userCanChoose,
  modulesComeByThemselves,
  coldplugFindsAll,
  oopsIsRecoverable,
  nextKernelFindsDevices,
  shutdownReturnsEverything,
  sameDeviceAfterSleep,
  sleepFollowsDependence,
  costOfBinding,
];
