import { EPROBE_DEFER, ErrnoError } from '../../../lib/errno';
import { unlinkCompanion } from './acpi';
import { releaseBusnRes } from './bus-numbers';
import type { PciBus, PciDevice } from './device';
import { reenableDevice, setMaster } from './enable';
import { freeMsixVectors } from './msi';
import { deviceIsPresent, scanChildBus } from './scan';
import { assignUnassignedResources } from './setup-bus';
import { freeResources } from './setup-res';
import { removeSlots } from './slots';
import { createResourceFiles, removeResourceFiles } from './sysfs-resource';
import { removeVgaDevice } from './vga-arbiter';

/**
 * The second phase: drivers may match from now on, and are tried at once, whatever drivers_autoprobe says.
 *
 * @see drivers/pci/bus.c pci_bus_add_device
 */
async function busAddDevice(dev: PciDevice): Promise<void> {
  createResourceFiles(dev);
  dev.matchDriver = true;
  try {
    await dev.attach();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    if (error.errno !== -EPROBE_DEFER) dev.warn(`device attach failed (${String(error.errno)})`);
  }
  dev.isAdded = true;
}

/** A whole bus first, then what is behind its bridges. @see drivers/pci/bus.c pci_bus_add_devices */
export async function busAddDevices(bus: PciBus): Promise<void> {
  for (const dev of [...bus.devices]) if (!dev.isAdded) await busAddDevice(dev);
  for (const dev of [...bus.devices]) if (dev.subordinate !== null) await busAddDevices(dev.subordinate);
}

/** Finds what is new. The caller holds the lock. @see drivers/pci/probe.c pci_rescan_bus */
export async function rescanBus(bus: PciBus): Promise<void> {
  await scanChildBus(bus);
  assignUnassignedResources(bus);
  await busAddDevices(bus);
}

/** {@link rescanBus} for a bus with nothing on it. @see drivers/pci/probe.c pci_rescan_bus_bridge_resize */
export async function rescanBusBridgeResize(bus: PciBus, bridge: PciDevice): Promise<void> {
  await scanChildBus(bus);
  assignUnassignedResources(bus);
  const error = reenableDevice(bridge);
  if (error < 0) bridge.err(`Error reenabling bridge (${String(error)})`);
  setMaster(bridge);
  await busAddDevices(bus);
}

/** Drivers leave the whole subtree, the last child first. @see drivers/pci/remove.c pci_stop_bus_device */
async function stopBusDevice(dev: PciDevice): Promise<void> {
  for (const child of [...(dev.subordinate?.devices ?? [])].reverse()) await stopBusDevice(child);
  if (!dev.isAdded) return;
  await dev.releaseDriver();
  removeResourceFiles(dev);
  dev.isAdded = false;
}

/** The devices of the subtree go, the first child first. @see drivers/pci/remove.c pci_remove_bus_device */
async function removeBusDevice(dev: PciDevice): Promise<void> {
  const { subordinate } = dev;
  if (subordinate !== null) {
    for (const child of [...subordinate.devices]) await removeBusDevice(child);
    releaseBusnRes(subordinate);
    await removeSlots(subordinate);
    await subordinate.unregister();
    dev.subordinate = null;
  }
  await destroyDevice(dev);
}

/** @see drivers/pci/remove.c pci_destroy_dev */
async function destroyDevice(dev: PciDevice): Promise<void> {
  if (!dev.isRegistered) return;
  removeVgaDevice(dev);
  unlinkCompanion(dev);
  await dev.del();
  dev.pciBus.removeDevice(dev);
  freeMsixVectors(dev);
  freeResources(dev);
  dev.put();
}

/** Takes a device with all below it away. The caller holds the lock. @see pci_stop_and_remove_bus_device */
export async function stopAndRemoveBusDevice(dev: PciDevice): Promise<void> {
  await stopBusDevice(dev);
  await removeBusDevice(dev);
}

/** These slots are empty: registers are not accessed any more, and drivers can detect that. */
function setDisconnected(dev: PciDevice): void {
  for (const child of dev.subordinate?.devices ?? []) setDisconnected(child);
  dev.disconnected = true;
}

/** Removes the devices that do not respond. @see drivers/pci/hotplug/acpiphp_glue.c trim_stale_devices */
export async function trimStaleDevices(bus: PciBus): Promise<void> {
  for (const dev of [...bus.devices]) {
    if (!deviceIsPresent(dev)) {
      setDisconnected(dev);
      await stopAndRemoveBusDevice(dev);
    } else if (dev.subordinate !== null) await trimStaleDevices(dev.subordinate);
  }
}
