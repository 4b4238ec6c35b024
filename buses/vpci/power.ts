import { callDriverPm, type DevPmOps, type PmPhase } from '../../lib/base/power/pm-ops';
import { after, type MaySleep } from '../../lib/may-sleep';
import type { PciDevice } from './device';
import { disableEnabledDevice, reenableDevice } from './enable';
import { PCI } from './layout';
import { restoreMsixState } from './msi';

/** Words of the header, from the front. */
const HEADER_WORDS = PCI.HEADER_END / 4;

/** How often a base register is written that does not take its value. */
const RETRIES = 10;

/** @see drivers/pci/pci.c pci_save_state */
function saveState(dev: PciDevice): void {
  dev.savedConfig = Array.from({ length: HEADER_WORDS }, (_, i) => dev.readConfig(4 * i, 4));
}

/**
 * Registers get their values back, each only if it has another: places before the command that lets the device answer
 * at them. What was not saved stays.
 *
 * @see drivers/pci/pci.c pci_restore_state, pci_restore_config_space
 */
function restoreState(dev: PciDevice): void {
  const saved = dev.savedConfig;
  if (saved === null) return;
  for (let word = HEADER_WORDS - 1; word >= 0; word--) {
    const isBar = !dev.isBridge && word >= 4 && word <= 9;
    restoreWord(dev, word, saved[word] ?? 0, isBar ? RETRIES : 0);
  }
  restoreMsixState(dev);
  dev.savedConfig = null;
}

/** @see drivers/pci/pci.c pci_restore_config_dword */
function restoreWord(dev: PciDevice, word: number, value: number, retries: number): void {
  for (let left = retries; left >= 0; left--) {
    if (dev.readConfig(4 * word, 4) === value) return;
    dev.writeConfig(4 * word, 4, value);
  }
}

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
  return (dev) => after(callDriverPm(dev, phase), (error) => {
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
 * What the bus does around its drivers' own: it keeps the registers, so that a device which has forgotten its place
 * has it back before its driver comes.
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
  complete: (dev) => after(callDriverPm(dev, 'complete'), () => undefined),
};
