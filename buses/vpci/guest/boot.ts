import type { Kernel } from '../../../lib/base/kernel';
import { ErrnoError } from '../../../lib/errno';
import type { MaySleep } from '../../../lib/may-sleep';
import { pciBus } from './bus';
import { addHostBridge } from './acpi';
import type { PciFirmware } from './firmware';
import { ConfigAccess } from './config-access';
import { PciBus, PciHostBridge } from './device';
import { lockedRescanRemove } from './rescan-remove';
import { hostBridgeType, listenToHotplug } from './hotplug';
import { MACHINE } from '../layout';
import { busAddDevices, rescanBus, rescanBusBridgeResize, stopAndRemoveBusDevice } from './remove';
import { formatResource, IORESOURCE, type PciResource } from './resource';
import { scanChildBus } from './scan';
import { assignUnassignedResources, claimBusResources } from './setup-bus';
import { pciSlotInit } from './slots';
import { pcibusClass } from './sysfs-bus';

/** The windows of the host bridge, as firmware reports them. */
function rootWindows(firmware: PciFirmware | null): PciResource[] {
  const window = (flags: number, start: number, end: number): PciResource => ({
    start: BigInt(start),
    end: BigInt(end),
    flags: flags | IORESOURCE.WINDOW,
    claimed: true,
  });
  if (firmware !== null) {
    return firmware.windows.map(({ kind, first, last }) =>
      window(kind === 'io' ? IORESOURCE.IO : IORESOURCE.MEM, first, last),
    );
  }
  return [window(IORESOURCE.IO, 0, MACHINE.IO_LAST), window(IORESOURCE.MEM, MACHINE.MEM_FIRST, MACHINE.MEM_LAST)];
}

/** Registers the host bridge of the domain. @see drivers/pci/probe.c pci_register_host_bridge */
async function registerHostBridge(kernel: Kernel, config: ConfigAccess, firmware: PciFirmware | null): Promise<PciBus> {
  const ops = { rescanBus, rescanBusBridgeResize, stopAndRemoveBusDevice };
  const bridge = new PciHostBridge(kernel, config, ops, hostBridgeType, firmware);
  await addHostBridge(bridge);
  const bus = new PciBus(kernel, bridge, null, null, 0, config.lastBus, pcibusClass);
  await bus.add();
  kernel.log.info('PCI host bridge to bus 0000:00');
  for (const res of rootWindows(firmware)) {
    bus.windows.push({ res, claims: [], searched: new Map() });
    kernel.log.info(`pci_bus 0000:00: root bus resource ${formatResource(res)}`);
  }
  kernel.log.info(`pci_bus 0000:00: root bus resource [bus 00-${config.lastBus.toString(16).padStart(2, '0')}]`);
  return bus;
}

/**
 * The guest's way to its PCI devices: registers bus and class, scans, gives resources, and lets drivers match.
 *
 * @param lastBus highest bus number that the configuration window covers
 * @param firmware what its tables say of the machine; null: there are none
 * @throws ErrnoError ENODEV in a kernel without a port, EEXIST when the bus was booted before
 * @see arch/x86/pci/acpi.c pci_acpi_scan_root
 */
export function bootPci(kernel: Kernel, lastBus: number, firmware: PciFirmware | null = null): MaySleep<PciBus> {
  return kernel.world.run(() => boot(kernel, lastBus, firmware), `pci_init(${kernel.name})`, kernel);
}

async function boot(kernel: Kernel, lastBus: number, firmware: PciFirmware | null): Promise<PciBus> {
  const { port } = kernel;
  if (port === null) throw new ErrnoError('ENODEV', { syscall: 'pci_init', path: kernel.name });
  await kernel.registerClass(pcibusClass);
  await kernel.registerBus(pciBus);
  pciSlotInit(kernel);
  const bus = await registerHostBridge(kernel, new ConfigAccess(port, lastBus), firmware);
  await lockedRescanRemove(bus.root, async () => {
    await scanChildBus(bus);
    claimBusResources(bus);
    assignUnassignedResources(bus);
    await busAddDevices(bus);
  });
  listenToHotplug(bus);
  return bus;
}

/** Looks at all slots again. @throws ErrnoError ENXIO when the guest's port is unplugged */
export function rescanPci(bus: PciBus): MaySleep<void> {
  return bus.kernel.operate('pci_rescan_bus', '0000:00', () => lockedRescanRemove(bus.root, () => rescanBus(bus)));
}
