import { EINVAL, ENOTTY } from '../../../lib/errno';
import { findCapability } from './capability';
import type { PciBus, PciDevice, ResetMethod } from './device';
import { BRIDGE, CAP, PCI, AF, EXPRESS, EXPRESS_BIT, PM } from '../layout';
import { changePcie, isDownstreamPort, readPcie } from './pcie';
import { speedCap } from './pcie-link';

const MS = 1_000_000;
/** Limit of the time until a device responds again, ms. @see drivers/pci/pci.c PCIE_RESET_READY_POLL_MS */
const READY_TIMEOUT = 60_000;
/** The wait is logged after this time, ms. @see drivers/pci/pci.h PCI_RESET_WAIT */
const SAY_AFTER = 1000;
const IMMEDIATE_READINESS = 1;
const ONES = 0xffff_ffff;

/** In the order in which they are tried. @see drivers/pci/pci.c pci_reset_fn_methods */
export const RESET_METHODS: readonly ResetMethod[] = [
  { name: 'flr', probe: canFlr, reset: flr },
  { name: 'af_flr', probe: canAfFlr, reset: afFlr },
  { name: 'pm', probe: canPmReset, reset: pmReset },
  { name: 'bus', probe: isAloneOnBus, reset: (dev) => resetSecondaryBus(dev.pciBus) },
];

/** @see drivers/pci/pci.c pci_init_reset_methods */
export function initResetMethods(dev: PciDevice): void {
  const methods = RESET_METHODS.filter((method) => method.probe(dev));
  if (methods.length > 0 || dev.resetMethods.length > 0) dev.resetMethods = methods;
}

function sleep(dev: PciDevice, ms: number): Promise<void> {
  return dev.kernel.world.sleep(ms * MS);
}

/** Waits until the device responds. @see drivers/pci/pci.c pci_dev_wait */
async function devWait(dev: PciDevice, after: string, timeout = READY_TIMEOUT): Promise<number> {
  let delay = 1;
  for (; dev.readConfig(PCI.COMMAND, 4) === ONES; delay *= 2) {
    const how = `${String(delay - 1)}ms after ${after}`;
    if (delay > timeout) {
      dev.warn(`not ready ${how}; giving up`);
      return -ENOTTY;
    }
    if (delay > SAY_AFTER) dev.info(`not ready ${how}; waiting`);
    await sleep(dev, delay);
  }
  if (delay > SAY_AFTER) dev.info(`ready ${String(delay - 1)}ms after ${after}`);
  return 0;
}

/** @returns false when the bits are still set after 700 ms @see drivers/pci/pci.c pci_wait_for_pending */
async function waitForPending(dev: PciDevice, at: number, mask: number): Promise<boolean> {
  for (const ms of [0, 100, 200, 400]) {
    if (ms > 0) await sleep(dev, ms);
    if ((dev.readConfig(at, 2) & mask) === 0) return true;
  }
  return false;
}

/** A function may say that it needs no time. @see struct pci_dev imm_ready */
async function recover(dev: PciDevice, after: string): Promise<number> {
  if (dev.pmCap !== 0 && (dev.readConfig(PCI.STATUS, 2) & IMMEDIATE_READINESS) !== 0) return 0;
  await sleep(dev, 100);
  return devWait(dev, after);
}

function canFlr({ pcie }: PciDevice): boolean {
  return ((pcie?.devcap ?? 0) & EXPRESS_BIT.DEVCAP_FLR) !== 0;
}

/** @see drivers/pci/pci.c pcie_flr */
async function flr(dev: PciDevice): Promise<number> {
  const pending = (dev.pcie?.cap ?? 0) + EXPRESS.DEVSTA;
  if (!(await waitForPending(dev, pending, EXPRESS_BIT.DEVSTA_PENDING))) {
    dev.err('timed out waiting for pending transaction; performing function level reset anyway');
  }
  changePcie(dev, EXPRESS.DEVCTL, 0, EXPRESS_BIT.DEVCTL_FLR);
  return recover(dev, 'FLR');
}

function canAfFlr(dev: PciDevice): boolean {
  const cap = findCapability(dev, CAP.AF);
  const needed = AF.TP | AF.FLR;
  return cap !== 0 && (dev.readConfig(cap + AF.CAP, 1) & needed) === needed;
}

