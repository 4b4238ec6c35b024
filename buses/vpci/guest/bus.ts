import type { Driver } from '../../../lib/base/driver';
import { ENODEV } from '../../../lib/errno';
import type { UeventEnv } from '../../../lib/kobject';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { pciDriverAliases } from './aliases';
import type { PciBusType, PciDevice, PciDriver } from './device';
import { explainMatch, matchDevice, modalias, pciDrvGroups } from './ids';
import { pciPmOps } from './power';
import { pciDevGroups } from './sysfs';
import { pciBusGroups } from './sysfs-bus';

function hexUpper(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0');
}

/** @see drivers/pci/pci-driver.c pci_uevent */
function pciUevent(dev: PciDevice, env: UeventEnv): number {
  const vars: readonly (readonly [string, string])[] = [
    ['PCI_CLASS', hexUpper(dev.classCode)],
    ['PCI_ID', `${hexUpper(dev.vendor)}:${hexUpper(dev.device)}`],
    ['PCI_SUBSYS_ID', `${hexUpper(dev.subsystemVendor)}:${hexUpper(dev.subsystemDevice)}`],
    ['PCI_SLOT_NAME', dev.name ?? ''],
    ['MODALIAS', modalias(dev)],
  ];
  for (const [key, value] of vars) {
    const error = env.add(key, value);
    if (error !== 0) return error;
  }
  return 0;
}

function driverOf(dev: PciDevice): Driver<PciDriver> {
  return dev.driver as unknown as Driver<PciDriver>;
}

/**
 * The id is looked up again: between match and probe it may have been removed.
 *
 * @returns 0; -ENODEV when no id matches any more; the error of probe
 * @see drivers/pci/pci-driver.c __pci_device_probe
 */
function pciDeviceProbe(dev: PciDevice): MaySleep<number> {
  const drv = driverOf(dev);
  if (drv.def.probe === undefined) return 0;
  const id = matchDevice(drv, dev);
  if (id === undefined) return -ENODEV;
  return andThen(drv.def.probe(dev, id), (result) => probeResult(dev, result ?? 0));
}

/** @see drivers/pci/pci-driver.c local_pci_probe */
function probeResult(dev: PciDevice, result: number): number {
  if (result <= 0) return result;
  dev.warn(`Driver probe function unexpectedly returned ${String(result)}`);
  return 0;
}

/** @see drivers/pci/pci-driver.c pci_device_remove */
function pciDeviceRemove(dev: PciDevice): MaySleep<void> {
  return driverOf(dev).def.remove?.(dev);
}

/** @see drivers/pci/pci-driver.c pci_device_shutdown */
function pciDeviceShutdown(dev: PciDevice): MaySleep<void> {
  return dev.driver === null ? undefined : driverOf(dev).def.shutdown?.(dev);
}

/**
 * The PCI bus.
 *
 * @see drivers/pci/pci-driver.c pci_bus_type
 */
export const pciBus: PciBusType = {
  name: 'pci',
  callsDriver: true,
  busGroups: pciBusGroups,
  devGroups: pciDevGroups,
  drvGroups: pciDrvGroups,
  match: (dev, drv) => dev.matchDriver && matchDevice(drv, dev) !== undefined,
  explainMatch,
  aliases: pciDriverAliases,
  uevent: pciUevent,
  probe: pciDeviceProbe,
  remove: pciDeviceRemove,
  shutdown: pciDeviceShutdown,
  pm: pciPmOps,
};
