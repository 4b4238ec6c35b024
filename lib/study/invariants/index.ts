import type { Invariant } from './finding';
import { devicesWithoutDrivers } from './i01-devices-without-drivers';
import { scanHasNoSideEffect } from './i02-scan-has-no-side-effect';
import { scanIsIdempotent } from './i03-scan-is-idempotent';
import { driverOrDeviceFirst } from './i04-driver-or-device-first';
import { stableIdentity } from './i05-stable-identity';
import { rebindGivesTheSameDevice } from './i06-rebind';
import { unbindKeepsTheDevice } from './i07-unbind-keeps-the-device';
import { matchIsPure } from './i08-match-is-pure';
import { failedProbeLeavesNoTrace } from './i09-failed-probe';
import { nextDriverGetsTheSameDevice } from './i10-next-driver';
import { deferralConverges } from './i11-deferral-converges';
import { userCanChoose } from './i12-user-can-choose';
import { modulesComeByThemselves } from './i13-autoload';
import { coldplugFindsAll } from './i14-coldplug';
import { objectLifeIsTheReferenceCount } from './i15-object-life';
import { oneDeviceOneObject } from './i16-one-object';
import { noHoarding } from './i17-no-hoarding';
import { bothGuestsAreServed } from './i18-two-guests';
import { exhaustionIsVisible } from './i19-exhaustion';
import { oopsIsRecoverable } from './i20-oops';
import { nextKernelFindsDevices } from './i21-guest-death';
import { shutdownReturnsEverything } from './i22-shutdown-returns';
import { sameDeviceAfterSleep } from './i23-sleep';
import { sleepFollowsDependence } from './i24-sleep-order';
import { hotplugIsAnEvent } from './i25-hotplug';
import { errorsKeepTheirMeaning } from './i26-errors';
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
  nextDriverGetsTheSameDevice,
  deferralConverges,
  userCanChoose,
  modulesComeByThemselves,
  coldplugFindsAll,
  objectLifeIsTheReferenceCount,
  oneDeviceOneObject,
  noHoarding,
  bothGuestsAreServed,
  exhaustionIsVisible,
  oopsIsRecoverable,
  nextKernelFindsDevices,
  shutdownReturnsEverything,
  sameDeviceAfterSleep,
  sleepFollowsDependence,
  hotplugIsAnEvent,
  errorsKeepTheirMeaning,
  costOfBinding,
  concurrentProbesAreConfluent,
  testerCanReplay,
];
