import type { Scenario } from './scenario';
import { rebindChangesTheDisk } from './s01-rebind-changes-the-disk';
import { enodevGetsTheSameDeviceAgain } from './s02-enodev-gets-the-same-device-again';
import { nextDriverAnotherDevice } from './s03-next-driver-another-device';
import { deferralNeverEnds } from './s04-deferral-never-ends';
import { allocationStorm } from './s05-allocation-storm';
import { testRemoveDoublesTheDamage } from './s06-test-remove-doubles-the-damage';
import { counterLeakLies } from './s07-counter-leak-lies';
import { closeOrder } from './s08-close-order';
import { openFileKeepsTheDevice } from './s09-open-file-keeps-the-device';
import { driverOops } from './s10-driver-oops';
import { crashKernelFindsEverythingBusy } from './s11-crash-kernel-finds-everything-busy';
import { orderlyRebootByAccident } from './s12-orderly-reboot-by-accident';
import { removeUeventWithoutAdd } from './s13-remove-uevent-without-add';
import { placeholderAutoload } from './s14-placeholder-autoload';
import { unloadOrderMatters } from './s15-unload-order-matters';
import { nameRace } from './s16-name-race';
import { twoObjectsOneDevice } from './s17-two-objects-one-device';
import { hibernate } from './s18-hibernate';
import { quotaAsTruth } from './s19-quota-as-truth';
import { sameScriptFourBuses } from './s20-same-script-four-buses';

export { besideControl, differences, partingAt, play, type FactDifference } from './play';
export type { Cause, Fact, Facts, Played, Scenario } from './scenario';
export type { ScenarioStep } from './stage';

/** All surprises, in the order of the study. */
export const SCENARIOS: readonly Scenario[] = [
  rebindChangesTheDisk,
  enodevGetsTheSameDeviceAgain,
  nextDriverAnotherDevice,
  deferralNeverEnds,
  allocationStorm,
  testRemoveDoublesTheDamage,
  counterLeakLies,
  closeOrder,
  openFileKeepsTheDevice,
  driverOops,
  crashKernelFindsEverythingBusy,
  orderlyRebootByAccident,
  removeUeventWithoutAdd,
  placeholderAutoload,
  unloadOrderMatters,
  nameRace,
  twoObjectsOneDevice,
  hibernate,
  quotaAsTruth,
  sameScriptFourBuses,
];
