import type { Invariant } from '../finding';
import { devicesWithoutDrivers } from './i01-devices-without-drivers';
import { scanHasNoSideEffect } from './i02-scan-has-no-side-effect';
import { scanIsIdempotent } from './i03-scan-is-idempotent';
import { driverOrDeviceFirst } from './i04-driver-or-device-first';
import { stableIdentity } from './i05-stable-identity';
import { rebindGivesTheSameDevice } from './i06-rebind';
import { unbindKeepsTheDevice } from './i07-unbind-keeps-the-device';
import { matchIsPure } from './i08-match-is-pure';
import { failedProbeLeavesNoTrace } from './i09-failed-probe';
import { userCanChoose } from './i12-user-can-choose';
import { modulesComeByThemselves } from './i13-autoload';
import { coldplugFindsAll } from './i14-coldplug';
import { costOfBinding } from './i27-cost';
import { concurrentProbesAreConfluent } from './i28-concurrent-probes';
import { testerCanReplay } from './i29-replay';

/** All invariants that are measured, in the order of the study. */
export const INVARIANTS: readonly Invariant[] = [
  devicesWithoutDrivers,
  scanHasNoSideEffect,
  scanIsIdempotent,
  driverOrDeviceFirst,
  stableIdentity,
  rebindGivesTheSameDevice,
  unbindKeepsTheDevice,
  matchIsPure,
  failedProbeLeavesNoTrace,
  userCanChoose,
  modulesComeByThemselves,
  coldplugFindsAll,
  costOfBinding,
  concurrentProbesAreConfluent,
  testerCanReplay,
];
