import { EAGAIN, errnoOf, ENOTTY } from '../../../lib/errno';
import type { PciBus, PciDevice } from './device';
import { COMMAND, PCI } from '../layout';
import { resetSecondaryBus, waitForSecondaryBus } from './reset-methods';
import { restoreState, saveState } from './save-state';

/** The device is disabled without interrupts, and its registers are saved. @see pci_dev_save_and_disable */
function saveAndDisable(dev: PciDevice): void {
  dev.powerState = 'D0';
  saveState(dev);
  dev.writeConfig(PCI.COMMAND, 2, COMMAND.INTX_DISABLE);
}

/** The first way that is possible is the one that counts. @see drivers/pci/pci.c __pci_reset_function_locked */
async function resetLocked(dev: PciDevice): Promise<number> {
  for (const method of dev.resetMethods) {
    const error = method.probe(dev) ? await method.reset(dev) : -ENOTTY;
    if (error !== -ENOTTY) return error;
  }
  return -ENOTTY;
}

/**
 * Resets one function; its header and its messages are as before, everything else is as after power-on. Its driver is
 * not notified.
 *
 * @returns 0; -ENOTTY when it has no reset method, or when it does not respond afterwards; -EINVAL in a state that
 *   forbids it
 * @see drivers/pci/pci.c pci_reset_function
 */
export async function resetFunction(dev: PciDevice): Promise<number> {
  if (dev.resetMethods.length === 0) return -ENOTTY;
  await dev.lock();
  return unlockAfter([dev], async () => {
    saveAndDisable(dev);
    const error = await resetLocked(dev);
    restoreState(dev);
    return error;
  });
}

/**
 * Resets all that is behind a bridge.
 *
 * @returns 0; -EAGAIN when one of the devices is locked; -ENOTTY when the first one does not respond afterwards
 * @see drivers/pci/pci.c __pci_reset_bus
 */
export async function resetBus(bus: PciBus): Promise<number> {
  const { self } = bus;
  if (self === null) return -ENOTTY;
  const devices = [self, ...[...bus.below()].flatMap((each) => each.devices)];
  if (devices.some((dev) => dev.isLocked)) return -EAGAIN;
  for (const dev of devices) await dev.lock();
  return unlockAfter(devices, async () => {
    for (const dev of devices.slice(1)) saveAndDisable(dev);
    const error = await resetSecondaryBus(bus);
    await restoreBus(bus);
    return error;
  });
}

/** Bridges first, so that what is behind them can be reached. @see drivers/pci/pci.c pci_bus_restore_locked */
async function restoreBus(bus: PciBus): Promise<void> {
  for (const dev of bus.devices) {
    restoreState(dev);
    if (dev.subordinate === null) continue;
    await waitForSecondaryBus(dev, 'bus reset');
    await restoreBus(dev.subordinate);
  }
}

/** An error releases the locks; an oops keeps them. */
async function unlockAfter(devices: readonly PciDevice[], body: () => Promise<number>): Promise<number> {
  const unlock = (): void => devices.forEach((dev) => dev.unlock());
  try {
    const error = await body();
    unlock();
    return error;
  } catch (error) {
    if (errnoOf(error) !== undefined) unlock();
    throw error;
  }
}