/** @see drivers/pci/pci.c pci_af_flr */
async function afFlr(dev: PciDevice): Promise<number> {
  const cap = findCapability(dev, CAP.AF);
  if (!(await waitForPending(dev, cap + AF.CTRL, AF.STATUS_TP << 8))) {
    dev.err('timed out waiting for pending transaction; performing AF function level reset anyway');
  }
  dev.writeConfig(cap + AF.CTRL, 1, AF.CTRL_FLR);
  return recover(dev, 'AF_FLR');
}

function canPmReset(dev: PciDevice): boolean {
  return dev.pmCap !== 0 && (dev.readConfig(dev.pmCap + PM.CTRL, 2) & PM.NO_SOFT_RESET) === 0;
}

/** The transition from D3hot to D0 resets a function. @see drivers/pci/pci.c pci_pm_reset */
async function pmReset(dev: PciDevice): Promise<number> {
  if (dev.powerState !== 'D0') return -EINVAL;
  const rest = dev.readConfig(dev.pmCap + PM.CTRL, 2) & ~PM.STATE;
  for (const state of [PM.D3HOT, 0]) {
    dev.writeConfig(dev.pmCap + PM.CTRL, 2, rest | state);
    await sleep(dev, 10);
  }
  return devWait(dev, 'PM D3hot->D0');
}

/** @see drivers/pci/pci.c pci_parent_bus_reset */
function isAloneOnBus(dev: PciDevice): boolean {
  const { self, devices } = dev.pciBus;
  return self !== null && dev.subordinate === null && devices.every((other) => other === dev);
}

/**
 * Resets everything behind a bridge.
 *
 * @returns as {@link ResetMethod.reset}
 * @see drivers/pci/pci.c pci_bridge_secondary_bus_reset
 */
export async function resetSecondaryBus(bus: PciBus): Promise<number> {
  const bridge = bus.self;
  if (bridge === null) return -ENOTTY;
  const control = bridge.readConfig(BRIDGE.CONTROL, 2);
  bridge.writeConfig(BRIDGE.CONTROL, 2, control | BRIDGE.CONTROL_BUS_RESET);
  await sleep(bridge, 2);
  bridge.writeConfig(BRIDGE.CONTROL, 2, control & ~BRIDGE.CONTROL_BUS_RESET);
  return waitForSecondaryBus(bridge, 'bus reset');
}

/**
 * The first device behind a bridge is waited for, if any of them has power management.
 *
 * @returns 0, or -ENOTTY when it does not respond
 * @see drivers/pci/pci.c pci_bridge_wait_for_secondary_bus
 */
export async function waitForSecondaryBus(bridge: PciDevice, what: string): Promise<number> {
  const devices = bridge.subordinate?.devices ?? [];
  const [first] = devices;
  if (bridge.disconnected || first === undefined || devices.every((dev) => dev.pmCap === 0)) return 0;
  const delay = 100;
  if (bridge.pcie === null) {
    await sleep(bridge, 1000 + delay);
    return 0;
  }
  if (!isDownstreamPort(bridge)) return 0;
  const speed = speedCap(bridge);
  if (speed !== 0 && speed <= 5) await sleep(bridge, delay);
  else if (!(await waitForLink(bridge, delay))) {
    bridge.info('Data Link Layer Link Active not set in 1000 msec');
    return -ENOTTY;
  }
  return devWait(first, what, READY_TIMEOUT - delay);
}

/** @see drivers/pci/pci.c pcie_wait_for_link_delay */
async function waitForLink(port: PciDevice, delay: number): Promise<boolean> {
  const reports = (readPcie(port, EXPRESS.LNKCAP, 4) & EXPRESS_BIT.LNKCAP_REPORTS_ACTIVE) !== 0;
  const isActive = (): boolean => (readPcie(port, EXPRESS.LNKSTA, 2) & EXPRESS_BIT.LNKSTA_ACTIVE) !== 0;
  if (!reports) {
    await sleep(port, 1000 + delay);
    return true;
  }
  await sleep(port, 20);
  for (let ms = 0; ms < 1000 && !isActive(); ms += 10) await sleep(port, 10);
  if (!isActive()) return false;
  await sleep(port, delay);
  return true;
}
