import { callDriverPm, type DevPmOps, type PmPhase } from '../../../lib/base/power/pm-ops';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import type { PciDevice } from './device';
import { disableEnabledDevice, reenableDevice } from './enable';
import { restoreState, saveState } from './save-state';

/** A driver without power management has its device disabled. @see drivers/pci/pci-driver.c pci_pm_default_suspend */
function down(phase: PmPhase): (dev: PciDevice) => MaySleep<number | void> {
  return (dev) => {
    if (dev.driver?.def.pm !== undefined) return callDriverPm(dev, phase);
    if (!dev.isBridge) disableEnabledDevice(dev);
    return 0;
  };
}

/** @see drivers/pci/pci-driver.c pci_pm_reenable_device */
function up(phase: PmPhase): (dev: PciDevice) => MaySleep<number | void> {
  return (dev) => (dev.driver?.def.pm === undefined ? reenableDevice(dev) : callDriverPm(dev, phase));
}

/** @see drivers/pci/pci-driver.c pci_pm_suspend_noirq, pci_pm_freeze_noirq */
function downNoirq(phase: PmPhase): (dev: PciDevice) => MaySleep<number | void> {
  return (dev) =>
    andThen(callDriverPm(dev, phase), (error) => {
      if (error !== undefined && error !== 0) return error;
      saveState(dev);
      dev.powerState = 'unknown';
      return 0;
    });
}

/** @see drivers/pci/pci-driver.c pci_pm_default_resume_early */
function upNoirq(phase: PmPhase): (dev: PciDevice) => MaySleep<number | void> {
  return (dev) => {
    dev.powerState = 'D0';
    restoreState(dev);
    return callDriverPm(dev, phase);
  };
}

/**
 * The bus's part around the drivers' callbacks: it saves the registers, and restores those that a device has lost
 * before its driver's callback.
 *
 * @see drivers/pci/pci-driver.c pci_dev_pm_ops
 */
export const pciPmOps: DevPmOps<PciDevice> = {
  prepare: (dev) => callDriverPm(dev, 'prepare'),
  suspend: down('suspend'),
  suspendLate: (dev) => callDriverPm(dev, 'suspendLate'),
  suspendNoirq: downNoirq('suspendNoirq'),
  resumeNoirq: upNoirq('resumeNoirq'),
  resumeEarly: (dev) => callDriverPm(dev, 'resumeEarly'),
  resume: up('resume'),
  freeze: down('freeze'),
  freezeNoirq: downNoirq('freezeNoirq'),
  thawNoirq: upNoirq('thawNoirq'),
  thaw: up('thaw'),
  poweroff: down('poweroff'),
  poweroffLate: (dev) => callDriverPm(dev, 'poweroffLate'),
  poweroffNoirq: downNoirq('poweroffNoirq'),
  restoreNoirq: upNoirq('restoreNoirq'),
  restore: up('restore'),
  complete: (dev) => andThen(callDriverPm(dev, 'complete'), () => undefined),
};
